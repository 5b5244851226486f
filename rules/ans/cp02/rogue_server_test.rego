package ans.cp02.rogue_server_test

import data.ans.cp02.rogue_server as rule

_site := {"inventory_declared": true}

_done := [{"source": "dhcp", "target": "192.168.10.0/24", "status": "done"}]

_router := {
	"id": "r",
	"network": {"dhcp_server": {"address": "192.168.10.1"}},
	"declared": {"role": "router", "owner": "practice"},
}

_rogue := {"id": "x", "network": {"dhcp_server": {"address": "192.168.1.1"}}}

_subjects(rows) := {row.subject | some row in rows}

test_the_router_alone_is_in_order if {
	document := {"site": _site, "devices": [_router], "coverage": _done}
	rule.fail == set() with input as document
	rule.warn == set() with input as document
}

test_a_stranger_that_offers_addresses_fails if {
	document := {"site": _site, "devices": [_router, _rogue], "coverage": _done}
	_subjects(rule.fail) == {"x"} with input as document
	rule.warn == set() with input as document
}

test_a_router_that_is_expected_to_do_other_things_is_to_be_confirmed if {
	declared := {"role": "router", "owner": "practice", "expected_services": ["tcp/22"]}
	second := object.union(_router, {"declared": declared})
	_subjects(rule.warn) == {"r"} with input as {"site": _site, "devices": [second], "coverage": _done}
}

test_a_declared_machine_that_serves_is_to_be_confirmed if {
	nas := {"id": "n", "network": {"dhcp_server": {}}, "declared": {"role": "nas", "owner": "practice"}}
	document := {"site": _site, "devices": [nas], "coverage": _done}
	rule.fail == set() with input as document
	_subjects(rule.warn) == {"n"} with input as document
}

test_one_that_is_expected_to_serve_is_in_order if {
	nas := {
		"id": "n",
		"network": {"dhcp_server": {}},
		"declared": {"role": "nas", "owner": "practice", "expected_services": ["udp/67"]},
	}
	document := {"site": _site, "devices": [nas], "coverage": _done}
	rule.warn == set() with input as document
}

test_somebody_s_own_device_that_serves_fails if {
	phone := {"id": "p", "network": {"dhcp_server": {}}, "declared": {"role": "phone", "owner": "personal"}}
	_subjects(rule.fail) == {"p"} with input as {"site": _site, "devices": [phone], "coverage": _done}
}

test_a_stranger_that_says_it_is_an_ipv6_router_fails if {
	device := {"id": "x", "network": {"router_advertisement": {"lifetime_s": 1800}}}
	document := {"site": _site, "devices": [device], "coverage": _done}
	{row.item | some row in rule.fail} == {"ipv6"} with input as document
}

test_one_that_is_no_default_router_is_none if {
	device := {"id": "x", "network": {"router_advertisement": {"lifetime_s": 0}}}
	rule.fail == set() with input as {"site": _site, "devices": [device], "coverage": _done}
}

test_one_that_names_servers_without_being_a_router_fails if {
	device := {"id": "x", "network": {"router_advertisement": {"lifetime_s": 0, "dns": ["fe80::66"]}}}
	{row.values.role | some row in rule.fail} == {"DNS (IPv6)"} with input as {
		"site": _site,
		"devices": [device],
		"coverage": _done,
	}
}

test_a_declared_machine_that_serves_ipv6_addresses_is_to_be_confirmed if {
	device := {
		"id": "w",
		"network": {"dhcp6_server": {"duid": "0001"}},
		"declared": {"role": "workstation", "owner": "practice"},
	}
	document := {"site": _site, "devices": [device], "coverage": _done}
	rule.fail == set() with input as document
	{row.item | some row in rule.warn} == {"dhcp6"} with input as document
}

test_nothing_declared_accuses_nobody if {
	document := {"site": {"inventory_declared": false}, "devices": [_router, _rogue], "coverage": _done}
	rule.fail == set() with input as document
	rule.warn == set() with input as document
}
