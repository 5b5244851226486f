package ans.cp03.snmp_default_community_test

import data.ans.cp03.snmp_default_community as rule

_seen(snmp) := {"devices": [{"id": "a", "network": {"snmp": snmp}}]}

_said(snmp) := {"devices": [{"id": "a", "system": {"snmp": snmp}}]}

_entry(severity, fact) := {"subject": "a", "item": "udp/161", "severity": severity, "fact": fact}

test_an_answer_to_everybody_fails if {
	document := _seen({"version": "v2c", "default_community": true})
	rule.fail == {_entry("medium", "network/snmp/default_community")} with input as document
}

test_a_setting_fails if {
	document := _said({"enabled": true, "default_community": true})
	rule.fail == {_entry("medium", "system/snmp/default_community")} with input as document
	rule.fail == set() with input as _said({"enabled": false, "default_community": true})
}

test_writable_is_critical_and_both_sides_are_one_finding if {
	said := _said({"enabled": true, "default_community": true, "writable": true})
	rule.fail == {_entry("critical", "system/snmp/default_community")} with input as said
	both := {"devices": [object.union(said.devices[0], {"network": {"snmp": {"default_community": true}}})]}
	rule.fail == {_entry("critical", "network/snmp/default_community")} with input as both
}

test_changed_or_v3_only_passes if {
	every settings in [{"default_community": false}, {"versions": ["v3"]}] {
		document := _said(object.union({"enabled": true}, settings))
		rule.fail == set() with input as document
		rule.unknown == set() with input as document
		rule.not_applicable == set() with input as document
	}
}

test_communities_that_are_not_told_are_unknown if {
	every settings in [{}, {"versions": ["v2c", "v3"]}, {"versions": []}] {
		entry := {"subject": "a", "cause": "snmp_community_unknown", "fact": "system/snmp"}
		rule.unknown == {entry} with input as _said(object.union({"enabled": true}, settings))
	}
}

test_off_does_not_apply if {
	entry := {"subject": "a", "cause": "snmp_off", "fact": "system/snmp"}
	rule.not_applicable == {entry} with input as _said({"enabled": false})
	answering := object.union(_said({"enabled": false}).devices[0], {"network": {"snmp": {"version": "v2c"}}})
	rule.not_applicable == set() with input as {"devices": [answering]}
}
