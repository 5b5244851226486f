# METADATA
# scope: package
# custom:
#   id: ANS-03.02
#   title:
#     fr: Aucune redirection de port d’Internet vers l’intérieur du cabinet
#     en: No port forward from the Internet towards the inside of the practice
#   severity: high
#   checkpoints: [CP03]
#   principle: P04
#   basis: [pgssi-s, anssi, case-law]
#   subject: device
#   roles: [router]
#   needs:
#     - [device.system.port_forwards, device.system.interfaces]
#     - [device.system.port_forwards]  # enough where there is none; where there is one, the rule asks for the rest
#   message:
#     fr: "{device} renvoie vers {target} ce qui arrive d’Internet sur {port}."
#     en: "{device} sends on to {target} what arrives from the Internet on {port}."
#   warning:
#     fr: >-
#       {device} renvoie vers {target} ce qui lui arrive sur {port} du côté d’Internet, mais pas de partout : une autre
#       box, l’opérateur ou un filtre d’adresses se trouve devant. Reste à voir qui arrive jusque-là.
#     en: >-
#       {device} sends on to {target} what reaches it on {port} from the Internet side, but not from everywhere: another
#       box, the operator or an address filter stands in front. Who gets that far remains to be checked.
#   remedy:
#     fr: >-
#       Demandez à votre informaticien à quoi sert cette redirection. Si personne ne sait, faites-la supprimer ;
#       si elle sert, un VPN la remplace. Pour lui : redirection {port} vers {target_address}.
#     en: >-
#       Ask your technician what this forward is for. If nobody knows, have it removed; if it is used, a VPN replaces
#       it. For them: forward {port} to {target_address}.
#   references:
#     - CNIL, délibération SAN-2020-015 du 7 décembre 2020
#     - PGSSI-S, canevas de PSSI, 4.3.1.2, 4.3.2.5 et 4.3.2.6
#     - ANSSI, MonAideCyber, flux entrants strictement nécessaires
package ans.cp03.port_forward

import data.lib.target
import data.lib.unread
import data.lib.way_in

fail contains finding if {
	some forward in _forwards
	forward.side == "outside"
	not forward.filtered
	severity := _severity(forward.finding.values.target_address)
	finding := object.union(forward.finding, {"severity": severity})
}

warn contains finding if {
	some forward in _forwards
	_in_part(forward)
	finding := object.union(forward.finding, {"severity": "medium"})
}

unknown contains finding if {
	some forward in _forwards
	forward.side == "unknown"
	finding := object.union(forward.finding, {"cause": "way_in_unknown"})
}

not_applicable contains finding if {
	some device in input.devices
	some forward in device.system.port_forwards
	_told(device, forward)
	left := {entry.side | some entry in _forwards; entry.finding.subject == device.id}
	count(left - {"inside"}) == 0
	not unread.touches(device, "system.port_forwards")
	finding := {"subject": device.id, "cause": "told_by_upnp", "fact": "system/port_forwards"}
}

_forwards contains entry if {
	some device in input.devices
	some index, forward in device.system.port_forwards
	not forward.enabled == false
	inner := forward.target
	not _is_its_own(device, inner)
	not _told(device, forward)
	finding := {
		"subject": device.id,
		"item": concat(" → ", [forward.external, forward.target]),
		"fact": concat("/", ["system/port_forwards", format_int(index, 10)]),
		"values": {
			"target": target.name(forward.target),
			"target_address": forward.target,
			"port": forward.external,
			"origin": forward.origin,
		},
	}
	filtered := count(object.get(forward, "source_filter", [])) > 0
	entry := {"side": way_in.side(device, forward), "filtered": filtered, "finding": finding}
}

_in_part(forward) if forward.side == "relayed"

_in_part(forward) if {
	forward.side == "outside"
	forward.filtered
}

# What is sent on to the device itself stays on it.
_is_its_own(device, address) if {
	some interface in device.system.interfaces
	address in interface.addresses
}

_severity(address) := "critical" if {
	target.is_one_of(address, data.parameters.sensitive_categories)
} else := "high"

# What the router lists by UPnP too is told by ANS-03.04, from the wire: once is enough for whoever reads the report.
_told(device, forward) if {
	forward.origin == "upnp"
	some mapping in device.network.upnp.mappings
	mapping.enabled
	mapping.external == forward.external
	mapping.target == forward.target
}
