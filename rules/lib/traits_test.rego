package lib.traits_test

import data.lib.traits

_with(items) := {"identifiers": [{"kind": item[0], "value": item[1]} | some item in items]}

test_another_number_is_a_contradiction if {
	before := _with([["serial", "a1"], ["engine_id", "e1"]])
	traits.contradicted(before, _with([["serial", "a2"], ["engine_id", "e1"]])) == {"serial"}
	traits.contradicted(before, before) == set()
	traits.contradicted(before, _with([])) == set()
}

test_keys_of_two_types_are_of_one_device if {
	before := _with([["host_key", "ssh-ed25519 SHA256:a"]])
	traits.contradicted(before, _with([["host_key", "ssh-rsa SHA256:b"]])) == set()
	traits.contradicted(before, _with([["host_key", "ssh-ed25519 SHA256:b"]])) == {"host_key"}
}

test_a_uuid_made_again_is_none if {
	traits.contradicted(_with([["uuid", "a"]]), _with([["uuid", "b"]])) == set()
}

test_what_differs_beside_numbers if {
	traits.differing({"platform": "linux"}, {"platform": "openwrt"}) == {"platform"}
	traits.differing({"platform": "linux"}, {}) == set()
	traits.differing({"vendor": "hp"}, {"vendor": "hp"}) == set()
}

test_what_was_only_announced_says_nothing if {
	proven := _with([["serial", "a1"]])
	every other in ["a1", "a2"] {
		announced := {"identifiers": [
			{"kind": "serial", "value": other, "announced": true},
			{"kind": "uuid", "value": "u", "announced": true},
		]}
		every pair in [[proven, announced], [announced, proven], [announced, announced]] {
			traits.contradicted(pair[0], pair[1]) == set()
			traits.same(pair[0], pair[1], "serial") == false
			traits.comparable(pair[0], pair[1]) == false
		}
	}
}

test_same_and_comparable if {
	before := _with([["serial", "a1"], ["mac", "m"]])
	traits.same(before, _with([["serial", "a1"]]), "serial") == true
	traits.same(before, _with([["serial", "a2"]]), "serial") == false
	traits.comparable(before, _with([["serial", "a2"]])) == true
	traits.comparable(before, _with([["mac", "m"]])) == false
	traits.comparable({"platform": "linux"}, {"platform": "linux"}) == true
}
