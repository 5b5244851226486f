# METADATA
# scope: package
# custom:
#   id: ANS-03.18
#   title:
#     fr: Supervision (SNMP) sans mot de passe d’usine
#     en: Monitoring (SNMP) without a factory password
#   severity: medium
#   checkpoints: [CP03]
#   principle: P04
#   basis: [anssi, good-practice]
#   subject: device
#   roles: [router, nas, server, switch, access_point, printer, ups, camera, voip]
#   needs:
#     - [device.system.snmp.default_community]
#     - [device.system.snmp.versions]
#   message:
#     fr: "{device} raconte ses réglages à tout le réseau : son mot de passe de supervision est celui d’usine."
#     en: "{device} tells the whole network how it is set: its monitoring password is the factory one."
#   remedy:
#     fr: >-
#       Si personne ne surveille cet appareil à distance, faites couper SNMP ; sinon, faites changer le mot de passe.
#       Pour votre informaticien : retirer les communautés public et private, passer en SNMPv3 authPriv, sans droit
#       d’écriture, et limiter 161/udp à l’adresse de la supervision.
#     en: >-
#       If nobody monitors this device remotely, have SNMP switched off; if somebody does, have the password changed.
#       For your technician: remove the communities public and private, use SNMPv3 authPriv without write access, and
#       limit 161/udp to the address of the monitoring station.
#   references:
#     - ANSSI, Guide d’hygiène informatique, mesures 12 et 21
#     - "RFC 3414 (SNMPv3)"
package ans.cp03.snmp_default_community

fail contains finding if {
	some device in input.devices
	fact := _default(device)
	finding := {"subject": device.id, "item": "udp/161", "severity": _severity(device), "fact": fact}
}

# It speaks a version with communities, and does not say which.
unknown contains finding if {
	some device in input.devices
	settings := device.system.snmp
	settings.enabled
	not _changed(settings)
	not _v3_only(settings)
	finding := {"subject": device.id, "cause": "snmp_community_unknown", "fact": "system/snmp"}
}

not_applicable contains finding if {
	some device in input.devices
	device.system.snmp.enabled == false
	not device.network.snmp
	finding := {"subject": device.id, "cause": "snmp_off", "fact": "system/snmp"}
}

_default(device) := "network/snmp/default_community" if {
	device.network.snmp.default_community
} else := "system/snmp/default_community" if {
	device.system.snmp.enabled
	device.system.snmp.default_community
}

_severity(device) := "critical" if {
	device.system.snmp.writable
} else := "medium"

_changed(settings) if settings.default_community == false

_v3_only(settings) if settings.versions == ["v3"]
