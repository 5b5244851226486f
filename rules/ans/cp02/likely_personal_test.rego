package ans.cp02.likely_personal_test

import data.ans.cp02.likely_personal as rule

_lasting := {"identifiers": [{"kind": "uuid", "value": "b5cd2b5a"}]}

_tv(more) := object.union(
	{"id": "a", "network": {"zone": "professional", "mdns": [{"kind": "_googlecast._tcp", "name": "x"}]}},
	more,
)

test_a_chromecast_is_told if {
	{row.subject | some row in rule.warn} == {"a"} with input as {"devices": [_tv({})]}
	{row.values.clues_fr | some row in rule.warn} == {["Chromecast"]} with input as {"devices": [_tv({})]}
}

test_declared_it_is_confirmed if {
	rule.warn == set() with input as {"devices": [_tv({"declared": {"name": "salle-attente"}})]}
}

test_guests_may_bring_what_they_like if {
	document := {"devices": [_tv({"network": {"zone": "guest"}})]}
	rule.warn == set() with input as document
	count(rule.not_applicable) == 1 with input as document
}

test_a_phone_without_anything_lasting_is_counted_elsewhere if {
	phone := {"id": "a", "network": {"zone": "wifi", "mac_randomised": true, "hostname": "iPhone de Marie"}}
	rule.warn == set() with input as {"devices": [phone]}
	count(rule.warn) == 1 with input as {"devices": [object.union(phone, {"traits": _lasting})]}
}

test_one_weak_clue_is_none if {
	document := {"devices": [{"id": "a", "network": {"zone": "wifi", "mdns": [{"kind": "_airplay._tcp"}]}}]}
	rule.warn == set() with input as document
}
