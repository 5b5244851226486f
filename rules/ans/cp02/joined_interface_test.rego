package ans.cp02.joined_interface_test

import data.ans.cp02.joined_interface as rule

_link(mac, announced) := {"reason": "mac", "value": "v", "mac": mac, "to": "a", "announced": announced}

_device(link) := {"devices": [{"id": "a", "declared": {"macs": ["00:00:5e:00:53:01"]}, "links": [link]}]}

test_an_announced_link_to_a_burned_in_mac_is_told if {
	values := {"mac": "00:00:5e:00:53:02", "kind": "MAC"}
	row := {"subject": "a", "item": "00:00:5e:00:53:02", "fact": "network/macs", "values": values}
	rule.warn == {row} with input as _device(_link("00:00:5e:00:53:02", true))
}

test_what_was_proven_is_not if {
	rule.warn == set() with input as _device(_link("00:00:5e:00:53:02", false))
}

test_what_is_in_the_inventory_is_not if {
	rule.warn == set() with input as _device(_link("00:00:5e:00:53:01", true))
}

test_invented_macs_are_told_by_what_links_them if {
	links := [_link("5e:00:00:00:53:02", true), _link("5e:00:00:00:53:01", true)]
	device := object.union(_device(links[0]).devices[0], {"links": links})
	values := {"mac": "5e:00:00:00:53:01, 5e:00:00:00:53:02", "kind": "MAC"}
	row := {"subject": "a", "item": "v", "fact": "network/macs", "values": values}
	rule.warn == {row} with input as {"devices": [device]}
}

test_a_stranger_is_told_elsewhere if {
	document := {"devices": [{"id": "a", "links": [_link("00:00:5e:00:53:02", true)]}]}
	rule.warn == set() with input as document
}
