# METADATA
# scope: package
# custom:
#   id: ANS-02.07
#   title:
#     fr: Réseau invité réellement étanche
#     en: Guest network really kept apart
#   severity: critical
#   checkpoints: [CP02]
#   principle: P03
#   basis: [pgssi-s, anssi]
#   subject: site
#   needs:
#     - [coverage.reach, coverage.count, coverage.icmp]
#   message:
#     fr: "Depuis le Wi-Fi des invités on atteint le réseau du cabinet ({network}) : {names}."
#     en: "From the guest Wi-Fi the practice network ({network}) can be reached: {names}."
#   remedy:
#     fr: >-
#       Faites activer le « réseau invité » isolé de la box ou de la borne. En attendant, coupez-le. Pour votre
#       informaticien : interdire tout trafic du réseau invité vers {network}, et l’isoler au niveau 2.
#     en: >-
#       Have the isolated “guest network” of the box or access point switched on. Until then, switch it off. For your
#       technician: forbid all traffic from the guest network to {network}, and isolate it at layer 2.
#   warning:
#     fr: >-
#       Depuis le Wi-Fi des invités, des adresses du réseau du cabinet ({network}) répondent, où aucun appareil n’a été
#       rencontré : {names}. C’est peut-être la passerelle des invités ou la machine de visite, peut-être un appareil
#       absent ce jour-là.
#     en: >-
#       From the guest Wi-Fi, addresses of the practice network ({network}) answer at which no device was met: {names}.
#       This may be the guests’ gateway or the visiting machine, or a device that was away that day.
#   references:
#     - PGSSI-S, canevas de PSSI, 4.4.3.2
#     - ANSSI, Guide d’hygiène informatique, mesures 7 et 20
package ans.cp02.guest_isolation

import data.lib.target

# Through the guests' gateway: devices that were met at home. The router itself answers its guests, and is none of those
# to be kept from them.
fail contains finding if {
	some view in _outside
	found := {address | some address in view.reached; address in _met}
	count(found) > 0
	names := concat(", ", sort({target.name(address) | some address in found}))
	finding := _finding(view, names)
}

# An address at which nobody was met may be a device that was away that day, the guests' own gateway, or the machine
# that made the visit: who it is has to be seen before anybody is accused.
warn contains finding if {
	some view in _outside
	found := {address | some address in view.reached; not address in _met; not address in _gateways}
	count(found) > 0
	row := _finding(view, concat(", ", sort(found)))
	finding := object.union(row, {"item": concat(" ", [view.network, "?"]), "severity": "medium"})
}

# On one wire: whoever stands in the guest network got an address of the practice's.
fail contains finding if {
	some view in _outside
	view.answered >= 0
	finding := _finding(view, format_int(view.answered, 10))
}

unknown contains finding if {
	not _looked
	finding := {"subject": "site", "cause": "no_guest_run"}
}

# A network that was neither counted nor sent an echo: that nothing is known of it proves nothing.
unknown contains finding if {
	some view in _outside
	not view.reached
	not view.answered
	finding := {"subject": "site", "cause": "no_guest_run"}
}

# Where nobody answers an echo even at home, silence proves nothing.
unknown contains finding if {
	_looked
	count(_answering) == 0
	finding := {"subject": "site", "cause": "no_echo_at_home"}
}

_looked if {
	some view in input.guest_views
	view.zone != "guest"
}

# Who was met in the practice's own networks: without them nobody knows which address is the router's.
_home contains id if {
	some device in input.devices
	device.network.zone in {"professional", "wifi"}
	id := device.id
}

# The practice's networks as seen from the guests', once somebody was met at home.
_outside contains view if {
	count(_home) > 0
	some view in input.guest_views
	view.zone != "guest"
}

_met contains address if {
	some device in input.devices
	device.id in _home
	some address in device.network.addresses
	not address in _gateways
	not address in _own
}

# Vigie's own machine, wherever it stood: what it met there does not tell who has its address now.
_own contains address if {
	some vantage in input.vantages
	address := vantage.address
}

_gateways contains address if {
	some device in input.devices
	_leads_out(device)
	some address in device.network.addresses
}

_leads_out(device) if device.classification.category == "router"

# Whatever its kind, what gives guests their way out answers them.
_leads_out(device) if {
	some interface in device.system.interfaces
	some address in interface.addresses
	address in _ways_out
}

_leads_out(device) if {
	some address in device.network.addresses
	address in _ways_out
}

_ways_out contains address if {
	some view in input.guest_views
	some address in view.gateways
}

_answering contains id if {
	some device in input.devices
	device.network.echo
	device.network.zone in {"professional", "wifi"}
	device.classification.category != "router"
	id := device.id
}

_finding(view, names) := {
	"subject": "site",
	"item": view.network,
	"values": {"network": view.network, "names": names},
}
