# What stands at an address of the practice's network.
package lib.target

# The names of the devices there, the address itself when none was seen.
name(address) := name if {
	names := {device.name | some device in input.devices; address in device.network.addresses}
	count(names) > 0
	name := concat(", ", sort(names))
} else := address

# One of the devices there is of one of these categories.
is_one_of(address, categories) if {
	some device in input.devices
	address in device.network.addresses
	device.classification.category in categories
}
