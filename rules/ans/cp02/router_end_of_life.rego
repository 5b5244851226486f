# METADATA
# scope: package
# custom:
#   id: ANS-02.22
#   title:
#     fr: Système du routeur ou du pare-feu encore maintenu par son éditeur
#     en: System of the router or firewall still maintained by its publisher
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   memento_rule: M2.4
#   basis: [memento, pgssi-s, anssi]
#   subject: device
#   roles: [router]
#   needs:
#     - [device.system.identity.os, device.system.identity.firmware]
#   message:
#     fr: >-
#       Le système de {device} ({product} {version}) ne reçoit plus de corrections (dernier jour : {end}) : ses failles
#       restent ouvertes.
#     en: >-
#       The system of {device} ({product} {version}) gets no more corrections (last day: {end}): its flaws stay open.
#   warning:
#     fr: "Le système de {device} ({product} {version}) ne recevra plus de corrections après le {end}."
#     en: "The system of {device} ({product} {version}) will get no more corrections after {end}."
#   remedy:
#     fr: >-
#       Prévoyez un soir avec votre informaticien pour passer à une version maintenue ; si l’appareil n’en accepte
#       aucune, il est à remplacer. Pour lui : {product} {version}, branche {cycle} ; sauvegarder les réglages avant.
#     en: >-
#       Plan an evening with your technician to move to a maintained version; if the device accepts none, it has to be
#       replaced. For them: {product} {version}, branch {cycle}; save the settings first.
#   references:
#     - "ANS, mémento de sécurité informatique : installer régulièrement les correctifs (règle rapportée)"
#     - ANSSI, Guide d’hygiène informatique, mesures 34 et 35
#     - PGSSI-S, canevas de PSSI, 4.4.2.2
#     - endoflife.date, tables datées dans rules/data/end_of_life.yaml
package ans.cp02.router_end_of_life

import data.lib.age

_facts := ["system/identity/os", "system/identity/firmware"]

fail contains finding if {
	some router in _known
	router.life.ended
	finding := _finding(router, {"end": concat("", ["≤ ", data.end_of_life.date])})
}

fail contains finding if {
	some router in _known
	age.over(router.life.end, input.taken_at)
	finding := _finding(router, {"end": router.life.end})
}

warn contains finding if {
	some router in _known
	age.soon(router.life.end, input.taken_at, data.parameters.end_of_life_notice_days)
	finding := object.union(_finding(router, {"end": router.life.end}), {"severity": "medium"})
}

unknown contains finding if {
	some device in _read
	id := device.id
	not id in _placed
	finding := {"subject": id, "cause": "not_in_end_of_life_table", "facts": _facts}
}

# Nobody had announced an end when the table was made; that holds for a while only.
unknown contains finding if {
	some router in _known
	router.life == {}
	made := concat("", [data.end_of_life.date, "T00:00:00Z"])
	age.exceeds(made, input.taken_at, data.parameters.end_of_life_table_days)
	values := {"date": data.end_of_life.date}
	finding := {"subject": router.id, "cause": "end_of_life_table_old", "facts": _facts, "values": values}
}

_finding(router, more) := {
	"subject": router.id,
	"facts": _facts,
	"values": object.union(router.values, more),
}

_read contains device if {
	some device in input.devices
	device.classification.category == "router"
	device.system.identity.os
	device.system.identity.firmware
}

_placed contains id if {
	some router in _known
	id := router.id
}

# The cycle of the table that the version belongs to: of "3" and "3.11" the longer one.
_known contains router if {
	some device in _read
	os := device.system.identity.os
	version := trim_prefix(device.system.identity.firmware, "v")
	product := data.end_of_life.products[os]
	fitting := {cycle | some cycle, _ in product.cycles; _belongs(version, cycle)}
	longest := max({count(cycle) | some cycle in fitting})
	some cycle in fitting
	count(cycle) == longest
	values := {"product": product.title, "version": version, "cycle": cycle}
	router := {"id": device.id, "life": product.cycles[cycle], "values": values}
}

# "7.2.1" and "7.2-rc1" belong to "7.2"; "7.20" does not.
_belongs(version, cycle) if {
	startswith(version, cycle)
	next := substring(version, count(cycle), 1)
	not next in {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
}
