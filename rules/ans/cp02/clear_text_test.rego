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

test_a_filtered_port_is_unknown if {
	device := {"id": "a", "network": {"ports": [], "tcp_probed": [21, 512, 513, 514], "tcp_filtered": [23]}}
	rule.unknown == {{"subject": "a", "cause": "filtered"}} with input as {"devices": [device]}
}

test_a_port_not_probed_is_unknown if {
	rule.unknown == {{"subject": "a", "cause": "not_probed"}} with input as _input([], [21, 23])
	rule.unknown == set() with input as _input([], _all)
}
