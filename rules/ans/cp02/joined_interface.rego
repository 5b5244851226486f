# METADATA
# scope: package
# custom:
#   id: ANS-02.30
#   title:
#     fr: Toutes les interfaces des appareils déclarés sont dans l’inventaire
#     en: Every interface of the declared devices is in the inventory
#   severity: low
#   checkpoints: [CP02]
#   principle: P03
#   basis: [good-practice]
#   subject: device
#   needs:
#     - [device.declared, device.network.macs]
#   message:
#     fr: >-
#       {device} est aussi vu à l’adresse matérielle {mac}, que l’inventaire ne connaît pas : le même identifiant
#       ({kind}) les relie.
#     en: >-
#       {device} is also seen at the hardware address {mac}, which the inventory does not know: the same identifier
#       ({kind}) links them.
#   remedy:
#     fr: >-
#       Si c’est bien lui (autre prise, Wi-Fi, station d’accueil), ajoutez cette adresse à « macs » dans l’inventaire ;
#       si c’est une adresse aléatoire, désactivez d’abord « Adresse Wi-Fi privée » sur l’appareil pour ce réseau.
#       Sinon, mettez-la dans « not_same » : quelqu’un se fait passer pour lui.
#     en: >-
#       If it is the same device (another socket, Wi-Fi, a dock), add this address to “macs” in the inventory; if the
#       address is random, first switch “private Wi-Fi address” off on the device for this network. If not, put it
#       into “not_same”: somebody poses as it.
#   references:
#     - "ours: what a device announces can be copied, so whatever only that links to a declared device is told"
package ans.cp02.joined_interface

warn contains finding if {
	some device in input.devices
	some item in {_item(link) | some link in _unproven(device)}
	same := {link | some link in _unproven(device); _item(link) == item}
	finding := {
		"subject": device.id,
		"item": item,
		"fact": "network/macs",
		"values": {
			"mac": concat(", ", sort({link.mac | some link in same})),
			"kind": concat(", ", sort({_kind(link.reason) | some link in same})),
		},
	}
}

_unproven(device) := {link |
	some link in device.links
	link.announced
	declared := object.get(device.declared, "macs", [])
	mac := link.mac
	not mac in declared
}

# An invented MAC is another one tomorrow: what links it stays.
_item(link) := link.mac if {
	_burned_in(link.mac)
} else := link.value

# As people say them in both languages; the number itself is with the device.
_kinds := {
	"dhcp_id": "DHCP", "engine_id": "SNMP", "host_key": "SSH", "mac": "MAC", "serial": "S/N", "upnp_serial": "UPnP",
	"uuid": "UUID",
}

_kind(reason) := object.get(_kinds, reason, reason)

# The second bit of the first octet (IEEE 802-2014 §8.4) is not set.
_burned_in(mac) if substring(mac, 1, 1) in {"0", "1", "4", "5", "8", "9", "c", "d"}
