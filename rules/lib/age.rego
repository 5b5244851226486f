# Time between two instants of the snapshot; no clock is read.
package lib.age

_day_ns := 86400000000000

# `since` lies more than `days` days before `now`, both RFC 3339.
exceeds(since, now, days) if {
	start := time.parse_rfc3339_ns(since)
	end := time.parse_rfc3339_ns(now)
	end - start > days * _day_ns
}
