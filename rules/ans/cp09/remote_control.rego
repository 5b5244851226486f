# METADATA
# scope: package
# custom:
#   id: ANS-09.02
#   title:
#     fr: Aucun outil de prise en main à distance qui ne soit déclaré
#     en: No remote-control tool that is not declared
#   severity: high
#   checkpoints: [CP09]
#   principle: P11
#   basis: [pgssi-s, cnil]
#   subject: device
#   roles: [workstation, server]
#   needs:
#     - [device.network.ports, device.network.tcp_probed]
#   message:
#     fr: "{device} peut être pris en main à distance ({tool}, {port}), et personne ne l’a déclaré."
#     en: "{device} can be controlled remotely ({tool}, {port}), and nobody declared it."
#   warning:
#     fr: "{device} a peut-être un outil de prise en main à distance ({tool}, {port}) : à vérifier sur place."
#     en: "{device} may have a remote-control tool ({tool}, {port}): to be checked on the spot."
#   remedy:
#     fr: >-
#       Demandez à votre informaticien si l’outil est de lui. S’il sert, écrivez-le dans l’inventaire et ne l’ouvrez
#       qu’à la demande ; sinon, désinstallez-le. Pour lui : {tool} sur {port} ; s’il est voulu, le mettre dans
#       expected_services.
#     en: >-
#       Ask your technician whether the tool is theirs. If it is used, write it into the inventory and open it on
#       request only; if not, uninstall it. For them: {tool} on {port}; if it is wanted, put it into expected_services.
#   references:
#     - PGSSI-S, canevas de PSSI, 4.1.4.5 et 6.1.1.4
#     - CNIL, Guide pratique de la sécurité des données personnelles, fiche 15
package ans.cp09.remote_control

import data.lib.wire

fail contains finding if {
	some tool in _seen
	tool.proven
	not tool.declared
	finding := tool.finding
}

# A number alone is a clue: anything may listen there.
warn contains finding if {
	some tool in _seen
	not tool.proven
	not tool.declared
	finding := object.union(tool.finding, {"severity": "medium"})
}

unknown contains finding if {
	some device in input.devices
	asked := device.network.tcp_probed
	some number in _numbers
	not number in asked
	not wire.filtered(device, [number])
	finding := {"subject": device.id, "cause": "not_probed", "fact": "network/tcp_probed"}
}

unknown contains finding if {
	some device in input.devices
	wire.filtered(device, _numbers)
	finding := {"subject": device.id, "cause": "filtered", "fact": "network/tcp_filtered"}
}

# None seen: many of these tools listen nowhere, so this is no proof that there is none, and no pass.
not_applicable contains finding if {
	some device in input.devices
	wire.closed(device, _numbers, input.unread)
	id := device.id
	not id in _having
	finding := {"subject": id, "cause": "no_remote_tool_seen", "fact": "network/tcp_probed"}
}

_numbers := [known.port | some known in data.parameters.remote_control_ports]

_seen contains tool if {
	some device in input.devices
	some index, port in device.network.ports
	known := _tool(port)
	tool := {"proven": known.proven, "declared": _declared(device, port), "finding": {
		"subject": device.id,
		"item": wire.label(port),
		"fact": concat("/", ["network/ports", format_int(index, 10)]),
		"values": {"tool": known.tool, "port": wire.label(port)},
	}}
}

_having contains id if {
	some tool in _seen
	id := tool.finding.subject
}

_tool(port) := {"tool": known.tool, "proven": true} if {
	some known in data.parameters.remote_control_services
	wire.inner(port) == known.service
} else := {"tool": "VNC", "proven": true} if {
	startswith(port.banner, "RFB ")
} else := {"tool": known.tool, "proven": false} if {
	not wire.inner(port)
	port.protocol == "tcp"
	some known in data.parameters.remote_control_ports
	known.port == port.port
}

_declared(device, port) if {
	wire.label(port) in device.declared.expected_services
} else := false
