# METADATA
# scope: package
# custom:
#   id: ANS-02.29
#   title:
#     fr: Chaque appareil est toujours celui qu’il était
#     en: Every device is still the one it was
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   basis: [pgssi-s, good-practice]
#   subject: device
#   needs:
#     - [history.known, device.traits]
#   message:
#     fr: "Un autre appareil répond à la place de {device} ({address}), sous son adresse MAC : {changed_fr}."
#     en: "Another device answers in place of {device} ({address}), under its MAC address: {changed_en}."
#   warning:
#     fr: "{device} n’est plus tout à fait celui d’avant : {changed_fr}. A-t-il été réinstallé ou remplacé ?"
#     en: "{device} is not quite what it was: {changed_en}. Was it reinstalled or replaced?"
#   remedy:
#     fr: >-
#       Demandez si cet appareil a été remplacé ou réinstallé. Si personne ne le confirme, débranchez-le du réseau et
#       prévenez votre informaticien. Un changement voulu s’accepte dans waivers.yaml, ou se tait de lui-même après
#       30 jours.
#     en: >-
#       Ask whether this device was replaced or reinstalled. If nobody confirms it, unplug it from the network and call
#       your technician. A wanted change is accepted in waivers.yaml, or falls silent by itself after 30 days.
#   references:
#     - PGSSI-S, canevas de PSSI, 4.2.1.4
package ans.cp02.clone

import data.lib.traits

# Two numbers that a device keeps for life, or with its system, are others; no proven serial number says it is the same.
fail contains finding if {
	some case in _cases
	count(case.changed) > 1
	not case.same
	finding := _finding(case)
}

# One number, another system or maker, or a known serial number: a reinstalled machine, a new firmware, a new part.
warn contains finding if {
	some case in _cases
	count(case.changed) > 1
	case.same
	finding := _finding(case)
}

warn contains finding if {
	some case in _cases
	count(case.changed) < 2
	count((case.changed | case.differing) - {"host_key"}) > 0
	finding := _finding(case)
}

# ANS-05.16 tells it already.
unknown contains finding if {
	some case in _cases
	case.changed | case.differing == {"host_key"}
	finding := {"subject": case.device.id, "cause": "told_by_ssh_host_key", "fact": "network/ssh"}
}

# It showed more once than it does today: a login that failed, a service that is off.
unknown contains finding if {
	some case in _cases
	case.known
	not case.comparable
	count(case.changed | case.differing) == 0
	finding := {"subject": case.device.id, "cause": "identity_not_shown", "fact": "network/macs"}
}

not_applicable contains finding if {
	some device in input.devices
	count(device.network) > 0
	not input.history.known[device.id]
	finding := {"subject": device.id, "cause": "first_identity", "fact": "network/macs"}
}

not_applicable contains finding if {
	some case in _cases
	not case.known
	count(case.changed | case.differing) == 0
	finding := {"subject": case.device.id, "cause": "nothing_but_a_mac", "fact": "network/macs"}
}

_cases contains case if {
	some device in input.devices
	now := device.traits
	before := input.history.known[device.id].traits
	case := {
		"device": device,
		"changed": traits.contradicted(before, now) - _accepted(device),
		"differing": traits.differing(before, now),
		"same": traits.same(before, now, "serial"),
		"known": traits.comparable(before, before),
		"comparable": traits.comparable(before, now),
	}
}

# Whoever is responsible took the new SSH key for the device's own.
_accepted(device) := {"host_key"} if {
	device.network.ssh.pinned == device.network.ssh.fingerprint
} else := set()

_finding(case) := {
	"subject": case.device.id,
	"facts": array.concat(["network/macs"], sort(facts)),
	"values": {"changed_fr": sort(words_fr), "changed_en": sort(words_en)},
} if {
	kinds := case.changed | case.differing
	facts := {data.parameters.identity_words[kind].fact | some kind in kinds}
	words_fr := [data.parameters.identity_words[kind].fr | some kind in kinds]
	words_en := [data.parameters.identity_words[kind].en | some kind in kinds]
}
