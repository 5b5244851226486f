package ans.cp09.remote_control_test

import data.ans.cp09.remote_control as rule

_all := [3389, 4899, 5800, 5900, 5901, 5938, 6568, 7070, 21115]

_device(ports, asked) := {"id": "a", "network": {"ports": ports, "tcp_probed": asked}}

_document(device) := {"devices": [device], "unread": []}

_entry(tool, port, more) := object.union(
	{"subject": "a", "item": port, "fact": "network/ports/0", "values": {"tool": tool, "port": port}},
	more,
)

test_a_proven_tool_fails if {
	rdp := {"port": 3389, "protocol": "tcp", "service": "ms-wbt-server"}
	rule.fail == {_entry("RDP", "tcp/3389", {})} with input as _document(_device([rdp], _all))
	every port in [
		{"port": 5999, "protocol": "tcp", "service": "vnc"},
		{"port": 5999, "protocol": "tcp", "banner": "RFB 003.008"},
	] {
		document := _document(_device([port], _all))
		rule.fail == {_entry("VNC", "tcp/5999", {})} with input as document
		rule.warn == set() with input as document
		rule.not_applicable == set() with input as document
	}
}

test_a_tool_inside_tls_is_the_same_tool if {
	every pair in [["ssl/vnc", "VNC"], ["ssl/ms-wbt-server", "RDP"], ["ssl/rdp", "RDP"], ["ssl/radmin", "Radmin"]] {
		document := _document(_device([{"port": 5999, "protocol": "tcp", "service": pair[0]}], _all))
		rule.fail == {_entry(pair[1], "tcp/5999", {})} with input as document
		rule.not_applicable == set() with input as document
	}
	other := _document(_device([{"port": 5900, "protocol": "tcp", "service": "ssl/http"}], _all))
	rule.fail == set() with input as other
	rule.warn == set() with input as other
}

# TLS hides what is spoken there: the number is all there is.
test_a_number_alone_warns if {
	every port in [{"port": 5938, "protocol": "tcp"}, {"port": 5938, "protocol": "tcp", "service": "tls"}] {
		document := _document(_device([port], _all))
		rule.fail == set() with input as document
		rule.warn == {_entry("TeamViewer", "tcp/5938", {"severity": "medium"})} with input as document
	}
}

test_a_number_that_speaks_something_else_is_nothing if {
	every port in [
		{"port": 7070, "protocol": "tcp", "service": "http", "banner": "HTTP/1.1 200 OK"},
		{"port": 5938, "protocol": "udp"},
		{"port": 80, "protocol": "tcp"},
	] {
		document := _document(_device([port], _all))
		rule.fail == set() with input as document
		rule.warn == set() with input as document
	}
}

test_what_is_declared_passes if {
	rdp := {"port": 3389, "protocol": "tcp", "service": "ms-wbt-server"}
	device := object.union(_device([rdp], _all), {"declared": {"expected_services": ["tcp/3389"]}})
	document := _document(device)
	rule.fail == set() with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
	rule.not_applicable == set() with input as document
}

test_none_seen_is_no_pass if {
	entry := {"subject": "a", "cause": "no_remote_tool_seen", "fact": "network/tcp_probed"}
	rule.not_applicable == {entry} with input as _document(_device([], _all))
}

test_not_all_asked_is_unknown if {
	document := _document(_device([], [3389]))
	rule.unknown == {{"subject": "a", "cause": "not_probed", "fact": "network/tcp_probed"}} with input as document
	rule.not_applicable == set() with input as document
}

test_filtered_is_unknown if {
	device := {"id": "a", "network": {"ports": [], "tcp_probed": [22], "tcp_filtered": _all}}
	document := _document(device)
	rule.unknown == {{"subject": "a", "cause": "filtered", "fact": "network/tcp_filtered"}} with input as document
}
