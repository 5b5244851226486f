package ans.cp02.smb1_test

import data.ans.cp02.smb1 as rule

_closed := {"id": "a", "network": {"ports": [], "tcp_probed": [139, 445]}}

test_negotiated_fails if {
	document := {"devices": [{"id": "a", "network": {"smb": {"smb1": true}}}]}
	rule.fail == {{"subject": "a", "fact": "network/smb/smb1"}} with input as document
}

test_refused_passes if {
	rule.fail == set() with input as {"devices": [{"id": "a", "network": {"smb": {"smb1": false}}}]}
}

test_allowed_by_the_device_fails if {
	every minimum in ["NT1", "LANMAN1", "CORE"] {
		entry := {"subject": "a", "fact": "system/smb", "values": {"minimum": minimum}}
		device := {"id": "a", "system": {"smb": {"minimum_protocol": minimum}}}
		rule.fail == {entry} with input as {"devices": [device]}
	}
}

test_negotiated_and_allowed_is_one_finding if {
	device := {"id": "a", "network": {"smb": {"smb1": true}}, "system": {"smb": {"minimum_protocol": "NT1"}}}
	rule.fail == {{"subject": "a", "fact": "network/smb/smb1"}} with input as {"devices": [device]}
}

test_newer_minimum_is_fine if {
	device := {"id": "a", "system": {"smb": {"minimum_protocol": "SMB2_02"}}}
	rule.fail == set() with input as {"devices": [device]}
}

test_closed_ports_do_not_apply if {
	entry := {"subject": "a", "cause": "no_file_sharing", "fact": "network/tcp_probed"}
	rule.not_applicable == {entry} with input as {"devices": [_closed], "unread": []}
}

test_shares_said_by_the_device_apply if {
	every said in [
		{"shares": [{"name": "x", "protocol": "smb"}]},
		{"services": [{"port": 445, "protocol": "tcp"}]},
	] {
		document := {"devices": [object.union(_closed, {"system": said})], "unread": []}
		rule.not_applicable == set() with input as document
	}
}

test_other_shares_do_not_matter if {
	said := {"shares": [{"name": "x", "protocol": "nfs"}], "services": [{"port": 22, "protocol": "tcp"}]}
	document := {"devices": [object.union(_closed, {"system": said})], "unread": []}
	count(rule.not_applicable) == 1 with input as document
}

test_a_filtered_door_is_unknown if {
	filtered := {"id": "a", "network": {"ports": [], "tcp_probed": [139], "tcp_filtered": [445]}}
	document := {"devices": [filtered], "unread": []}
	rule.unknown == {{"subject": "a", "cause": "filtered", "fact": "network/tcp_filtered"}} with input as document
	rule.not_applicable == set() with input as document
}

test_one_door_answered_is_enough if {
	answered := {"id": "a", "network": {"smb": {"smb1": false}, "tcp_filtered": [139]}}
	rule.unknown == set() with input as {"devices": [answered], "unread": []}
}
