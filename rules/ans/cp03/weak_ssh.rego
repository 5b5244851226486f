# METADATA
# scope: package
# custom:
#   id: ANS-03.17
#   title:
#     fr: Accès SSH sans chiffrement dépassé, ni compte root par mot de passe
#     en: SSH access without outdated encryption or a root account by password
#   severity: medium
#   checkpoints: [CP03]
#   principle: P04
#   basis: [anssi, good-practice]
#   subject: device
#   needs:
#     - [device.network.ssh_offers, device.system.ssh.root_login]
#   message:
#     fr: "La porte de service de {device} (SSH, {about_fr}) est trop faiblement fermée."
#     en: "The service door of {device} (SSH, {about_en}) is too weakly locked."
#   warning:
#     fr: "La porte de service de {device} (SSH, {about_fr}) accepte, à côté d’une bonne serrure, une plus faible."
#     en: "The service door of {device} (SSH, {about_en}) still takes a weaker lock beside a good one."
#   remedy:
#     fr: >-
#       Réglage à faire par votre informaticien, lors de sa prochaine venue. Pour lui : dans les réglages SSH,
#       {step_fr} ; entrer par clé, avec un compte nominatif.
#     en: >-
#       A setting for your technician, on their next visit. For them: in the SSH settings, {step_en};
#       log in by key, with a named account.
#   references:
#     - ANSSI, Usage sécurisé d’(Open)SSH, R7, R15, R17 et R21
#     - "RFC 9142 (échanges de clés), RFC 8758 (arcfour), RFC 8332 (ssh-rsa)"
package ans.cp03.weak_ssh

import data.lib.wire

_root_by_password := ["system/ssh/root_login", "system/ssh/password_authentication"]

# Each direction is agreed on by itself (RFC 4253 §7.1).
_lists := ["key_exchanges", "host_keys", "ciphers", "macs", "client_ciphers", "client_macs"]

fail contains finding if {
	some offer in _offers
	count(offer.bad) > 0
	finding := _finding(offer, offer.bad, {})
}

warn contains finding if {
	some offer in _offers
	count(offer.bad) == 0
	count(offer.weak) > 0
	finding := _finding(offer, offer.weak, {"severity": "low"})
}

fail contains finding if {
	some device in input.devices
	device.system.ssh.root_login == "yes"
	device.system.ssh.password_authentication
	not _root_alone(device)
	values := _about_root(["PermitRootLogin", "PasswordAuthentication"], "yes", "no")
	finding := {"subject": device.id, "item": "root_login", "facts": _root_by_password, "values": values}
}

# A system whose only account is root comes so from its maker: a key is better, and nobody else can be named.
warn contains finding if {
	some device in input.devices
	device.system.ssh.root_login == "yes"
	device.system.ssh.password_authentication
	_root_alone(device)
	values := _about_root(["RootPasswordAuth", "PasswordAuth"], "on", "off")
	more := {"item": "root_login", "severity": "low", "facts": _root_by_password, "values": values}
	finding := object.union({"subject": device.id}, more)
}

# Taking the lines out would bring the default back, which lets passwords in.
_about_root(names, now, then) := {
	"settings": [concat(" ", [name, now]) | some name in names],
	"about_fr": "root par mot de passe",
	"about_en": "root by password",
	"step_fr": concat(" ", ["mettre", wanted, "(ou leur équivalent dans ses menus)"]),
	"step_en": concat(" ", ["set", wanted, "(or their equivalent in its menus)"]),
} if {
	wanted := concat(", ", [concat(" ", [name, then]) | some name in names])
}

_root_alone(device) if device.system.identity.os == "openwrt"

unknown contains finding if {
	some device in input.devices
	some offer in device.network.ssh_offers
	some name in _lists
	not offer[name]
	finding := {"subject": device.id, "cause": "ssh_settings_unknown", "fact": "network/ssh_offers"}
}

unknown contains finding if {
	some device in input.devices
	device.system.ssh.root_login == "yes"
	settings := device.system.ssh
	object.get(settings, "password_authentication", null) == null
	finding := {"subject": device.id, "cause": "ssh_settings_unknown", "fact": "system/ssh"}
}

not_applicable contains finding if {
	some device in input.devices
	wire.closed(device, [22], input.unread)
	wire.never_speaks(device, "ssh")
	not device.network.ssh_offers
	not device.network.ssh
	not device.system.ssh
	finding := {"subject": device.id, "cause": "no_ssh", "fact": "network/tcp_probed"}
}

_offers contains offer if {
	some device in input.devices
	some index, seen in device.network.ssh_offers
	broken := {name | some list in _lists; some name in seen[list]; name in data.parameters.ssh_broken}
	old := {name | some list in _lists; some name in seen[list]; name in data.parameters.ssh_weak}
	alone := {name | some list in _lists; _only_old(seen[list]); some name in seen[list]; name in old}
	offer := {"id": device.id, "index": index, "port": seen.port, "bad": broken | alone, "weak": old}
}

# Nothing better stands in the list.
_only_old(names) if {
	markers := {name | some name in data.parameters.ssh_markers}
	real := {name | some name in names} - markers
	count(real) > 0
	every name in real {
		name in array.concat(data.parameters.ssh_broken, data.parameters.ssh_weak)
	}
}

_finding(offer, names, more) := object.union(more, {
	"subject": offer.id,
	"item": _port(offer),
	"fact": concat("/", ["network/ssh_offers", format_int(offer.index, 10)]),
	"values": {
		"port": _port(offer),
		"settings": sort(names),
		"about_fr": _port(offer),
		"about_en": _port(offer),
		"step_fr": concat(" ", ["retirer", listed, "; mettre à jour l’appareil s’il n’offre rien de mieux"]),
		"step_en": concat("", ["remove ", listed, "; update the device if it offers nothing better"]),
	},
}) if {
	listed := concat(", ", sort(names))
}

_port(offer) := concat("/", ["tcp", format_int(offer.port, 10)])
