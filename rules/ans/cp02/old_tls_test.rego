package ans.cp02.old_tls_test

import data.ans.cp02.old_tls as rule

_device(tls) := {"id": "a", "network": {"tls": tls, "tcp_probed": [443, 8443], "ports": []}}

_document(device) := {"devices": [device], "unread": []}

_entry(more) := object.union({"subject": "a", "item": "tcp/443", "fact": "network/tls/0"}, more)

test_an_old_version_fails if {
	every old in ["SSLv3", "TLSv1", "TLSv1.1"] {
		document := _document(_device([{"port": 443, "versions": [old, "TLSv1.2"]}]))
		values := {"port": "tcp/443", "versions": [old]}
		rule.fail == {_entry({"values": values})} with input as document
	}
}

test_new_versions_pass if {
	document := _document(_device([{"port": 443, "versions": ["TLSv1.2", "TLSv1.3"]}, {"port": 8443, "versions": []}]))
	rule.fail == set() with input as document
	rule.unknown == set() with input as document
	rule.not_applicable == set() with input as document
}

test_versions_that_were_not_told_are_unknown if {
	document := _document(_device([{"port": 443}]))
	values := {"port": "tcp/443"}
	rule.unknown == {_entry({"cause": "tls_versions_unknown", "values": values})} with input as document
	rule.not_applicable == set() with input as document
}

test_not_asked_is_unknown if {
	document := _document({"id": "a", "network": {"tls": [], "tcp_probed": [443]}})
	rule.unknown == {{"subject": "a", "cause": "not_probed", "fact": "network/tcp_probed"}} with input as document
	rule.not_applicable == set() with input as document
}

test_filtered_is_unknown if {
	document := _document({"id": "a", "network": {"tls": [], "tcp_probed": [443], "tcp_filtered": [8443]}})
	rule.unknown == {{"subject": "a", "cause": "filtered", "fact": "network/tcp_filtered"}} with input as document
}

_none := {{"subject": "a", "cause": "no_tls", "fact": "network/tcp_probed"}}

test_no_tls_where_asked_does_not_apply if {
	every tls in [[], [{"port": 443, "versions": []}]] {
		rule.not_applicable == _none with input as _document(_device(tls))
		unread := [{"device": "a", "fact": "network.tls"}]
		rule.not_applicable == set() with input as {"devices": [_device(tls)], "unread": unread}
	}
}

test_ports_that_speak_something_else_do_not_apply if {
	ports := [{"port": 445, "protocol": "tcp", "service": "smb"}]
	device := {"id": "a", "network": {"ports": ports, "tcp_probed": [443, 445, 8443]}}
	rule.not_applicable == _none with input as _document(device)
	unproven := {"network": {"ports": [{"port": 9000, "protocol": "tcp"}]}}
	rule.not_applicable == set() with input as _document(object.union(device, unproven))
}
