# METADATA
# scope: package
# custom:
#   id: ANS-02.04
#   title:
#     fr: Aucun appareil de passage à MAC aléatoire sur le réseau professionnel
#     en: No passing device with a random MAC on the professional network
#   severity: low
#   checkpoints: [CP02]
#   principle: P03
#   basis: [pgssi-s, good-practice]
#   subject: device
#   needs:
#     - [device.network.mac_randomised, device.network.zone]
#   message:
#     fr: "Appareils de passage à MAC aléatoire sur le réseau du cabinet : {count} ({devices})."
#     en: "Passing devices with a random MAC on the practice network: {count} ({devices})."
#   remedy:
#     fr: >-
#       Ce sont sans doute des téléphones : passez-les sur le Wi-Fi invité. Sur les tablettes et téléphones du cabinet,
#       désactivez « adresse Wi-Fi privée » pour le Wi-Fi du cabinet, puis ajoutez-les à l’inventaire.
#     en: >-
#       They are probably phones: move them to the guest Wi-Fi. On the tablets and phones of the practice, turn off
#       “private Wi-Fi address” for the practice Wi-Fi, then add them to the inventory.
#   references:
#     - PGSSI-S, canevas de PSSI, 4.2.1.4
package ans.cp02.random_mac

import data.lib.transient

# One row for the practice, however often they change their MACs. A declared device is none of them: its owner knows it.
warn contains finding if {
	passing := [device | some device in input.devices; _counted(device)]
	number := count(passing)
	number > 0
	finding := {
		"subject": "site",
		"item": "passing",
		"devices": sort([device.id | some device in passing]),
		"facts": ["network/macs", "network/hostname"],
		"values": {"count": number, "devices": sort([device.name | some device in passing])},
	}
}

unknown contains finding if {
	some device in input.devices
	_counted(device)
	finding := {"subject": device.id, "cause": "passing_device", "fact": "network/macs"}
}

unknown contains finding if {
	some device in input.devices
	device.network.mac_randomised
	not device.declared
	transient.serves(device)
	finding := {"subject": device.id, "cause": "told_by_unknown_device", "fact": "network/ports"}
}

not_applicable contains finding if {
	some device in input.devices
	device.network.zone == "guest"
	finding := {"subject": device.id, "cause": "guest_network", "fact": "network/macs"}
}

_counted(device) if {
	device.network.zone in {"professional", "wifi"}
	transient.is_one(device)
}
