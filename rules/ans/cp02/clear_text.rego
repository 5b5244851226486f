# METADATA
# scope: package
# custom:
#   id: ANS-02.19
#   title:
#     fr: Sur les ports examinés, pas d’administration en clair (telnet, FTP, services « r », page web sans HTTPS)
#     en: On the ports looked at, no clear-text administration (telnet, FTP, “r” services, web page without HTTPS)
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   basis: [pgssi-s, anssi]
#   subject: device
#   needs:
#     - [device.network.ports, device.network.tcp_probed]
#   message:
#     fr: "{device} se règle à distance sans chiffrement ({service}, {port}) : son mot de passe se lit au passage."
#     en: "{device} is administered without encryption ({service}, {port}): its password can be read on the way."
#   warning:
#     fr: "{device} semble accepter des connexions sans chiffrement ({service}, {port}) : à vérifier."
#     en: "{device} seems to accept connections without encryption ({service}, {port}): to be checked."
#   remedy:
#     fr: >-
#       Faites couper ce service, changez le mot de passe qui a pu être lu, et passez par une connexion chiffrée. Pour
#       votre informaticien : SSH ou HTTPS à la place de telnet, des services « r » et des pages HTTP ; SFTP ou FTPS à
#       la place de FTP.
#     en: >-
#       Have this service switched off, change the password that may have been read, and use an encrypted connection.
#       For your technician: SSH or HTTPS instead of telnet, the “r” services and HTTP pages; SFTP or FTPS instead of
#       FTP.
#   references:
#     - ANSSI, Usage sécurisé d’(Open)SSH, R2 à R4
#     - ANSSI, Guide d’hygiène informatique, mesure 21
#     - PGSSI-S, canevas de PSSI, 4.2.2.5 et 4.4.2.1
package ans.cp02.clear_text

import data.lib.wire

fail contains finding if {
	some device in input.devices
	some index, port in device.network.ports
	port.service in data.parameters.clear_text_services
	finding := _finding(device.id, index, port, {"severity": "high", "service": port.service})
}

warn contains finding if {
	some device in input.devices
	some index, port in device.network.ports
	port.service in data.parameters.clear_text_transfers
	finding := _finding(device.id, index, port, {"severity": "medium", "service": port.service})
}

warn contains finding if {
	some device in input.devices
	some index, port in device.network.ports
	not port.service
	port.protocol == "tcp"
	some known in data.parameters.clear_text_ports
	known.port == port.port
	finding := _finding(device.id, index, port, {"severity": "medium", "service": known.service})
}

# A page of a device that is set through its page, and that sends nobody on to HTTPS.
warn contains finding if {
	some device in input.devices
	_by_page(device)
	some index, page in device.network.http
	_in_clear(page)
	label := concat("/", ["tcp", format_int(page.port, 10)])
	fact := concat("/", ["network/http", format_int(index, 10)])
	values := {"port": label, "service": "http"}
	finding := {"subject": device.id, "item": label, "severity": "medium", "fact": fact, "values": values}
}

# Such a device has a port where a page may be, and what is shown there was not looked at.
unknown contains finding if {
	some device in input.devices
	_by_page(device)
	pages := {page.port | some page in device.network.http}
	encrypted := {seen.port | some seen in device.network.tls; count(seen.versions) > 0}
	some index, port in device.network.ports
	_may_show_a_page(port)
	number := port.port
	not number in pages
	not number in encrypted
	fact := concat("/", ["network/ports", format_int(index, 10)])
	finding := {"subject": device.id, "cause": "not_probed", "fact": fact}
}

unknown contains finding if {
	some device in input.devices
	asked := device.network.tcp_probed
	some known in data.parameters.clear_text_ports
	number := known.port
	not number in asked
	not wire.filtered(device, [number])
	finding := {"subject": device.id, "cause": "not_probed"}
}

unknown contains finding if {
	some device in input.devices
	some known in data.parameters.clear_text_ports
	wire.filtered(device, [known.port])
	finding := {"subject": device.id, "cause": "filtered"}
}

_by_page(device) if device.classification.category in data.parameters.administered_by_page

_by_page(device) if not device.classification

_in_clear(page) if {
	page.tls == false
	_shown(page)
	not _sent_on(page)
}

# A page, a question for a password, or a way to another page of the same server; no "not found".
_shown(page) if page.status < 400

_shown(page) if page.status == 401

_sent_on(page) if regex.match(`^(?i:https)://`, page.location)

_may_show_a_page(port) if port.service == "http"

_may_show_a_page(port) if {
	port.protocol == "tcp"
	not port.service
	port.port in data.parameters.web_ports
}

_finding(subject, index, port, seen) := {
	"subject": subject,
	"item": wire.label(port),
	"severity": seen.severity,
	"fact": concat("/", ["network/ports", format_int(index, 10)]),
	"values": {"port": wire.label(port), "service": seen.service},
}
