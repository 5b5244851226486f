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
