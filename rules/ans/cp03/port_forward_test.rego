package ans.cp03.port_forward_test

import data.ans.cp03.port_forward as rule

_site := {"networks": ["10.0.0.0/24"]}

_wan(address) := {"name": "wan0", "addresses": [address], "default_route": true}

_lan := {"name": "lan0", "addresses": ["10.0.0.1"], "default_route": false}

_public := "44.128.10.2"

_router(target, outer) := {
	"id": "r",
	"system": {
		"port_forwards": [{"external": "tcp/443", "target": target, "origin": "static"}],
		"interfaces": [_lan, _wan(outer)],
	},
}

_device(name, category) := {
	"id": name,
	"name": name,
	"network": {"addresses": ["10.0.0.2"]},
	"classification": {"category": category},
}

_document(devices) := {"site": _site, "devices": devices, "unread": []}

_entry(name, target, more) := object.union(
	{
		"subject": "r",
		"item": concat(" → ", ["tcp/443", target]),
		"fact": "system/port_forwards/0",
		"values": {"target": name, "target_address": target, "port": "tcp/443", "origin": "static"},
	},
	more,
)

test_what_holds_data_is_critical if {
	every category in ["nas", "workstation", "server", "medical_imaging"] {
		document := _document([_router("10.0.0.2", _public), _device("nas", category)])
		rule.fail == {_entry("nas", "10.0.0.2", {"severity": "critical"})} with input as document
	}
}

test_another_device_is_high if {
	document := _document([_router("10.0.0.2", _public), _device("camera", "camera")])
	rule.fail == {_entry("camera", "10.0.0.2", {"severity": "high"})} with input as document
}

test_an_unseen_target_is_high if {
	document := _document([_router("10.0.0.9", _public), _device("nas", "nas")])
	rule.fail == {_entry("10.0.0.9", "10.0.0.9", {"severity": "high"})} with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
}

test_two_devices_on_one_address_are_both_named if {
	document := _document([_router("10.0.0.2", _public), _device("b", "tv"), _device("a", "nas")])
	rule.fail == {_entry("a, b", "10.0.0.2", {"severity": "critical"})} with input as document
}

test_behind_a_box_warns if {
	document := _document([_router("10.0.0.2", "192.168.1.2"), _device("nas", "nas")])
	rule.fail == set() with input as document
	rule.warn == {_entry("nas", "10.0.0.2", {"severity": "medium"})} with input as document
	rule.unknown == set() with input as document
}

test_without_interfaces_is_unknown if {
	router := object.union(_router("10.0.0.2", _public), {"system": {"interfaces": []}})
	document := _document([router, _device("nas", "nas")])
	rule.fail == set() with input as document
	rule.warn == set() with input as document
	rule.unknown == {_entry("nas", "10.0.0.2", {"cause": "way_in_unknown"})} with input as document
}

test_a_forward_for_the_inside_passes if {
	router := object.union(_router("10.0.0.2", _public), {"system": {"port_forwards": [{
		"external": "tcp/443",
		"target": "10.0.0.2",
		"origin": "static",
		"interface": "lan0",
	}]}})
	document := _document([router])
	rule.fail == set() with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
}

test_no_forward_passes if {
	document := _document([{"id": "r", "system": {"port_forwards": []}}])
	rule.fail == set() with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
}

test_what_is_sent_on_to_itself_stays_on_it if {
	every own in ["10.0.0.1", _public] {
		document := _document([_router(own, _public)])
		rule.fail == set() with input as document
		rule.unknown == set() with input as document
	}
}

test_a_forward_for_a_few_addresses_warns if {
	forward := {"external": "tcp/443", "target": "10.0.0.9", "origin": "static", "source_filter": ["51.15.7.7/32"]}
	router := object.union(_router("10.0.0.9", _public), {"system": {"port_forwards": [forward]}})
	rule.fail == set() with input as _document([router])
	rule.warn == {_entry("10.0.0.9", "10.0.0.9", {"severity": "medium"})} with input as _document([router])
}
