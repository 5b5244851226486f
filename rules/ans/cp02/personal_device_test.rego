package ans.cp02.personal_device_test

import data.ans.cp02.personal_device as rule

_device(zone, owner, use) := {"devices": [{
	"id": "a",
	"network": {"zone": zone},
	"declared": {"owner": owner, "use": use},
}]}

_fail(said) := {{"subject": "a", "facts": array.concat(said, ["network/macs", "network/zone"])}}

test_personal_owner_fails if {
	every owner in ["personal", "family", "patient"] {
		expected := _fail(["declared/owner"])
		rule.fail == expected with input as _device("professional", owner, "professional")
	}
}

test_personal_use_fails if {
	every use in ["personal", "mixed"] {
		rule.fail == _fail(["declared/use"]) with input as _device("wifi", "practice", use)
	}
}

test_what_is_personal_twice_is_one_finding if {
	expected := _fail(["declared/owner", "declared/use"])
	rule.fail == expected with input as _device("professional", "family", "mixed")
}

test_guest_network_is_fine if {
	document := _device("guest", "family", "personal")
	rule.fail == set() with input as document
	rule.not_applicable == set() with input as document
}

test_professional_does_not_apply if {
	document := _device("professional", "provider", "professional")
	rule.fail == set() with input as document
	rule.not_applicable == {{"subject": "a", "cause": "professional_device"}} with input as document
}

test_undeclared_on_the_guest_network_does_not_apply if {
	document := {"devices": [{"id": "a", "network": {"zone": "guest"}}]}
	rule.not_applicable == {{"subject": "a", "cause": "guest_network"}} with input as document
}

test_undeclared_says_nothing if {
	document := {"devices": [{"id": "a", "network": {"zone": "professional"}}]}
	rule.fail == set() with input as document
	rule.not_applicable == set() with input as document
}
