# METADATA
# scope: package
# custom:
#   id: ANS-02.03
#   title:
#     fr: Appareils vraisemblablement personnels à confirmer
#     en: Devices that are probably personal, to be confirmed
#   severity: medium
#   checkpoints: [CP02]
#   principle: P03
#   memento_rule: M2.5
#   basis: [memento, anssi, good-practice]
#   subject: device
#   needs:
#     - [device.declared, device.network.zone]
#   message:
#     fr: "{device} ressemble à {looks_fr} : {clues_fr}. Sert-il au cabinet ?"
#     en: "{device} looks like {looks_en}: {clues_en}. Is it used for the practice?"
#   remedy:
#     fr: >-
#       S’il sert au cabinet, ajoutez-le à l’inventaire. Sinon, connectez-le au Wi-Fi invité et faites-lui oublier le
#       Wi-Fi du cabinet.
#     en: >-
#       If the practice uses it, add it to the inventory. If not, connect it to the guest Wi-Fi and make it forget the
#       practice Wi-Fi.
#   references:
#     - "ANS, mémento de sécurité informatique : seulement des matériels à usage professionnel (règle rapportée)"
#     - ANSSI, Guide d’hygiène informatique, mesure 7
package ans.cp02.likely_personal

import data.lib.personal
import data.lib.transient

# A clue is no proof: this rule never fails anybody. Who has nothing lasting is counted by ANS-02.04.
warn contains finding if {
	some device in input.devices
	device.network.zone in {"professional", "wifi"}
	not device.declared
	not _passing(device)
	clues := personal.clues(device)
	personal.weight(clues) >= data.personal_clues.threshold
	finding := {"subject": device.id, "fact": "network/macs", "values": personal.words(clues)}
}

# Declared as personal: ANS-02.02 says where it may be.
not_applicable contains finding if {
	some device in input.devices
	device.network.zone == "guest"
	finding := {"subject": device.id, "cause": "guest_network", "fact": "network/macs"}
}

_passing(device) if {
	transient.is_one(device)
	not transient.lasting(device)
}
