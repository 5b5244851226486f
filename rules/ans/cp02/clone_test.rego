package ans.cp02.clone_test

import data.ans.cp02.clone as rule

_traits(items) := {"identifiers": [{"kind": item[0], "value": item[1]} | some item in items]}

_before := [["serial", "s1"], ["engine_id", "e1"], ["host_key", "ssh-ed25519 k1"]]

_input(before, now) := {
	"devices": [{"id": "a", "network": {"macs": ["a"]}, "traits": now}],
	"history": {"known": {"a": {"traits": before}}},
}

_seen(items) := _input(_traits(_before), _traits(items))

_words(rows) := {row.values.changed_en | some row in rows}

test_two_other_numbers_are_another_device if {
	document := _seen([["engine_id", "e2"], ["host_key", "ssh-ed25519 k2"]])
	_words(rule.fail) == {["another SNMP identifier", "another SSH key"]} with input as document
	rule.warn == set() with input as document
}

test_with_its_serial_number_it_was_reinstalled if {
	document := _seen([["serial", "s1"], ["engine_id", "e2"], ["host_key", "ssh-ed25519 k2"]])
	rule.fail == set() with input as document
	count(rule.warn) == 1 with input as document
}

test_a_serial_number_that_it_only_announces_excuses_nothing if {
	document := _seen([["engine_id", "e2"], ["host_key", "ssh-ed25519 k2"]])
	serial := {"kind": "serial", "value": "s1", "announced": true}
	device := document.devices[0]
	copied := object.union(device, {"traits": {"identifiers": array.concat(device.traits.identifiers, [serial])}})
	count(rule.fail) == 1 with input as object.union(document, {"devices": [copied]})
	rule.warn == set() with input as object.union(document, {"devices": [copied]})
}

test_a_maker_that_it_announces_is_a_warning_when_it_is_another_and_no_proof_when_it_is_the_same if {
	then := {"identifiers": [{"kind": "engine_id", "value": "e1"}], "manufacturer": "synology"}
	same := _input(then, {"identifiers": [], "manufacturer": "synology"})
	{row.cause | some row in rule.unknown} == {"identity_not_shown"} with input as same
	other := _input({"identifiers": [], "manufacturer": "qnap"}, {"identifiers": [], "manufacturer": "synology"})
	count(rule.warn) == 1 with input as other
	rule.unknown | rule.not_applicable == set() with input as other
}

test_one_other_number_is_a_warning if {
	every now in [[["serial", "s2"]], [["engine_id", "e2"], ["host_key", "ssh-ed25519 k1"]]] {
		rule.fail == set() with input as _seen(now)
		count(rule.warn) == 1 with input as _seen(now)
	}
}

test_another_system_is_a_warning if {
	document := _input({"identifiers": [], "platform": "openwrt"}, {"identifiers": [], "platform": "linux"})
	_words(rule.warn) == {["another system"]} with input as document
}

test_an_ssh_key_alone_is_told_elsewhere if {
	document := _seen([["host_key", "ssh-ed25519 k2"]])
	rule.fail | rule.warn == set() with input as document
	{row.cause | some row in rule.unknown} == {"told_by_ssh_host_key"} with input as document
}

test_an_ssh_key_that_was_accepted_counts_no_more if {
	document := _seen([["engine_id", "e2"], ["host_key", "ssh-ed25519 k2"]])
	ssh := {"ssh": {"fingerprint": "k2", "pinned": "k2"}}
	device := object.union(document.devices[0], {"network": ssh})
	rule.fail == set() with input as object.union(document, {"devices": [device]})
	count(rule.warn) == 1 with input as object.union(document, {"devices": [device]})
}

test_the_same_passes if {
	document := _seen(_before)
	((rule.fail | rule.warn) | rule.unknown) | rule.not_applicable == set() with input as document
}

test_a_first_visit_has_nothing_to_compare if {
	document := {"devices": [{"id": "a", "network": {"macs": ["a"]}, "traits": _traits(_before)}], "history": {}}
	{row.cause | some row in rule.not_applicable} == {"first_identity"} with input as document
}

test_what_shows_no_more_what_it_showed_is_unknown if {
	{row.cause | some row in rule.unknown} == {"identity_not_shown"} with input as _seen([["mac", "a"]])
}

test_what_never_showed_anything_does_not_apply if {
	document := _input(_traits([["mac", "a"]]), _traits([["mac", "a"]]))
	{row.cause | some row in rule.not_applicable} == {"nothing_but_a_mac"} with input as document
	rule.unknown == set() with input as document
}
