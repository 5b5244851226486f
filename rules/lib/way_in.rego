package lib.way_in

# From where a port forward is reached. "outside": an interface with a default route and a public address takes it.
# "relayed": one with a default route and no public address does, so that somebody in front decides. "inside": all that
# it can come in by is inner: in an authorised network, whose own router answers for what it lets in, or loopback. Any
# other private interface may be a second line to the Internet that carries no default route today.
side(device, forward) := _side(device, forward, _asked(device, forward))

_side(device, forward, asked) := "outside" if {
	some [_, address] in _taken(device, forward, asked)
	address in _public
} else := "relayed" if {
	inner := _inner[device.id]
	some [name, _] in _taken(device, forward, asked)
	not name in inner
} else := "inside" if {
	_inside(device, forward, asked)
} else := "unknown"

# The outer interfaces, each with an address, at which it takes what comes from afar.
_taken(device, forward, asked) := {[interface.name, address] |
	_from_afar(forward)
	names := _ways(device, forward) & _outer[device.id]
	some interface in device.system.interfaces
	interface.name in names
	some address in interface.addresses
	address in asked
}

_inside(_, forward, _) if not _from_afar(forward)

_inside(device, forward, _) if {
	not _unread[device.id]
	names := _ways(device, forward)
	count(names) > 0
	count(names - _inner[device.id]) == 0
}

# What asks for an inner address does not come from the Internet; unless the interface itself has it, behind a box.
_inside(device, forward, asked) if {
	not _unread[device.id]
	networks := forward.destination_filter
	every network in networks {
		_is_private(network)
	}
	names := _ways(device, forward)
	count(names) > 0
	deaf := {interface.name | some interface in device.system.interfaces; count(_set(interface.addresses) & asked) == 0}
	count((names - _inner[device.id]) - deaf) == 0
}

_set(addresses) := {address | some address in addresses}

# The device's own addresses that it takes, whichever way.
_asked(device, forward) := _addresses[device.id] if not forward.destination_filter

_asked(device, forward) := asked if {
	networks := forward.destination_filter
	asked := {address |
		some address in _addresses[device.id]
		some network in networks
		net.cidr_contains(network, address)
	}
}

_ways(device, forward) := _named(device, forward) - union(excluded) if {
	excluded := {_covered(device, pattern) | some pattern in forward.except_interfaces}
}

_named(device, forward) := _names[device.id] if not forward.interface

_named(device, forward) := _covered(device, forward.interface)

_covered(device, pattern) := _names[device.id] & {pattern} if not endswith(pattern, "*")

_covered(device, pattern) := names if {
	endswith(pattern, "*")
	names := {name | some name in _names[device.id]; startswith(name, trim_suffix(pattern, "*"))}
}

_from_afar(forward) if not forward.source_filter

_from_afar(forward) if {
	some network in forward.source_filter
	not _is_private(network)
}

_is_private(network) if {
	some known in data.parameters.non_public_networks
	net.cidr_contains(known, network)
}

# What is known of the interfaces, worked out once a device.

_public contains address if {
	some device in input.devices
	some interface in device.system.interfaces
	some address in interface.addresses
	not _is_private(address)
}

_addresses[id] := addresses if {
	some device in input.devices
	id := device.id
	addresses := {address | some interface in device.system.interfaces; some address in interface.addresses}
}

_names[id] := names if {
	some device in input.devices
	id := device.id
	interfaces := device.system.interfaces
	names := {interface.name | some interface in interfaces}
}

_outer[id] := names if {
	some device in input.devices
	id := device.id
	interfaces := device.system.interfaces
	names := {interface.name | some interface in interfaces; interface.default_route}
}

_inner[id] := names if {
	some device in input.devices
	id := device.id
	interfaces := device.system.interfaces
	names := {interface.name | some interface in interfaces; _is_inner(id, interface)}
}

_is_inner(_, interface) if {
	_has_no_public(interface)
	some address in interface.addresses
	some network in input.site.networks
	net.cidr_contains(network, address)
}

_is_inner(_, interface) if {
	addresses := interface.addresses
	count(addresses) > 0
	every address in addresses {
		net.cidr_contains("127.0.0.0/8", address)
	}
}

_has_no_public(interface) if {
	addresses := interface.addresses
	count(addresses) > 0
	every address in addresses {
		not address in _public
	}
}

_unread contains id if {
	some line in input.unread
	id := line.device
	startswith("system.interfaces.", concat("", [line.fact, "."]))
}

_unread contains id if {
	some line in input.unread
	id := line.device
	startswith(line.fact, "system.interfaces.")
}
