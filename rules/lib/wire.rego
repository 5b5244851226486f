# What the wire showed of a device's TCP ports. Every function stays undefined where nothing was looked at: a port that
# nobody asked is not a closed port.
package lib.wire

# All of these ports answered.
probed(device, numbers) if {
	asked := device.network.tcp_probed
	every number in numbers {
		number in asked
	}
}

# All of these ports answered, the whole answer was read, and none is open.
closed(device, numbers, unread) if {
	probed(device, numbers)
	ports := device.network.ports
	open := {port.port | some port in ports; port.protocol == "tcp"}
	every number in numbers {
		not number in open
	}
	not _unread_ports(device, unread)
}

# Some of these ports were asked in vain: a firewall stands before them, or the answers were lost.
filtered(device, numbers) if {
	some number in device.network.tcp_filtered
	number in numbers
}

# Every open TCP port proved what it speaks, and it is one of these services.
only_speaks(device, services) if {
	ports := device.network.ports
	every port in ports {
		_speaks(port, services)
	}
}

# Every open TCP port proved what it speaks, and none speaks this service.
never_speaks(device, service) if {
	ports := device.network.ports
	every port in ports {
		_speaks_other(port, service)
	}
}

_speaks_other(port, _) if port.protocol != "tcp"

_speaks_other(port, service) if inner(port) != service

_speaks(port, _) if port.protocol != "tcp"

_speaks(port, services) if port.service in services

# What a port speaks, be it inside a TLS tunnel: "vnc" of "vnc" and of "ssl/vnc". A tunnel does not change the tool.
# Undefined of "tls" alone: nobody knows what is spoken there.
inner(port) := trim_prefix(port.service, "ssl/") if port.service != "tls"

# "tcp/23"
label(port) := concat("/", [port.protocol, format_int(port.port, 10)])

_unread_ports(device, unread) if {
	some line in unread
	line.device == device.id
	startswith("network.ports.", concat("", [line.fact, "."]))
}

_unread_ports(device, unread) if {
	some line in unread
	line.device == device.id
	startswith(line.fact, "network.ports.")
}
