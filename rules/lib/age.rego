# Time between two instants of the snapshot; no clock is read.
package lib.age

_hour_ns := 3600000000000

# `since` lies more than `days` days before `now`, both RFC 3339.
exceeds(since, now, days) if exceeds_hours(since, now, days * 24)

exceeds_hours(since, now, hours) if {
	start := time.parse_rfc3339_ns(since)
	end := time.parse_rfc3339_ns(now)
	end - start > hours * _hour_ns
}

# The whole of `day` ("2026-08-17", UTC) is over at `now`.
over(day, now) if {
	end := time.parse_rfc3339_ns(concat("", [day, "T23:59:59Z"]))
	time.parse_rfc3339_ns(now) > end
}

# `day` is not over, and will be within `days` days.
soon(day, now, days) if {
	not over(day, now)
	not exceeds(now, concat("", [day, "T23:59:59Z"]), days)
}
