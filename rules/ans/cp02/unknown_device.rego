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
#     fr: "Un appareil {why_fr} se trouve sur le réseau du cabinet : {device} ({address})."
#     en: "A device {why_en} is on the practice network: {device} ({address})."
#   warning:
#     fr: "Un appareil du réseau n’est pas reconnu : {device} ({address}). C’est peut-être {names}."
#     en: "A device on the network is not recognised: {device} ({address}). It may be {names}."
#   remedy:
#     fr: >-
#       Cherchez à qui il appartient. S’il sert au cabinet, {step_fr} ; sinon, débranchez-le ou
#       passez-le sur le Wi-Fi invité. Pour votre informaticien : adresses matérielles {macs}.
#     en: >-
#       Find out whose it is. If the practice uses it, {step_en}; if not, unplug it or move it to the
#       guest Wi-Fi. For your technician: hardware addresses {macs}.
#   references:
#     - "ANS, mémento de sécurité informatique : seulement des matériels à usage professionnel (règle rapportée)"
#     - PGSSI-S, canevas de PSSI, 4.1.4.4 et 4.2.1.1
#     - ANSSI, Guide d’hygiène informatique, mesure 7
package ans.cp02.unknown_device

import data.lib.age
import data.lib.transient

fail contains finding if {
	input.site.inventory_declared
	some device in _undeclared
	device.network.zone in {"professional", "wifi"}
	not transient.is_one(device)
	not _perhaps_declared(device)
	finding := _finding(device, {})
}

warn contains finding if {
	input.site.inventory_declared
	some device in _undeclared
	device.network.zone in {"professional", "wifi"}
	not transient.is_one(device)
	_perhaps_declared(device)
	finding := _finding(device, {"names": concat(", ", sort(_unmet))})
}

unknown contains finding if {
	input.site.inventory_declared
	some device in _undeclared
	not device.network.zone
	finding := {"subject": device.id, "cause": "zone_unknown"}
}

# A phone that changes its MAC is no new stranger each day: ANS-02.04 counts those that pass, in one row.
unknown contains finding if {
	input.site.inventory_declared
	some device in _undeclared
	device.network.zone in {"professional", "wifi"}
	transient.is_one(device)
	finding := {"subject": device.id, "cause": "passing_device", "fact": "network/macs"}
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

_undeclared contains device if {
	some device in input.devices
	age.over(device.declared.until, input.taken_at)
}

# Declared by serial number alone, and not met: a device that says no serial number may be it.
_unmet contains name if {
	some name in input.site.declared_by_serial
	not name in _met
}

_met contains name if {
	some device in input.devices
	device.network.macs
	name := device.declared.name
}

_perhaps_declared(device) if {
	count(_unmet) > 0
	not device.system.identity.serial
	not device.declared
}

_finding(device, more) := {
	"subject": device.id,
	"fact": "network/macs",
	"values": object.union(
		object.union({"macs": object.get(device.network, "macs", [])}, _why(object.get(device, ["declared", "until"], ""))),
		more,
	),
}

# Without a day it was never declared; with one its approval ended, or it would not be here.
_why("") := {
	"why_fr": "que personne n’a déclaré", "step_fr": "ajoutez-le à l’inventaire",
	"why_en": "that nobody declared", "step_en": "add it to the inventory",
}

_why(until) := {
	"why_fr": concat(" ", ["dont l’accord a pris fin le", until]), "step_fr": "renouvelez son accord : vigie approve",
	"why_en": concat(" ", ["whose approval ended on", until]), "step_en": "renew its approval: vigie approve",
} if {
	until != ""
}
