package lib.transient_test

import data.lib.transient

_phone(network) := {"id": "a", "network": object.union({"mac_randomised": true}, network)}

test_an_invented_mac_and_nothing_else if {
	transient.is_one(_phone({}))
	transient.is_one(_phone({"ports": []}))
	transient.is_one(_phone({"ports": [{"protocol": "tcp", "port": 62078}]}))
}

test_a_burned_in_mac_is_no_passing_device if {
	not transient.is_one({"id": "a", "network": {"mac_randomised": false}})
	not transient.is_one({"id": "a", "network": {}})
}

test_a_declared_one_is_none if {
	not transient.is_one(object.union(_phone({}), {"declared": {"name": "a"}}))
}

test_a_computer_behind_an_invented_mac_is_none if {
	every network in [
		{"ports": [{"protocol": "tcp", "port": 445}]},
		{"ports": [{"protocol": "udp", "port": 62078}]},
		{"mdns": [{"kind": "_smb._tcp", "name": "pc"}]},
		{"netbios": {"name": "PC"}},
		{"dhcp": {"vendor_class": "MSFT 5.0"}},
		{"dhcp_server": {"address": "10.0.0.1"}},
		{"dhcp6_server": {"dns": ["fe80::1"]}},
		{"router_advertisement": {"lifetime_s": 0}},
	] {
		not transient.is_one(_phone(network))
	}
}

test_lasting_with_an_identifier if {
	not transient.lasting(_phone({}))
	not transient.lasting(object.union(_phone({}), {"traits": {"identifiers": []}}))
	transient.lasting(object.union(_phone({}), {"traits": {"identifiers": [{"kind": "uuid", "value": "b"}]}}))
}

test_a_known_thing_behind_an_invented_mac_is_none if {
	every said in [
		{"category": "router", "certain": true, "clues": []},
		{"category": "printer", "certain": true, "clues": []},
		{"category": "phone", "certain": false, "clues": [{"category": "router", "weight": 60, "reason": "gateway true"}]},
	] {
		not transient.is_one(object.union(_phone({}), {"classification": said}))
	}
	every said in [
		{"category": "phone", "certain": true, "clues": []},
		{"category": "tablet", "certain": true, "clues": []},
		{"category": "router", "certain": false, "clues": [{"category": "router", "weight": 40, "reason": "port 53"}]},
	] {
		transient.is_one(object.union(_phone({}), {"classification": said}))
	}
}
