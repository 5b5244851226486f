package ans.cp02.clear_text_test

import data.ans.cp02.clear_text as rule

_all := [21, 23, 512, 513, 514]

_input(ports, probed) := {"devices": [{"id": "a", "network": {"ports": ports, "tcp_probed": probed}}]}

_entry(label, severity, service) := {
	"subject": "a",
	"item": label,
	"severity": severity,
	"fact": "network/ports/0",
	"values": {"port": label, "service": service},
}

test_proven_telnet_fails_on_any_port if {
	document := _input([{"port": 2323, "protocol": "tcp", "service": "telnet"}], _all)
	rule.fail == {_entry("tcp/2323", "high", "telnet")} with input as document
	rule.warn == set() with input as document
}

test_open_without_proof_warns if {
	document := _input([{"port": 23, "protocol": "tcp"}], _all)
	rule.fail == set() with input as document
	rule.warn == {_entry("tcp/23", "medium", "telnet")} with input as document
}

test_ftp_warns if {
	document := _input([{"port": 2121, "protocol": "tcp", "service": "ftp"}], _all)
	rule.fail == set() with input as document
	rule.warn == {_entry("tcp/2121", "medium", "ftp")} with input as document
}

test_another_service_on_23_is_fine if {
	document := _input([{"port": 23, "protocol": "tcp", "service": "ssh"}], _all)
	rule.fail == set() with input as document
	rule.warn == set() with input as document
}

test_udp_is_another_matter if {
	rule.warn == set() with input as _input([{"port": 23, "protocol": "udp"}], _all)
}

_with_page(category, page) := {"devices": [{
	"id": "a",
	"classification": {"category": category},
	"network": {
		"ports": [{"port": 80, "protocol": "tcp", "service": "http"}],
		"tcp_probed": _all,
		"http": [object.union({"port": 80, "tls": false}, page)],
	},
}]}

test_a_page_without_https_warns_where_devices_are_set_through_it if {
	entry := object.union(_entry("tcp/80", "medium", "http"), {"fact": "network/http/0"})
	every page in [{"status": 200}, {"status": 401}, {"status": 302, "location": "/login"}] {
		rule.warn == {entry} with input as _with_page("router", page)
		rule.unknown == set() with input as _with_page("router", page)
		rule.warn == set() with input as _with_page("workstation", page)
	}
}

test_what_nobody_classified_may_be_one_of_them if {
	document := _with_page("router", {"status": 200})
	device := object.remove(document.devices[0], ["classification"])
	count(rule.warn) == 1 with input as {"devices": [device]}
}

test_a_page_that_sends_on_to_https_or_is_none_is_fine if {
	every page in [
		{"status": 301, "location": "HTTPS://192.0.2.1/"},
		{"status": 404},
		{"status": 200, "tls": true},
		{},
	] {
		rule.warn == set() with input as _with_page("nas", page)
	}
}

test_a_page_that_nobody_looked_at_is_unknown if {
	every port in [{"port": 8123, "service": "http"}, {"port": 5000}] {
		device := {
			"id": "a",
			"classification": {"category": "nas"},
			"network": {"ports": [object.union({"protocol": "tcp"}, port)], "tcp_probed": _all},
		}
		entry := {"subject": "a", "cause": "not_probed", "fact": "network/ports/0"}
		rule.unknown == {entry} with input as {"devices": [device]}
	}
}

test_what_speaks_tls_is_not_in_clear if {
	device := {
		"id": "a",
		"classification": {"category": "nas"},
		"network": {
			"ports": [{"port": 443, "protocol": "tcp", "service": "http"}],
			"tcp_probed": _all,
			"tls": [{"port": 443, "versions": ["TLSv1.3"]}],
		},
	}
	rule.unknown == set() with input as {"devices": [device]}
}

test_a_filtered_port_is_unknown if {
	device := {"id": "a", "network": {"ports": [], "tcp_probed": [21, 512, 513, 514], "tcp_filtered": [23]}}
	rule.unknown == {{"subject": "a", "cause": "filtered"}} with input as {"devices": [device]}
}

test_a_port_not_probed_is_unknown if {
	rule.unknown == {{"subject": "a", "cause": "not_probed"}} with input as _input([], [21, 23])
	rule.unknown == set() with input as _input([], _all)
}
