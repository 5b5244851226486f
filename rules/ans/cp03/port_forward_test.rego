package ans.cp03.port_forward_test

import data.ans.cp03.port_forward as rule

_router(target) := {
	"id": "r",
	"system": {"port_forwards": [{"external": "tcp/443", "target": target, "origin": "static"}]},
}

_device(name, category) := {
	"id": name,
	"name": name,
	"network": {"addresses": ["10.0.0.2"]},
	"classification": {"category": category},
}

_entry(severity, name, target) := {
	"subject": "r",
	"item": "tcp/443",
	"severity": severity,
	"fact": "system/port_forwards/0",
	"values": {"target": name, "target_address": target, "port": "tcp/443", "origin": "static"},
}

test_what_holds_data_is_critical if {
	every category in ["nas", "workstation", "server", "medical_imaging"] {
		document := {"devices": [_router("10.0.0.2"), _device("nas", category)]}
		rule.fail == {_entry("critical", "nas", "10.0.0.2")} with input as document
	}
}

test_another_device_is_high if {
	document := {"devices": [_router("10.0.0.2"), _device("camera", "camera")]}
	rule.fail == {_entry("high", "camera", "10.0.0.2")} with input as document
}

test_an_unseen_target_is_high if {
	document := {"devices": [_router("10.0.0.9"), _device("nas", "nas")]}
	rule.fail == {_entry("high", "10.0.0.9", "10.0.0.9")} with input as document
}

test_two_devices_on_one_address_are_both_named if {
	document := {"devices": [_router("10.0.0.2"), _device("b", "tv"), _device("a", "nas")]}
	rule.fail == {_entry("critical", "a, b", "10.0.0.2")} with input as document
}

test_no_forward_passes if {
	rule.fail == set() with input as {"devices": [{"id": "r", "system": {"port_forwards": []}}]}
}
