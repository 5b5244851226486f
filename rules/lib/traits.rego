# What a device is recognised by, then and now. What was only announced, anybody could have copied from the air or made
# up: it neither makes a device the same nor another one.
package lib.traits

# Kinds of number of which the device shows another one than it was known by.
contradicted(before, now) := {kind |
	some kind in ["serial", "engine_id", "host_key"]
	pairs := {[then, today] |
		some then in _of(before, kind)
		some today in _of(now, kind)
		_alike(kind, then, today)
	}
	count(pairs) > 0
	every pair in pairs {
		pair[0] != pair[1]
	}
}

# What its makers change with a firmware: another system, another maker's name.
differing(before, now) := {field |
	some field in ["platform", "vendor", "manufacturer"]
	before[field] != now[field]
}

# Both have one identifier of this kind.
same(before, now, kind) if {
	some then in _of(before, kind)
	then in _of(now, kind)
} else := false

# Something that it proves, beside a MAC, is the same or another.
comparable(before, now) if {
	_comparable(before, now)
} else := false

_comparable(before, now) if {
	some kind in ["serial", "engine_id", "host_key"]
	count(_of(before, kind)) > 0
	count(_of(now, kind)) > 0
}

_comparable(before, now) if {
	some field in ["platform", "vendor"]
	before[field]
	now[field]
}

_of(side, kind) := {item.value |
	some item in side.identifiers
	item.kind == kind
	not item.announced
}

# SSH keys of two types are two keys of one device.
_alike(kind, _, _) if kind != "host_key"

_alike("host_key", then, today) if split(then, " ")[0] == split(today, " ")[0]
