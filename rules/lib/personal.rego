# What makes a device look like somebody's own: the clues of data/personal_clues.yaml that it shows.
package lib.personal

# The clues, each once whatever number of its services show it.
clues(device) := {clue |
	some clue in data.personal_clues.clues
	some value in _values(device, clue.field)
	regex.match(clue.pattern, value)
}

weight(shown) := sum([clue.weight | some clue in shown])

# What a message says of them: the heaviest clue decides what the device looks like.
words(shown) := {
	"clues_fr": sort([clue.fr | some clue in shown]),
	"clues_en": sort([clue.en | some clue in shown]),
	"looks_fr": looks.fr,
	"looks_en": looks.en,
} if {
	best := max({clue.weight | some clue in shown})
	kinds := sort([clue.kind | some clue in shown; clue.weight == best])
	looks := data.personal_clues.kinds[kinds[0]]
}

_values(device, "hostname") := {name |
	some name in [
		object.get(device, ["network", "hostname"], ""),
		object.get(device, ["network", "dhcp", "hostname"], ""),
		object.get(device, ["network", "upnp", "friendly_name"], ""),
		object.get(device, ["network", "netbios", "name"], ""),
	]
	name != ""
}

_values(device, "mdns") := {service.kind | some service in device.network.mdns}

_values(device, "upnp") := {kind | some kind in device.network.upnp.types}

_values(device, "vendor") := {vendor | vendor := device.network.vendor}

_values(device, "manufacturer") := {name | name := device.network.upnp.manufacturer}

_values(device, "dhcp_class") := {name | name := device.network.dhcp.vendor_class}

_values(device, "random_mac") := {"true" | device.network.mac_randomised}
