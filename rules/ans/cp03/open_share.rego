# METADATA
# scope: package
# custom:
#   id: ANS-03.25
#   title:
#     fr: Aucun dossier partagé ouvert sans mot de passe
#     en: No shared folder open without a password
#   severity: critical
#   checkpoints: [CP03]
#   principle: P04
#   basis: [pgssi-s, cnil, case-law, good-practice]
#   subject: device
#   needs:
#     - [device.network.smb.shares, device.network.ports]
#   message:
#     fr: "Le partage « {share} » de {device} accepte n’importe quel appareil branché ici, sans mot de passe."
#     en: "The share “{share}” of {device} lets in any device plugged in here, without a password."
#   warning:
#     fr: >-
#       Le dossier « {share} » de {device} est réglé pour s’ouvrir sans mot de passe ; à l’essai, il est resté fermé.
#     en: "The folder “{share}” of {device} is set to open without a password; when tried, it stayed closed."
#   remedy:
#     fr: >-
#       Mettez un mot de passe sur ce dossier dès aujourd’hui, puis vérifiez que chaque poste y accède avec le sien.
#       Pour votre informaticien : retirer l’accès invité (« guest ok », NFS pour tous, FTP anonyme) du partage {share}.
#     en: >-
#       Put a password on this folder today, then check that every workstation reaches it with its own. For your
#       technician: remove guest access (“guest ok”, NFS to everybody, anonymous FTP) from the share {share}.
#   references:
#     - CNIL, délibération SAN-2020-014 du 7 décembre 2020
#     - CNIL, Guide pratique de la sécurité des données personnelles, fiche 4
#     - PGSSI-S, canevas de PSSI, 5.3.1.1
package ans.cp03.open_share

import data.lib.wire

_ports := [139, 445]

fail contains finding if {
	some device in input.devices
	some index, share in device.network.smb.shares
	_granted(share)
	finding := _finding(device.id, "network/smb/shares", index, share.name)
}

fail contains finding if {
	some said in _said
	not said.tried
	finding := said.finding
}

# The device says so, and a guest was refused there all the same.
warn contains finding if {
	some said in _said
	said.tried
	finding := object.union(said.finding, {"severity": "medium"})
}

unknown contains finding if {
	some device in input.devices
	not device.network.smb
	wire.filtered(device, _ports)
	finding := {"subject": device.id, "cause": "filtered", "fact": "network/tcp_filtered"}
}

# It also shares in a way that nobody tried, and does not say what.
unknown contains finding if {
	some device in input.devices
	_other_door(device)
	not device.system.shares
	finding := {"subject": device.id, "cause": "other_sharing", "fact": "network/ports"}
}

not_applicable contains finding if {
	some device in input.devices
	wire.closed(device, _ports, input.unread)
	not _other_door(device)
	not _says_sharing(device)
	finding := {"subject": device.id, "cause": "no_file_sharing", "fact": "network/tcp_probed"}
}

_granted(share) if {
	share.kind == "disk"
	share.access in {"read", "write"}
}

# What the device says it opens to guests, but for what the wire showed to be open.
_said contains said if {
	some device in input.devices
	some index, share in device.system.shares
	share.guest
	open := {seen.name | some seen in device.network.smb.shares; _granted(seen)}
	name := share.name
	not name in open
	said := {"tried": _tried(device, share), "finding": _finding(device.id, "system/shares", index, name)}
}

_tried(device, share) if {
	share.protocol == "smb"
	device.network.smb.shares
} else := false

_finding(subject, list, index, name) := {
	"subject": subject,
	"item": name,
	"fact": concat("/", [list, format_int(index, 10)]),
	"values": {"share": name},
}

_other_door(device) if {
	some port in device.network.ports
	port.port in data.parameters.file_sharing_ports
}

_says_sharing(device) if count(device.system.shares) > 0

_says_sharing(device) if {
	some service in device.system.services
	service.port in _ports
}
