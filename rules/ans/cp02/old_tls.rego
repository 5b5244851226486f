# METADATA
# scope: package
# custom:
#   id: ANS-02.20
#   title:
#     fr: Chiffrement des pages et services internes à jour (TLS 1.2 ou mieux)
#     en: Up-to-date encryption of internal pages and services (TLS 1.2 or better)
#   severity: medium
#   checkpoints: [CP02]
#   principle: P03
#   basis: [anssi, good-practice]
#   subject: device
#   needs:
#     - [device.network.tls, device.network.tcp_probed]
#   message:
#     fr: "{device} accepte encore un chiffrement dépassé sur {port} : ce qui y passe pourrait se lire."
#     en: "{device} still accepts outdated encryption on {port}: what passes there could be read."
#   remedy:
#     fr: >-
#       Faites mettre à jour cet appareil ; les versions anciennes se coupent souvent d’une case dans ses réglages. Pour
#       votre informaticien : sur {port}, désactiver {versions}, garder TLS 1.2 et 1.3.
#     en: >-
#       Have this device updated; a box in its settings often switches old versions off. For your technician: on {port},
#       disable {versions}, keep TLS 1.2 and 1.3.
#   references:
#     - ANSSI, Recommandations de sécurité relatives à TLS, R3 et R4
#     - "RFC 8996 (TLS 1.0 et 1.1) et RFC 7568 (SSLv3)"
package ans.cp02.old_tls

import data.lib.unread
import data.lib.wire

fail contains finding if {
	some device in input.devices
	some index, seen in device.network.tls
	old := [version | some version in seen.versions; version in data.parameters.old_tls_versions]
	count(old) > 0
	finding := object.union(_finding(device.id, index, seen), {"values": {"versions": old}})
}

unknown contains finding if {
	some device in input.devices
	some index, seen in device.network.tls
	not seen.versions
	finding := object.union(_finding(device.id, index, seen), {"cause": "tls_versions_unknown"})
}

unknown contains finding if {
	some device in input.devices
	asked := device.network.tcp_probed
	some number in data.parameters.tls_ports
	not number in asked
	not wire.filtered(device, [number])
	finding := {"subject": device.id, "cause": "not_probed", "fact": "network/tcp_probed"}
}

unknown contains finding if {
	some device in input.devices
	wire.filtered(device, data.parameters.tls_ports)
	finding := {"subject": device.id, "cause": "filtered", "fact": "network/tcp_filtered"}
}

# Asked, and no port answered in TLS.
not_applicable contains finding if {
	some device in input.devices
	seen := device.network.tls
	wire.probed(device, data.parameters.tls_ports)
	every port in seen {
		port.versions == []
	}
	not unread.touches(device, "network.tls")
	finding := {"subject": device.id, "cause": "no_tls", "fact": "network/tcp_probed"}
}

# Nobody had to ask: every open port proved to speak something else.
not_applicable contains finding if {
	some device in input.devices
	not device.network.tls
	wire.closed(device, data.parameters.tls_ports, input.unread)
	wire.only_speaks(device, data.parameters.plain_services)
	finding := {"subject": device.id, "cause": "no_tls", "fact": "network/tcp_probed"}
}

_finding(subject, index, seen) := {
	"subject": subject,
	"item": _port(seen),
	"fact": concat("/", ["network/tls", format_int(index, 10)]),
	"values": {"port": _port(seen)},
}

_port(seen) := concat("/", ["tcp", format_int(seen.port, 10)])
