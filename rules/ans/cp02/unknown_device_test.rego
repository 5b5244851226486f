package ans.cp02.unknown_device_test

import data.ans.cp02.unknown_device as rule

_site := {"inventory_declared": true}

_stranger := {"id": "a", "network": {"zone": "professional", "macs": ["a"]}}

_declared := {"id": "b", "network": {"zone": "professional"}, "declared": {"name": "b"}}

test_stranger_fails if {
	rule.fail == {{"subject": "a", "fact": "network/macs", "values": {"macs": ["a"]}}} with input as {
		"site": _site,
		"devices": [_stranger, _declared],
	}
}

test_stranger_on_wifi_fails if {
	device := {"id": "a", "network": {"zone": "wifi"}}
	count(rule.fail) == 1 with input as {"site": _site, "devices": [device]}
}

test_nothing_declared_accuses_nobody if {
	rule.fail == set() with input as {"site": {"inventory_declared": false}, "devices": [_stranger]}
}

test_guest_network_does_not_apply if {
	device := {"id": "a", "network": {"zone": "guest"}}
	rule.fail == set() with input as {"site": _site, "devices": [device]}
	rule.not_applicable == {{"subject": "a", "cause": "guest_network"}} with input as {"devices": [device]}
}

test_zone_missing_is_unknown if {
	document := {"site": _site, "devices": [{"id": "a"}, _declared]}
	rule.fail == set() with input as document
	rule.unknown == {{"subject": "a", "cause": "zone_unknown"}} with input as document
}
