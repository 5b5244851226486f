# METADATA
# scope: package
# custom:
#   id: ANS-03.04
#   title:
#     fr: Aucune porte ouverte automatiquement vers Internet (UPnP)
#     en: No door opened automatically towards the Internet (UPnP)
#   severity: high
#   checkpoints: [CP03]
#   principle: P04
#   basis: [pgssi-s, case-law]
#   subject: device
#   roles: [router]
#   needs:
#     - [device.network.upnp.mappings]
#   message:
#     fr: "Une porte vers Internet s’est ouverte toute seule : {device} laisse entrer vers {target} ({port})."
#     en: "A door to the Internet opened by itself: {device} lets in towards {target} ({port})."
#   warning:
#     fr: >-
#       Une porte s’est ouverte toute seule sur {device}, vers {target} ({port}). Une autre box, ou
#       l’opérateur, se trouve devant : reste à voir si Internet arrive jusque-là.
#     en: >-
#       A door opened by itself on {device}, towards {target} ({port}). Another box, or the operator,
#       stands in front: whether the Internet gets that far remains to be checked.
#   remedy:
#     fr: >-
#       Un appareil ou un logiciel du cabinet a demandé cette ouverture. Faites-la supprimer et coupez l’ouverture
#       automatique, pour qu’elle ne revienne pas. Pour votre informaticien : supprimer la redirection {port} vers
#       {target_address}, désactiver UPnP IGD sur le routeur, puis sur l’appareil visé ; un VPN la remplace.
#     en: >-
#       A device or a program of the practice asked for this opening. Have it removed, and automatic opening switched
#       off so that it does not come back. For your technician: delete the mapping {port} towards {target_address},
#       disable UPnP IGD on the router, then on the device it leads to; a VPN replaces it.
#   references:
#     - CNIL, délibération SAN-2020-015 du 7 décembre 2020
#     - PGSSI-S, canevas de PSSI, 4.3.2.4
#     - "UPnP Forum, WANIPConnection:1, GetGenericPortMappingEntry"
package ans.cp03.upnp_mapping

import data.lib.target
import data.lib.way_in

fail contains finding if {
	some door in _doors
	door.enabled == true
	id := door.finding.subject
	not id in _relayed
	finding := object.union(door.finding, {"severity": _severity(door.finding.values.target_address)})
}

warn contains finding if {
	some door in _doors
	door.enabled == true
	door.finding.subject in _relayed
	finding := object.union(door.finding, {"severity": "medium"})
}

unknown contains finding if {
	some door in _doors
	door.enabled == "unknown"
	finding := object.union(door.finding, {"cause": "door_state_unknown"})
}

# Silence on the wire proves nothing; the device's own word does.
not_applicable contains finding if {
	some device in input.devices
	device.system.upnp.enabled == false
	not device.network.upnp
	finding := {"subject": device.id, "cause": "upnp_off", "fact": "system/upnp"}
}

_doors contains door if {
	some device in input.devices
	some index, mapping in device.network.upnp.mappings
	door := {"enabled": object.get(mapping, "enabled", "unknown"), "finding": {
		"subject": device.id,
		"item": concat(" → ", [mapping.external, mapping.target]),
		"fact": concat("/", ["network/upnp/mappings", format_int(index, 10)]),
		"values": {
			"target": target.name(mapping.target),
			"target_address": mapping.target,
			"port": mapping.external,
		},
	}}
}

_relayed contains id if {
	some device in input.devices
	address := object.get(device.network.upnp, "external_address", "")
	address != ""
	way_in.is_private(address)
	id := device.id
}

_relayed contains id if {
	some device in input.devices
	way_in.side(device, {}) == "relayed"
	id := device.id
}

_severity(address) := "critical" if {
	target.is_one_of(address, data.parameters.private_categories)
} else := "high"
