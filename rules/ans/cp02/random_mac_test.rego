package ans.cp02.random_mac_test

import data.ans.cp02.random_mac as rule

_phone(id, zone) := {"id": id, "name": id, "network": {"mac_randomised": true, "zone": zone}}

test_however_many_they_are_one_row if {
	document := {"devices": [_phone("b", "professional"), _phone("a", "wifi")]}
	rule.warn == {{
		"subject": "site",
		"item": "passing",
		"devices": ["a", "b"],
		"facts": ["network/macs", "network/hostname"],
		"values": {"count": 2, "devices": ["a", "b"]},
	}} with input as document
	count(rule.unknown) == 2 with input as document
}

test_none_no_row if {
	rule.warn == set() with input as {"devices": [{"id": "a", "network": {"mac_randomised": false, "zone": "wifi"}}]}
}

test_a_declared_one_is_recognised if {
	document := {"devices": [object.union(_phone("a", "wifi"), {"declared": {"name": "a"}})]}
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
}

test_a_computer_is_told_as_a_stranger if {
	device := object.union(_phone("a", "wifi"), {"network": {"ports": [{"protocol": "tcp", "port": 445}]}})
	document := {"devices": [device]}
	rule.warn == set() with input as document
	{row.cause | some row in rule.unknown} == {"told_by_unknown_device"} with input as document
}

test_guests_do_not_count if {
	document := {"devices": [_phone("a", "guest")]}
	rule.warn == set() with input as document
	{row.cause | some row in rule.not_applicable} == {"guest_network"} with input as document
}
