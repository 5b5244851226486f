package ans.cp02.nas_updates_test

import data.ans.cp02.nas_updates as rule

_input(status, since) := {
	"taken_at": "2026-11-23T09:30:00Z",
	"devices": [{"id": "a", "system": {"updates": {"status": status}}}],
	"history": {"since": since},
}

_recent := {"subject": "a", "severity": "medium", "fact": "system/updates", "values": {"days": 30}}

test_waiting_too_long_fails if {
	document := _input("available", {"a": {"updates.available": "2026-10-24T09:29:59Z"}})
	values := {"days": 30, "since": "2026-10-24"}
	rule.fail == {{"subject": "a", "fact": "system/updates", "values": values}} with input as document
	rule.warn == set() with input as document
}

test_within_the_month_warns if {
	document := _input("available", {"a": {"updates.available": "2026-10-24T09:30:00Z"}})
	rule.fail == set() with input as document
	rule.warn == {_recent} with input as document
}

test_seen_for_the_first_time_warns if {
	rule.warn == {_recent} with input as _input("available", {})
}

test_current_passes if {
	document := _input("current", {})
	rule.fail == set() with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
}

test_no_answer_from_the_update_server_is_unknown if {
	every status in ["connecting", "disconnected", "other"] {
		entry := {"subject": "a", "cause": "update_status_inconclusive"}
		rule.unknown == {entry} with input as _input(status, {})
	}
}

test_no_word_of_a_waiting_update_is_unknown if {
	document := {"taken_at": "2026-11-23T09:30:00Z", "devices": [{"id": "a", "system": {"updates": {"automatic": true}}}]}
	rule.unknown == {{"subject": "a", "cause": "update_status_inconclusive"}} with input as document
}
