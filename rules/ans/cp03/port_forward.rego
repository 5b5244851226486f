# METADATA
# scope: package
# custom:
#   id: ANS-03.02
#   title:
#     fr: Aucune redirection de port vers l’intérieur du cabinet
#     en: No port forward towards the inside of the practice
#   severity: high
#   checkpoints: [CP03]
#   principle: P04
#   basis: [pgssi-s, anssi, case-law]
#   subject: device
#   roles: [router]
#   needs:
#     - [device.system.port_forwards]
#   message:
#     fr: "Une porte ouverte sur Internet mène droit à {target} : {port} sur {device}."
#     en: "A door open to the Internet leads straight to {target}: {port} on {device}."
#   remedy:
#     fr: >-
#       Demandez à votre informaticien à quoi elle sert. Si personne ne sait, faites-la fermer ; si elle sert, un VPN la
#       remplace. Pour lui : redirection {port} vers {target_address} (origine : {origin}) ; si elle vient d’UPnP,
#       désactivez aussi l’UPnP.
#     en: >-
#       Ask your technician what it is for. If nobody knows, have it closed; if it is used, a VPN replaces it. For them:
#       forward {port} to {target_address} (origin: {origin}); if UPnP made it, turn UPnP off as well.
#   references:
#     - CNIL, délibération SAN-2020-015 du 7 décembre 2020
#     - PGSSI-S, canevas de PSSI, 4.3.1.2, 4.3.2.5 et 4.3.2.6
#     - ANSSI, MonAideCyber, flux entrants strictement nécessaires
package ans.cp03.port_forward

fail contains finding if {
	some device in input.devices
	some index, forward in device.system.port_forwards
	finding := {
		"subject": device.id,
		"item": forward.external,
		"severity": _severity(forward.target),
		"fact": concat("/", ["system/port_forwards", format_int(index, 10)]),
		"values": {
			"target": _name(forward.target),
			"target_address": forward.target,
			"port": forward.external,
			"origin": forward.origin,
		},
	}
}

_severity(address) := "critical" if {
	some device in input.devices
	address in device.network.addresses
	device.classification.category in data.parameters.sensitive_categories
} else := "high"

_name(address) := name if {
	names := {device.name | some device in input.devices; address in device.network.addresses}
	count(names) > 0
	name := concat(", ", sort(names))
} else := address
