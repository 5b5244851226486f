package ans.cp03.upnp_mapping_test

import data.ans.cp03.upnp_mapping as rule

_mapping := {"external": "tcp/5001", "target": "10.0.0.2", "enabled": true}

_router(upnp) := {"id": "r", "network": {"upnp": upnp}}

_target(category) := {
	"id": "t",
	"name": "t",
	"network": {"addresses": ["10.0.0.2"]},
	"classification": {"category": category},
}

_document(devices) := {"site": {"networks": ["10.0.0.0/24"]}, "devices": devices, "unread": []}

_entry(more) := object.union(
	{
		"subject": "r",
		"item": "tcp/5001 → 10.0.0.2",
		"fact": "network/upnp/mappings/0",
		"values": {"target": "t", "target_address": "10.0.0.2", "port": "tcp/5001"},
	},
	more,
)

test_a_door_to_what_holds_data_is_critical if {
	every category in ["nas", "workstation", "server", "camera", "medical_imaging"] {
		document := _document([_router({"mappings": [_mapping]}), _target(category)])
		rule.fail == {_entry({"severity": "critical"})} with input as document
	}
}

test_another_door_is_high if {
	document := _document([_router({"mappings": [_mapping]}), _target("console")])
	rule.fail == {_entry({"severity": "high"})} with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
}

test_no_door_passes if {
	every mappings in [[], [object.union(_mapping, {"enabled": false})]] {
		document := _document([_router({"types": ["InternetGatewayDevice:1"], "mappings": mappings})])
		rule.fail == set() with input as document
		rule.warn == set() with input as document
		rule.unknown == set() with input as document
		rule.not_applicable == set() with input as document
	}
}

test_a_door_that_does_not_say_whether_it_is_open_is_unknown if {
	mapping := {"external": "tcp/5001", "target": "10.0.0.2"}
	document := _document([_router({"mappings": [mapping]}), _target("nas")])
	rule.fail == set() with input as document
	rule.unknown == {_entry({"cause": "door_state_unknown"})} with input as document
}

test_behind_another_box_warns if {
	said := object.union(_router({"mappings": [_mapping]}), {"system": {"interfaces": [
		{"name": "lan0", "addresses": ["10.0.0.1"], "default_route": false},
		{"name": "wan0", "addresses": ["192.168.1.2"], "default_route": true},
	]}})
	seen := _router({"mappings": [_mapping], "external_address": "100.64.1.2"})
	every router in [said, seen] {
		document := _document([router, _target("nas")])
		rule.fail == set() with input as document
		rule.warn == {_entry({"severity": "medium"})} with input as document
	}
}

test_a_public_outer_address_fails if {
	seen := _router({"mappings": [_mapping], "external_address": "44.128.10.2"})
	rule.fail == {_entry({"severity": "critical"})} with input as _document([seen, _target("nas")])
}

# Answers to a multicast question get lost: another kind of device heard is no proof that it is no gateway.
test_another_kind_heard_proves_nothing if {
	rule.not_applicable == set() with input as _document([_router({"types": ["MediaServer:1"]})])
}

test_a_gateway_whose_list_was_not_read_applies if {
	document := _document([_router({"types": ["InternetGatewayDevice:2"]})])
	rule.not_applicable == set() with input as document
}

test_off_by_its_own_word_does_not_apply if {
	entry := {"subject": "r", "cause": "upnp_off", "fact": "system/upnp"}
	off := {"id": "r", "system": {"upnp": {"enabled": false}}}
	rule.not_applicable == {entry} with input as _document([off])
	rule.not_applicable == set() with input as _document([{"id": "r", "system": {"upnp": {"enabled": true}}}])
	seen := object.union(off, _router({"types": ["InternetGatewayDevice:1"]}))
	rule.not_applicable == set() with input as _document([seen])
}
