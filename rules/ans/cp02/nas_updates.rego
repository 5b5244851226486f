# METADATA
# scope: package
# custom:
#   id: ANS-02.23
#   title:
#     fr: Système du NAS à jour
#     en: NAS system up to date
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   memento_rule: M2.4
#   basis: [memento, anssi]
#   subject: device
#   roles: [nas]
#   needs:
#     - [device.system.updates]
#   message:
#     fr: "Une mise à jour attend sur {device} depuis plus de {days} jours (depuis le {since})."
#     en: "An update has been waiting on {device} for more than {days} days (since {since})."
#   warning:
#     fr: "Une mise à jour est prête sur {device}. Installez-la dans les {days} jours."
#     en: "An update is ready on {device}. Install it within {days} days."
#   remedy:
#     fr: >-
#       Vérifiez que la dernière sauvegarde a réussi, puis installez la mise à jour un soir ou un jour de fermeture.
#       Pour votre informaticien : activez ensuite les mises à jour automatiques.
#     en: >-
#       Check that the last backup succeeded, then install the update in the evening or on a closing day. For your
#       technician: then turn automatic updates on.
#   references:
#     - "ANS, mémento de sécurité informatique : installer régulièrement les correctifs (règle rapportée)"
#     - ANSSI, Guide d’hygiène informatique, mesure 34
#     - Synology, SYNOLOGY-SYSTEM-MIB, upgradeAvailable (1.3.6.1.4.1.6574.1.5.4)
package ans.cp02.nas_updates

import data.lib.age

fail contains finding if {
	some device in _waiting
	since := input.history.since[device.id]["updates.available"]
	_late[device.id]
	finding := {
		"subject": device.id,
		"fact": "system/updates",
		"values": {"days": data.parameters.patch_days, "since": substring(since, 0, 10)},
	}
}

warn contains finding if {
	some device in _waiting
	not _late[device.id]
	finding := {
		"subject": device.id,
		"severity": "medium",
		"fact": "system/updates",
		"values": {"days": data.parameters.patch_days},
	}
}

unknown contains finding if {
	some device in input.devices
	status := device.system.updates.status
	not status in {"available", "current"}
	finding := {"subject": device.id, "cause": "update_status_inconclusive"}
}

# That it installs updates by itself says nothing of whether one waits.
unknown contains finding if {
	some device in input.devices
	updates := device.system.updates
	not updates.status
	finding := {"subject": device.id, "cause": "update_status_inconclusive"}
}

_waiting contains device if {
	some device in input.devices
	device.system.updates.status == "available"
}

_late contains id if {
	some device in _waiting
	id := device.id
	since := input.history.since[id]["updates.available"]
	age.exceeds(since, input.taken_at, data.parameters.patch_days)
}
