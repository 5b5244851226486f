package ans.cp01.missing_device_test

import data.ans.cp01.missing_device as rule

_lan := "10.0.0.0/24"

_swept := [{"source": "arp", "target": _lan, "status": "done"}]

_declared(more) := object.union({"name": "nas", "presence": "permanent", "macs": ["02:00:00:00:00:01"]}, more)

_input(device, last, coverage) := {
	"taken_at": "2026-11-23T09:30:00Z",
	"site": {"networks": [_lan]},
	"devices": [object.union({"id": "a"}, device)],
	"coverage": coverage,
	"history": {"seen": {"a": {"first": "2026-01-01T00:00:00Z", "last": last}}},
}

_long_ago := "2026-11-16T09:29:59Z"

_entry(severity) := {
	"subject": "a",
	"severity": severity,
	"values": {"since": "2026-11-16", "macs": ["02:00:00:00:00:01"]},
}

test_gone_for_more_than_a_week_fails if {
	document := _input({"declared": _declared({})}, _long_ago, _swept)
	rule.fail == {_entry("medium")} with input as document
	rule.unknown == set() with input as document
}

test_with_patient_data_it_is_high if {
	document := _input({"declared": _declared({"stores_health_data": true}), "network": {}}, _long_ago, _swept)
	rule.fail == {_entry("high")} with input as document
}

test_gone_for_a_week_passes if {
	document := _input({"declared": _declared({})}, "2026-11-16T09:30:00Z", _swept)
	rule.fail == set() with input as document
	rule.unknown == set() with input as document
}

test_met_passes if {
	device := {"declared": _declared({}), "network": {"macs": ["02:00:00:00:00:01"]}}
	rule.fail == set() with input as _input(device, _long_ago, _swept)
}

test_what_nobody_declared_cannot_be_missing if {
	document := _input({"network": {"macs": ["02:00:00:00:00:01"]}}, _long_ago, _swept)
	rule.fail == set() with input as document
	rule.not_applicable == {{"subject": "a", "cause": "not_expected", "fact": "network/macs"}} with input as document
	rule.not_applicable == set() with input as _input({}, _long_ago, _swept)
}

test_whose_approval_has_ended_may_go if {
	document := _input({"declared": _declared({"until": "2026-11-22"})}, _long_ago, _swept)
	rule.fail == set() with input as document
	rule.not_applicable == {{"subject": "a", "cause": "not_expected", "fact": "declared"}} with input as document
	rule.fail == {_entry("medium")} with input as _input({"declared": _declared({"until": "2026-11-23"})}, _long_ago, _swept)
}

test_never_seen_is_not_accused if {
	document := object.remove(_input({"declared": _declared({})}, _long_ago, _swept), ["history"])
	every history in [{"runs": 0}, {"runs": 1, "seen": {}}] {
		rule.fail == set() with input as object.union(document, {"history": history})
	}
}

test_what_does_not_stay_here_does_not_apply if {
	every presence in ["mobile", "seasonal"] {
		document := _input({"declared": _declared({"presence": presence})}, _long_ago, _swept)
		rule.fail == set() with input as document
		entry := {"subject": "a", "cause": "not_always_here", "fact": "declared"}
		rule.not_applicable == {entry} with input as document
	}
}

test_where_nobody_looked_is_unknown if {
	other := {"source": "arp", "target": "10.0.1.0/24", "status": "done"}
	failed := {"source": "vantage", "target": _lan, "status": "off_link"}
	every coverage in [[], [other], array.concat(_swept, [failed])] {
		document := _input({"declared": _declared({})}, _long_ago, coverage)
		rule.fail == set() with input as document
		entry := {"subject": "a", "cause": "not_swept", "values": {"networks": [_lan]}}
		rule.unknown == {entry} with input as document
	}
}

test_an_exclusion_is_a_place_where_nobody_looked if {
	document := _input({"declared": _declared({})}, _long_ago, _swept)
	site := {"site": {"networks": [_lan], "exclusions": ["10.0.0.9/32"]}}
	entry := {"subject": "a", "cause": "not_swept", "values": {"networks": ["10.0.0.9/32"]}}
	rule.unknown == {entry} with input as object.union(document, site)
}
