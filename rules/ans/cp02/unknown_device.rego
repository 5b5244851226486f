# METADATA
# scope: package
# custom:
#   id: ANS-02.01
#   title:
#     fr: Aucun appareil inconnu sur le réseau professionnel
#     en: No unknown device on the professional network
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   memento_rule: M2.5
#   basis: [memento, pgssi-s, anssi]
#   subject: device
#   needs:
#     - [site.inventory_declared, device.declared, device.network.macs]
#   message:
#     fr: "Un appareil que personne n’a déclaré se trouve sur le réseau du cabinet : {device} ({address})."
#     en: "A device that nobody declared is on the practice network: {device} ({address})."
#   remedy:
#     fr: >-
#       Cherchez à qui il appartient. S’il sert au cabinet, ajoutez-le à l’inventaire ; sinon, débranchez-le ou
#       passez-le sur le Wi-Fi invité. Pour votre informaticien : adresses matérielles {macs}.
#     en: >-
#       Find out whose it is. If the practice uses it, add it to the inventory; if not, unplug it or move it to the
#       guest Wi-Fi. For your technician: hardware addresses {macs}.
#   references:
#     - "ANS, mémento de sécurité informatique : seulement des matériels à usage professionnel (règle rapportée)"
#     - PGSSI-S, canevas de PSSI, 4.1.4.4 et 4.2.1.1
#     - ANSSI, Guide d’hygiène informatique, mesure 7
package ans.cp02.unknown_device

fail contains finding if {
	input.site.inventory_declared
	some device in _undeclared
	device.network.zone in {"professional", "wifi"}
	finding := {
		"subject": device.id,
		"fact": "network/macs",
		"values": {"macs": object.get(device.network, "macs", [])},
	}
}

unknown contains finding if {
	input.site.inventory_declared
	some device in _undeclared
	not device.network.zone
	finding := {"subject": device.id, "cause": "zone_unknown"}
}

not_applicable contains finding if {
	some device in _undeclared
	device.network.zone == "guest"
	finding := {"subject": device.id, "cause": "guest_network"}
}

_undeclared contains device if {
	some device in input.devices
	not device.declared
}
