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
#   references:
#     - PGSSI-S, canevas de PSSI, 4.4.3.2
#     - ANSSI, Guide d’hygiène informatique, mesures 7 et 20
package ans.cp02.guest_isolation

import data.lib.target

# Through the guests' gateway. The router itself answers its guests, and is none of those to be kept from them.
fail contains finding if {
	count(_home) > 0
	some view in input.guest_views
	view.zone != "guest"
	found := {address | some address in view.reached; not address in _gateways}
	count(found) > 0
	names := concat(", ", sort({target.name(address) | some address in found}))
	finding := _finding(view, names)
}

# On one wire: whoever stands in the guest network got an address of the practice's.
fail contains finding if {
	count(_home) > 0
	some view in input.guest_views
	view.zone != "guest"
	view.answered >= 0
	finding := _finding(view, format_int(view.answered, 10))
}

unknown contains finding if {
	not _looked
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

_gateways contains address if {
	some device in input.devices
	device.classification.category == "router"
	some address in device.network.addresses
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
