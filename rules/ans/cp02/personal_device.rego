# METADATA
# scope: package
# custom:
#   id: ANS-02.02
#   title:
#     fr: Aucun appareil personnel déclaré sur le réseau professionnel
#     en: No declared personal device on the professional network
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   memento_rule: M2.5
#   basis: [memento, anssi]
#   subject: device
#   needs:
#     - [device.declared, device.network.zone]
#   message:
#     fr: "Un appareil personnel partage le réseau des dossiers patients : {device} ({address})."
#     en: "A personal device shares the network of the patient files: {device} ({address})."
#   remedy:
#     fr: >-
#       Connectez-le au Wi-Fi invité et faites-lui oublier le Wi-Fi du cabinet. Un appareil qui sert aussi à la maison
#       compte comme personnel.
#     en: >-
#       Connect it to the guest Wi-Fi and make it forget the practice Wi-Fi. A device that is also used at home counts
#       as personal.
#   references:
#     - "ANS, mémento de sécurité informatique : usage exclusivement professionnel, rien de professionnel sur un
#       équipement personnel (règles rapportées)"
#     - ANSSI, Guide d’hygiène informatique, mesures 7 et 33
#     - ANSSI, La cybersécurité pour les TPE/PME en 13 questions, question 8
package ans.cp02.personal_device

fail contains finding if {
	some device in input.devices
	said := _personal(device.declared)
	count(said) > 0
	device.network.zone in {"professional", "wifi"}
	finding := {"subject": device.id, "facts": array.concat(sort(said), ["network/macs", "network/zone"])}
}

not_applicable contains finding if {
	some device in input.devices
	declared := device.declared
	_personal(declared) == set()
	finding := {"subject": device.id, "cause": "professional_device"}
}

not_applicable contains finding if {
	some device in input.devices
	not device.declared
	device.network.zone == "guest"
	finding := {"subject": device.id, "cause": "guest_network"}
}

# What of the declaration says that the device is not the practice's alone.
_personal(declared) := {fact |
	some key, values in {"owner": {"personal", "family", "patient"}, "use": {"personal", "mixed"}}
	declared[key] in values
	fact := concat("/", ["declared", key])
}
