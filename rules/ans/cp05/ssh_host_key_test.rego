package ans.cp05.ssh_host_key_test

import data.ans.cp05.ssh_host_key as rule

_input(ssh) := {"devices": [{"id": "a", "network": {"ssh": ssh}}], "coverage": [], "unread": []}

_closed := {"id": "a", "network": {"ports": [{"port": 80, "protocol": "tcp"}], "tcp_probed": [22]}}

_changed := {{"subject": "a", "item": "ssh_host_key", "fact": "network/ssh"}}

test_another_key_fails if {
	rule.fail == _changed with input as _input({"fingerprint": "SHA256:x", "pinned": "SHA256:y"})
}

test_the_same_key_passes if {
	document := _input({"fingerprint": "SHA256:x", "pinned": "SHA256:x"})
	rule.fail == set() with input as document
	rule.not_applicable == set() with input as document
}

test_a_refused_session_fails if {
	coverage := [{"source": "ssh", "target": "10.0.0.2", "device": "a", "status": "host_key_changed"}]
	rule.fail == _changed with input as {"devices": [{"id": "a"}], "coverage": coverage, "unread": []}
}

test_first_contact_does_not_apply if {
	document := _input({"fingerprint": "SHA256:x"})
	rule.fail == set() with input as document
	rule.not_applicable == {{"subject": "a", "cause": "first_contact", "fact": "network/ssh"}} with input as document
}

test_no_ssh_does_not_apply if {
	entry := {"subject": "a", "cause": "no_ssh", "fact": "network/tcp_probed"}
	rule.not_applicable == {entry} with input as {"devices": [_closed], "coverage": [], "unread": []}
}

test_ssh_elsewhere_applies if {
	elsewhere := {"network": {"ports": [{"port": 2222, "protocol": "tcp", "service": "ssh"}], "tcp_probed": [22]}}
	every said in [elsewhere, {"system": {"ssh": {"root_login": "no"}}}] {
		document := {"devices": [object.union(_closed, said)], "coverage": [], "unread": []}
		rule.not_applicable == set() with input as document
	}
}
