package ans.cp02.guest_isolation_test

import data.ans.cp02.guest_isolation as rule

_nas := {
	"id": "n",
	"name": "nas",
	"classification": {"category": "nas"},
	"network": {"addresses": ["192.168.10.10"], "zone": "professional", "echo": true},
}

_router := {
	"id": "r",
	"classification": {"category": "router"},
	"network": {"addresses": ["192.168.10.1"], "zone": "professional", "echo": true},
}

_view(reached) := {"network": "192.168.10.0/24", "zone": "professional", "reached": reached}

test_who_is_reached_from_the_guest_network_fails if {
	document := {"devices": [_nas, _router], "guest_views": [_view(["192.168.10.1", "192.168.10.10"])]}
	{row.values.names | some row in rule.fail} == {"nas"} with input as document
}

test_the_router_alone_is_no_breach if {
	document := {"devices": [_nas, _router], "guest_views": [_view(["192.168.10.1"])]}
	rule.fail == set() with input as document
	rule.unknown == set() with input as document
}

test_a_guest_on_the_same_wire_fails if {
	view := {"network": "192.168.10.0/24", "zone": "professional", "answered": 9, "known": []}
	count(rule.fail) == 1 with input as {"devices": [_nas], "guest_views": [view]}
}

test_guests_among_themselves_are_no_breach if {
	view := {"network": "192.168.20.0/24", "zone": "guest", "answered": 9, "known": []}
	rule.fail == set() with input as {"devices": [_nas], "guest_views": [view, _view([])]}
}

test_without_a_guest_run_nothing_is_known if {
	{row.cause | some row in rule.unknown} == {"no_guest_run"} with input as {"devices": [_nas]}
}

test_silence_of_those_who_never_answer_proves_nothing if {
	document := {"devices": [_router], "guest_views": [_view([])]}
	{row.cause | some row in rule.unknown} == {"no_echo_at_home"} with input as document
}

test_a_guest_run_alone_accuses_nobody if {
	document := {"devices": [], "guest_views": [_view(["192.168.10.1"])]}
	rule.fail == set() with input as document
	{row.cause | some row in rule.unknown} == {"no_echo_at_home"} with input as document
}

test_an_address_of_nobody_is_a_question_and_no_accusation if {
	document := {"devices": [_nas, _router], "guest_views": [_view(["192.168.10.1", "192.168.10.200"])]}
	rule.fail == set() with input as document
	{[row.item, row.values.names] | some row in rule.warn} == {["192.168.10.0/24 ?", "192.168.10.200"]} with input as document
}

test_the_visiting_machine_accuses_nobody if {
	laptop := {"id": "l", "network": {"addresses": ["192.168.10.200"], "zone": "professional"}}
	document := {
		"vantages": [{"address": "192.168.10.200"}],
		"devices": [_nas, laptop],
		"guest_views": [_view(["192.168.10.200"])],
	}
	rule.fail == set() with input as document
	{row.values.names | some row in rule.warn} == {"192.168.10.200"} with input as document
}

test_what_leads_guests_out_is_none_to_keep_from_them if {
	views := [_view(["192.168.10.2"]), {"network": "192.168.20.0/24", "zone": "guest", "gateways": ["192.168.20.1"]}]
	met := {"addresses": ["192.168.10.2"], "zone": "professional"}
	point := {"id": "p", "classification": {"category": "access_point"}, "network": met}
	told := object.union(point, {"system": {"interfaces": [{"name": "guest", "addresses": ["192.168.20.1"]}]}})
	seen := object.union(point, {"network": {"addresses": ["192.168.10.2", "192.168.20.1"], "zone": "professional"}})
	count(rule.fail) == 1 with input as {"devices": [_nas, point], "guest_views": views}
	every device in [told, seen] {
		rule.fail | rule.warn == set() with input as {"devices": [_nas, device], "guest_views": views}
	}
}

test_a_network_that_was_neither_counted_nor_asked_proves_nothing if {
	view := {"network": "192.168.10.0/24", "zone": "professional"}
	document := {"devices": [_nas, _router], "guest_views": [view]}
	{row.cause | some row in rule.unknown} == {"no_guest_run"} with input as document
}
