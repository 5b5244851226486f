# Lines that could not be read. The fact that one belongs to may be incomplete: "nothing there" is then no evidence.
package lib.unread

# A line was left unread of this fact of the device ("network.tls"), of something above it or below it.
touches(device, fact) if {
	some line in input.unread
	line.device == device.id
	startswith(concat("", [fact, "."]), concat("", [line.fact, "."]))
}

touches(device, fact) if {
	some line in input.unread
	line.device == device.id
	startswith(line.fact, concat("", [fact, "."]))
}
