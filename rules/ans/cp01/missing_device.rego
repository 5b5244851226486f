# METADATA
# scope: package
# custom:
#   id: ANS-01.03
#   title:
#     fr: Aucun appareil du cabinet disparu
#     en: No device of the practice gone
#   severity: medium
#   checkpoints: [CP01]
#   principle: P02
#   memento_rule: M1.2
#   basis: [memento, pgssi-s]
#   subject: device
#   needs:
#     - [device.declared, device.network.macs]
#     - [device.declared, device.network.addresses]
#     - [device.declared, history.seen, coverage.arp]
#   message:
#     fr: "{device} devrait être au cabinet, et n’a plus été vu depuis le {since}."
#     en: "{device} should be at the practice, and has not been seen since {since}."
#   remedy:
#     fr: >-
#       Cherchez-le : est-il éteint, rangé, prêté, donné, volé ? S’il a été retiré, ôtez-le de l’inventaire. S’il est
#       introuvable et contenait des dossiers, suivez la fiche réflexe. Pour votre informaticien : adresses {macs}.
#     en: >-
#       Look for it: is it off, put away, lent, given away, stolen? If it was retired, take it out of the inventory. If
#       it cannot be found and held patient files, follow the emergency sheet. For your technician: addresses {macs}.
#   references:
#     - PGSSI-S, canevas de PSSI, 4.1.4.3
#     - "ANS, mémento de sécurité informatique : protéger les matériels contre le vol (règle rapportée)"
package ans.cp01.missing_device

import data.lib.age

fail contains finding if {
	some device in _gone
	count(_not_swept) == 0
	finding := {
		"subject": device.id,
		"severity": _severity(device.declared),
		"values": {"since": _since(device.id), "macs": object.get(device.declared, "macs", [])},
	}
}

# It may stand where nobody looked.
unknown contains finding if {
	some device in _gone
	count(_not_swept) > 0
	finding := {"subject": device.id, "cause": "not_swept", "values": {"networks": sort(_not_swept)}}
}

not_applicable contains finding if {
	some device in input.devices
	device.declared.presence in {"mobile", "seasonal"}
	finding := {"subject": device.id, "cause": "not_always_here", "fact": "declared"}
}

not_applicable contains finding if {
	some device in input.devices
	not device.declared
	_met(device)
	finding := {"subject": device.id, "cause": "not_expected", "fact": "network/macs"}
}

not_applicable contains finding if {
	some device in input.devices
	device.declared.presence == "permanent"
	_ended(device)
	finding := {"subject": device.id, "cause": "not_expected", "fact": "declared"}
}

_gone contains device if {
	some device in input.devices
	device.declared.presence == "permanent"
	not _met(device)
	not _ended(device)
	age.exceeds(input.history.seen[device.id].last, input.taken_at, data.parameters.missing_days)
}

# Its approval has ended: that it is not there is as it should be.
_ended(device) if age.over(device.declared.until, input.taken_at)

# Met: the wire showed anything at all of it.
_met(device) if count(device.network) > 0

_since(id) := substring(input.history.seen[id].last, 0, 10)

# What the site lets be scanned and was not swept to its end, and what it excludes.
_not_swept contains network if {
	some network in input.site.networks
	not network in _swept
}

_not_swept contains network if {
	some network in input.site.exclusions
}

_not_swept contains network if {
	some entry in input.coverage
	entry.source in {"arp", "vantage"}
	entry.status != "done"
	network := entry.target
}

_swept contains network if {
	some entry in input.coverage
	entry.source == "arp"
	entry.status == "done"
	network := entry.target
}

_severity(declared) := "high" if {
	declared.stores_health_data
} else := "medium"
