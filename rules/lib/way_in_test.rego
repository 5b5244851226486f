package lib.way_in_test

import data.lib.way_in

_document(device, unread) := {"site": {"networks": ["192.168.10.0/24"]}, "devices": [device], "unread": unread}

_lo := {"name": "lo", "addresses": ["127.0.0.1"], "default_route": false}

_lan := {"name": "lan0", "addresses": ["192.168.10.1"], "default_route": false}

_guest := {"name": "lan0.20", "addresses": ["192.168.20.1"], "default_route": false}

_wan := {"name": "ppp0", "addresses": ["44.128.10.2"], "default_route": true}

_behind(address) := {"name": "wan0", "addresses": [address], "default_route": true}

_side(interfaces, forward) := side if {
	device := {"id": "r", "system": {"interfaces": interfaces}}
	side := way_in.side(device, forward) with input as _document(device, [])
}

_router(forward) := _side([_lo, _lan, _guest, _wan], forward)

test_what_the_outer_interface_takes_comes_from_outside if {
	every interface in ["ppp0", "ppp*", "p*"] {
		_router({"interface": interface}) == "outside"
	}
}

test_what_any_interface_takes_comes_from_outside_too if {
	_router({}) == "outside"
	_router({"except_interfaces": ["lan0"]}) == "outside"
}

test_what_an_inner_interface_takes_does_not if {
	every interface in ["lan0", "lo"] {
		_router({"interface": interface}) == "inside"
	}
	_router({"except_interfaces": ["ppp*", "lan0.20"]}) == "inside"
	_router({"except_interfaces": ["ppp0", "lan0.*", "eth1"]}) == "inside"
}

# A guest network that the site does not name, or a second line that is down today: nobody can tell.
test_a_private_interface_of_no_authorised_network_is_unknown if {
	every forward in [{"interface": "lan0.20"}, {"interface": "lan*"}, {"except_interfaces": ["ppp0"]}] {
		_router(forward) == "unknown"
	}
}

test_an_interface_that_is_not_there_is_unknown if {
	every forward in [{"interface": "ppp1"}, {"interface": "eth*"}, {"except_interfaces": ["*"]}] {
		_router(forward) == "unknown"
	}
}

test_who_may_ask if {
	_router({"source_filter": ["192.168.10.0/24", "10.0.0.0/8"]}) == "inside"
	_router({"source_filter": ["192.168.10.0/24", "1.0.0.0/8"]}) == "outside"
	_router({"source_filter": ["192.168.0.0/15"]}) == "outside"
}

test_the_address_it_is_asked_for_by if {
	_router({"destination_filter": ["44.128.10.2/32"]}) == "outside"
	_router({"destination_filter": ["10.0.0.1/32", "44.0.0.0/8"]}) == "outside"
	_router({"destination_filter": ["127.0.0.1/32", "192.168.10.1/32"]}) == "inside"
	_router({"destination_filter": ["44.128.99.9/32"]}) == "unknown"
	_router({"destination_filter": ["44.128.10.2/32"], "interface": "lan0"}) == "inside"
}

test_behind_a_box_or_an_operator_it_is_relayed if {
	every address in ["192.168.1.2", "100.64.7.7", "10.0.0.2", "172.16.0.9"] {
		_side([_lan, _behind(address)], {}) == "relayed"
		_side([_lan, _behind(address)], {"destination_filter": [concat("/", [address, "32"])]}) == "relayed"
		_side([_lan, _behind(address)], {"destination_filter": ["192.168.10.1/32"]}) == "inside"
		_side([_lan, _behind(address)], {"interface": "lan0"}) == "inside"
	}
}

test_a_second_line_counts_and_the_worse_one_speaks if {
	_side([_lan, _behind("192.168.1.2"), _wan], {}) == "outside"
	_side([_lan, _behind("192.168.1.2"), _wan], {"interface": "wan0"}) == "relayed"
}

test_a_server_on_an_authorised_network_is_inside if {
	docker := {"name": "docker0", "addresses": ["172.17.0.1"], "default_route": false}
	_side([_lo, docker, _behind("192.168.10.5")], {"except_interfaces": ["docker0"]}) == "inside"
	public := object.union(_behind("192.168.10.5"), {"addresses": ["192.168.10.5", "44.128.10.5"]})
	_side([_lo, docker, public], {"except_interfaces": ["docker0"]}) == "outside"
}

test_without_a_way_out_only_an_authorised_network_is_inside if {
	_side([_lan], {"interface": "lan0"}) == "inside"
	_side([_lan, _guest], {"interface": "lan0.20"}) == "unknown"
	_side([_lan, _guest], {}) == "unknown"
}

test_what_an_interface_does_not_say_is_not_made_up if {
	every known in [
		{"name": "eth1"},
		{"name": "eth1", "addresses": ["192.168.30.1"]},
		{"name": "eth1", "addresses": [], "default_route": true},
		{"name": "eth1", "default_route": true},
		{"name": "eth1", "addresses": [], "default_route": false},
		{"name": "eth1", "addresses": ["44.128.30.1"], "default_route": false},
	] {
		_side([_lan, _wan, known], {"interface": "eth1"}) == "unknown"
	}
}

test_no_interfaces_is_unknown if {
	way_in.side({"id": "r"}, {}) == "unknown" with input as _document({"id": "r"}, [])
	_side([], {}) == "unknown"
	_side([], {"source_filter": ["10.0.0.0/8"]}) == "inside"
}

_side_unread(forward, fact) := side if {
	device := {"id": "r", "system": {"interfaces": [_lan, _wan]}}
	unread := [{"device": "r", "fact": fact}, {"device": "s", "fact": "system"}]
	side := way_in.side(device, forward) with input as _document(device, unread)
}

test_an_unread_line_leaves_what_is_proven_and_settles_nothing_else if {
	every fact in ["system", "system.interfaces", "system.interfaces.1"] {
		_side_unread({}, fact) == "outside"
		_side_unread({"interface": "lan0"}, fact) == "unknown"
	}
	every fact in ["system.interfacesx", "system.services", "network"] {
		_side_unread({"interface": "lan0"}, fact) == "inside"
	}
}
