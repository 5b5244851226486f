package ans.cp02.router_end_of_life_test

import data.ans.cp02.router_end_of_life as rule

_table := {"date": "2026-08-17", "products": {"os": {"title": "OS", "cycles": {
	"1": {"ended": true},
	"1.11": {"end": "2026-11-22"},
	"2.0": {"end": "2027-02-20"},
	"2.1": {"end": "2027-02-21"},
	"3": {},
}}}}

_input(os, firmware, day) := {"taken_at": concat("", [day, "T09:30:00Z"]), "devices": [{
	"id": "r",
	"classification": {"category": "router"},
	"system": {"identity": {"os": os, "firmware": firmware}},
}]}

_today := "2026-11-23"

_facts := ["system/identity/os", "system/identity/firmware"]

_entry(version, cycle, end) := {
	"subject": "r",
	"facts": _facts,
	"values": {"product": "OS", "version": version, "cycle": cycle, "end": end},
}

# Of "1" the table knows only that it was over on the table's own day.
_ends := {"1": "≤ 2026-08-17", "1.11": "2026-11-22"}

test_past_its_end_fails if {
	every version, cycle in {"1.11": "1.11", "1.11.3": "1.11", "1.9": "1", "1": "1"} {
		document := _input("os", version, _today)
		rule.fail == {_entry(version, cycle, _ends[cycle])} with input as document with data.end_of_life as _table
		rule.unknown == set() with input as document with data.end_of_life as _table
	}
}

test_a_leading_letter_is_no_part_of_the_version if {
	document := _input("os", "v1.11.3", _today)
	rule.fail == {_entry("1.11.3", "1.11", "2026-11-22")} with input as document with data.end_of_life as _table
}

test_ends_soon_warns if {
	expected := object.union(_entry("2.0.4", "2.0", "2027-02-20"), {"severity": "medium"})
	document := _input("os", "2.0.4", _today)
	rule.warn == {expected} with input as document with data.end_of_life as _table
	rule.fail == set() with input as document with data.end_of_life as _table
}

test_maintained_passes if {
	every version in ["2.1.0", "3.4-rc1"] {
		document := _input("os", version, _today)
		rule.fail == set() with input as document with data.end_of_life as _table
		rule.warn == set() with input as document with data.end_of_life as _table
		rule.unknown == set() with input as document with data.end_of_life as _table
	}
}

test_not_in_the_table_is_unknown if {
	every pair in [["os", "2.10"], ["os", "33"], ["os", ""], ["other", "1.11"]] {
		entry := {"subject": "r", "cause": "not_in_end_of_life_table", "facts": _facts}
		document := _input(pair[0], pair[1], _today)
		rule.unknown == {entry} with input as document with data.end_of_life as _table
		rule.fail == set() with input as document with data.end_of_life as _table
	}
}

test_an_old_table_settles_no_pass if {
	document := _input("os", "3.4", "2027-08-18")
	values := {"date": "2026-08-17"}
	entry := {"subject": "r", "cause": "end_of_life_table_old", "facts": _facts, "values": values}
	rule.unknown == {entry} with input as document with data.end_of_life as _table
}

test_other_devices_are_not_its_business if {
	document := {"taken_at": "2026-11-23T09:30:00Z", "devices": [{
		"id": "a",
		"classification": {"category": "nas"},
		"system": {"identity": {"os": "os", "firmware": "1.11"}},
	}]}
	rule.fail == set() with input as document with data.end_of_life as _table
	rule.unknown == set() with input as document with data.end_of_life as _table
}

# The table that is shipped: a rolling system, and one whose free long-term support counts.
test_the_shipped_table if {
	every pair in [["openwrt", "23.05.4"], ["routeros", "7.20.8"], ["sns", "4.3.21"], ["debian", "10"]] {
		count(rule.fail) == 1 with input as _input(pair[0], pair[1], _today)
	}
	every pair in [["openwrt", "25.12.5"], ["fortios", "7.4.8"], ["debian", "12"]] {
		document := _input(pair[0], pair[1], _today)
		rule.fail == set() with input as document
		rule.warn == set() with input as document
		rule.unknown == set() with input as document
	}
}
