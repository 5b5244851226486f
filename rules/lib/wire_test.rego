package lib.wire_test

import data.lib.wire

_device(ports) := {"id": "a", "network": {"ports": ports, "tcp_probed": [22, 139, 445]}}

_unread(fact) := [{"device": "a", "fact": fact}]

test_closed if wire.closed(_device([{"port": 22, "protocol": "tcp"}]), [139, 445], [])

test_udp_does_not_open_tcp if wire.closed(_device([{"port": 445, "protocol": "udp"}]), [445], [])

test_open_is_not_closed if not wire.closed(_device([{"port": 445, "protocol": "tcp"}]), [139, 445], [])

test_not_asked_is_not_closed if not wire.closed(_device([]), [23], [])

test_not_looked_is_not_closed if {
	not wire.closed({"id": "a", "network": {"tcp_probed": [22]}}, [22], [])
	not wire.closed({"id": "a", "network": {"ports": []}}, [22], [])
	not wire.closed({"id": "a"}, [22], [])
}

test_an_unread_line_is_not_closed if {
	every fact in ["network", "network.ports", "network.ports.3"] {
		not wire.closed(_device([]), [22], _unread(fact))
	}
}

test_other_unread_lines_do_not_matter if {
	every fact in ["network.portsmouth", "network.smb", "system"] {
		wire.closed(_device([]), [22], _unread(fact))
	}
	wire.closed(_device([]), [22], [{"device": "b", "fact": "network.ports"}])
}

test_filtered if {
	device := {"network": {"tcp_probed": [22], "tcp_filtered": [139, 445]}}
	wire.filtered(device, [23, 445])
	not wire.filtered(device, [22, 23])
	not wire.filtered({"network": {}}, [445])
	not wire.closed(device, [445], [])
}

test_only_speaks if {
	ssh := {"port": 22, "protocol": "tcp", "service": "ssh"}
	wire.only_speaks(_device([]), ["ssh"])
	wire.only_speaks(_device([ssh, {"port": 161, "protocol": "udp"}]), ["ssh"])
	not wire.only_speaks(_device([ssh, {"port": 443, "protocol": "tcp"}]), ["ssh"])
	not wire.only_speaks(_device([ssh]), ["smb"])
	not wire.only_speaks({"network": {}}, ["ssh"])
}

test_never_speaks if {
	smb := {"port": 445, "protocol": "tcp", "service": "smb"}
	wire.never_speaks(_device([]), "ssh")
	wire.never_speaks(_device([smb, {"port": 161, "protocol": "udp"}]), "ssh")
	not wire.never_speaks(_device([smb, {"port": 2222, "protocol": "tcp"}]), "ssh")
	not wire.never_speaks(_device([smb]), "smb")
	not wire.never_speaks(_device([{"port": 2222, "protocol": "tcp", "service": "ssl/ssh"}]), "ssh")
	not wire.never_speaks({"network": {}}, "ssh")
}

test_label if wire.label({"port": 23, "protocol": "tcp"}) == "tcp/23"

test_inner if {
	wire.inner({"service": "ssl/vnc"}) == "vnc"
	wire.inner({"service": "vnc"}) == "vnc"
	not wire.inner({"service": "tls"})
	not wire.inner({"port": 5900})
}
