package ans.cp05.backup_recent_test

import data.ans.cp05.backup_recent as rule

_input(backups) := {"taken_at": "2026-11-23T09:30:00Z", "devices": [{
	"id": "a",
	"classification": {"category": "nas"},
	"system": {"backups": backups},
}]}

_job(more) := object.union({"name": "nuit"}, more)

_entry(since, more) := object.union(
	{"subject": "a", "item": "nuit", "fact": "system/backups/0", "values": {"job": "nuit", "since": since}},
	more,
)

_warned(since) := _entry(since, {"severity": "medium", "values": {"hours": 24}})

_silent(document) if {
	rule.fail == set() with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
}

test_a_success_of_the_night_passes if {
	every result in ["success", "running"] {
		_silent(_input([_job({"last_success": "2026-11-23T02:00:00Z", "last_result": result})]))
	}
	_silent(_input([_job({"last_success": "2026-11-22T09:30:00Z"})]))
}

test_older_than_three_days_fails if {
	document := _input([_job({"last_success": "2026-11-20T09:29:59Z", "last_result": "success"})])
	rule.fail == {_entry("2026-11-20", {})} with input as document
	rule.warn == set() with input as document
}

test_older_than_a_day_warns if {
	every moment in ["2026-11-20T09:30:00Z", "2026-11-22T09:29:59Z"] {
		document := _input([_job({"last_success": moment, "last_result": "success"})])
		rule.fail == set() with input as document
		rule.warn == {_warned(substring(moment, 0, 10))} with input as document
	}
}

test_a_failure_fails_whatever_came_before if {
	document := _input([_job({"last_success": "2026-11-22T20:00:00Z", "last_result": "failed"})])
	rule.fail == {_entry("2026-11-22", {})} with input as document
	rule.unknown == set() with input as document
}

test_never_run_fails if {
	document := _input([_job({"last_result": "never"})])
	rule.fail == {_entry("–", {})} with input as document
	rule.unknown == set() with input as document
}

test_without_a_date_that_can_be_it_is_unknown if {
	to_come := {"last_success": "2026-11-25T09:30:00Z"}
	every pair in [[{}, "–"], [{"last_result": "running"}, "–"], [to_come, "2026-11-25"]] {
		document := _input([_job(pair[0])])
		rule.fail == set() with input as document
		rule.warn == set() with input as document
		rule.unknown == {_entry(pair[1], {"cause": "backup_date_unknown"})} with input as document
	}
}

test_no_job_at_all_warns if {
	values := {"job": "–", "since": "–", "hours": 24}
	entry := {"subject": "a", "severity": "medium", "fact": "system/backups", "values": values}
	rule.warn == {entry} with input as _input([])
}
