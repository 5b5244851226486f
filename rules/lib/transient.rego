# Devices that come and go under a MAC they invented: phones and tablets, mostly of patients and staff.
package lib.transient

# Undeclared, with invented MACs alone, and nothing that shows a computer or a server.
is_one(device) if {
	device.network.mac_randomised
	not device.declared
	not serves(device)
}

# It is met again under its next MAC: it has an identifier of its own.
lasting(device) if count(device.traits.identifiers) > 0

# A computer or a server, whatever its MAC.
serves(device) if {
	some port in device.network.ports
	not _mobile(port)
}

serves(device) if {
	some service in device.network.mdns
	service.kind in data.parameters.computer_services
}

serves(device) if count(device.network.netbios) > 0

serves(device) if count(device.network.browser) > 0

serves(device) if count(device.network.dhcp_server) > 0

serves(device) if count(device.network.dhcp6_server) > 0

serves(device) if count(device.network.router_advertisement) > 0

serves(device) if {
	some start in data.parameters.computer_dhcp_classes
	startswith(device.network.dhcp.vendor_class, start)
}

# It is known to be something else: a box whose MAC is locally administered is no phone.
serves(device) if {
	device.classification.certain
	known := device.classification.category
	not known in {"phone", "tablet"}
}

# The way out of the network, whatever else it shows.
serves(device) if {
	some clue in device.classification.clues
	clue.reason == "gateway true"
}

_mobile(port) if {
	port.protocol == "tcp"
	port.port in data.parameters.mobile_ports
}
