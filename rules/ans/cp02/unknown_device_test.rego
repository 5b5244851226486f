package ans.cp02.unknown_device_test

import data.ans.cp02.unknown_device as rule

_site := {"inventory_declared": true}

_stranger := {"id": "a", "network": {"zone": "professional", "macs": ["a"]}}

_declared := {"id": "b", "network": {"zone": "professional"}, "declared": {"name": "b"}}

_values := {
	"macs": ["a"],
	"why_fr": "que personne n’a déclaré", "step_fr": "ajoutez-le à l’inventaire",
	"why_en": "that nobody declared", "step_en": "add it to the inventory",
}

test_stranger_fails if {
	rule.fail == {{"subject": "a", "fact": "network/macs", "values": _values}} with input as {
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

test_a_device_declared_by_serial_alone_may_be_the_stranger if {
	site := {"inventory_declared": true, "declared_by_serial": ["onduleur"]}
	document := {"site": site, "devices": [_stranger]}
	values := object.union(_values, {"names": "onduleur"})
	rule.fail == set() with input as document
	rule.warn == {{"subject": "a", "fact": "network/macs", "values": values}} with input as document
}

test_a_stranger_with_another_serial_is_none_of_them if {
	site := {"inventory_declared": true, "declared_by_serial": ["onduleur"]}
	stranger := object.union(_stranger, {"system": {"identity": {"serial": "x"}}})
	count(rule.fail) == 1 with input as {"site": site, "devices": [stranger]}
}

test_once_met_it_excuses_nobody if {
	site := {"inventory_declared": true, "declared_by_serial": ["onduleur"]}
	met := {"id": "declared:onduleur", "network": {"macs": ["c"]}, "declared": {"name": "onduleur"}}
	document := {"site": site, "devices": [_stranger, met]}
	count(rule.fail) == 1 with input as document
	rule.warn == set() with input as document
}

test_an_approval_that_has_ended_is_none if {
	device := {"id": "a", "network": {"zone": "professional", "macs": ["a"]}, "declared": {"name": "a", "until": "2026-06-30"}}
	document := {"site": _site, "devices": [device]}
	rule.fail == set() with input as object.union(document, {"taken_at": "2026-06-30T12:00:00Z"})
	values := {
		"macs": ["a"],
		"why_fr": "dont l’accord a pris fin le 2026-06-30", "step_fr": "renouvelez son accord : vigie approve",
		"why_en": "whose approval ended on 2026-06-30", "step_en": "renew its approval: vigie approve",
	}
	later := object.union(document, {"taken_at": "2026-07-01T00:00:00Z"})
	rule.fail == {{"subject": "a", "fact": "network/macs", "values": values}} with input as later
}

test_an_ended_approval_is_no_device_declared_by_serial if {
	site := {"inventory_declared": true, "declared_by_serial": ["onduleur"]}
	device := {"id": "a", "network": {"zone": "professional", "macs": ["a"]}, "declared": {"name": "a", "until": "2026-06-30"}}
	document := {"site": site, "devices": [device], "taken_at": "2026-07-01T00:00:00Z"}
	count(rule.fail) == 1 with input as document
	rule.warn == set() with input as document
}

test_a_passing_phone_is_no_stranger_each_day if {
	phone := {"id": "a", "network": {"zone": "wifi", "macs": ["a"], "mac_randomised": true}}
	document := {"site": _site, "devices": [phone]}
	rule.fail == set() with input as document
	rule.unknown == {{"subject": "a", "cause": "passing_device", "fact": "network/macs"}} with input as document
}

test_a_computer_behind_a_random_mac_is_a_stranger if {
	network := {"zone": "wifi", "macs": ["a"], "mac_randomised": true, "ports": [{"protocol": "tcp", "port": 445}]}
	count(rule.fail) == 1 with input as {"site": _site, "devices": [{"id": "a", "network": network}]}
}
