package lib.target_test

import data.lib.target

_device(name, category) := {
	"id": name,
	"name": name,
	"network": {"addresses": ["10.0.0.2"]},
	"classification": {"category": category},
}

_document := {"devices": [_device("b", "tv"), _device("a", "nas")]}

test_all_are_named if {
	target.name("10.0.0.2") == "a, b" with input as _document
	target.name("10.0.0.9") == "10.0.0.9" with input as _document
}

test_one_is_enough if {
	target.is_one_of("10.0.0.2", ["nas"]) with input as _document
	not target.is_one_of("10.0.0.2", ["printer"]) with input as _document
	not target.is_one_of("10.0.0.9", ["nas"]) with input as _document
}
