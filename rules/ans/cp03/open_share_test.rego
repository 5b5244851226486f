package ans.cp03.open_share_test

import data.ans.cp03.open_share as rule

_share(access) := {"name": "photos", "kind": "disk", "access": access}

_seen(shares) := {"id": "a", "network": {"smb": {"shares": shares}, "ports": [{"port": 445, "protocol": "tcp"}]}}

_said(protocol) := {"system": {"shares": [{"name": "photos", "protocol": protocol, "guest": true}]}}

_document(device) := {"devices": [device], "unread": []}

_entry(fact, more) := object.union(
	{"subject": "a", "item": "photos", "fact": fact, "values": {"share": "photos"}},
	more,
)

test_a_folder_open_to_guests_fails if {
	every access in ["read", "write"] {
		document := _document(_seen([_share(access)]))
		rule.fail == {_entry("network/smb/shares/0", {})} with input as document
	}
}

test_closed_and_other_shares_pass if {
	every shares in [[], [_share("none")], [{"name": "IPC$", "kind": "ipc", "access": "read"}]] {
		document := _document(_seen(shares))
		rule.fail == set() with input as document
		rule.warn == set() with input as document
		rule.unknown == set() with input as document
		rule.not_applicable == set() with input as document
	}
}

test_said_and_not_tried_fails if {
	rule.fail == {_entry("system/shares/0", {})} with input as _document(object.union({"id": "a"}, _said("smb")))
	document := _document(object.union(_seen([]), _said("nfs")))
	rule.fail == {_entry("system/shares/0", {})} with input as document
}

test_said_and_refused_when_tried_warns if {
	document := _document(object.union(_seen([_share("none")]), _said("smb")))
	rule.fail == set() with input as document
	rule.warn == {_entry("system/shares/0", {"severity": "medium"})} with input as document
}

test_said_and_seen_is_one_finding if {
	document := _document(object.union(_seen([_share("write")]), _said("smb")))
	rule.fail == {_entry("network/smb/shares/0", {})} with input as document
	rule.warn == set() with input as document
}

test_another_way_to_share_is_unknown if {
	more := {"network": {"ports": [{"port": 2049, "protocol": "tcp"}]}}
	document := _document(object.union(_seen([]), more))
	entry := {"subject": "a", "cause": "other_sharing", "fact": "network/ports"}
	rule.unknown == {entry} with input as document
	told := object.union(document.devices[0], {"system": {"shares": []}})
	rule.unknown == set() with input as _document(told)
}

_closed := {"id": "a", "network": {"ports": [], "tcp_probed": [139, 445]}}

test_no_sharing_does_not_apply if {
	entry := {"subject": "a", "cause": "no_file_sharing", "fact": "network/tcp_probed"}
	every more in [{}, {"system": {"services": [{"port": 22}]}}] {
		rule.not_applicable == {entry} with input as _document(object.union(_closed, more))
	}
	every more in [_said("smb"), {"system": {"services": [{"port": 445}]}}] {
		rule.not_applicable == set() with input as _document(object.union(_closed, more))
	}
}

test_a_filtered_door_is_unknown if {
	document := _document({"id": "a", "network": {"ports": [], "tcp_probed": [139], "tcp_filtered": [445]}})
	rule.unknown == {{"subject": "a", "cause": "filtered", "fact": "network/tcp_filtered"}} with input as document
}
