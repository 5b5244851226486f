package lib.age_test

import data.lib.age

_now := "2026-11-23T09:30:00Z"

test_exceeds if age.exceeds("2026-10-24T09:29:59Z", _now, 30)

test_exactly_does_not_exceed if not age.exceeds("2026-10-24T09:30:00Z", _now, 30)

test_the_future_does_not_exceed if not age.exceeds("2027-01-01T00:00:00Z", _now, 30)

test_offsets_count if age.exceeds("2026-10-24T11:29:59+02:00", _now, 30)

test_hours if {
	age.exceeds_hours("2026-11-22T09:29:59Z", _now, 24)
	not age.exceeds_hours("2026-11-22T09:30:00Z", _now, 24)
}

test_a_day_is_over_the_day_after if {
	age.over("2026-11-22", _now)
	not age.over("2026-11-23", _now)
}

test_soon if {
	age.soon("2026-11-23", _now, 90)
	age.soon("2027-02-20", _now, 90)
	not age.soon("2027-02-21", _now, 90)
	not age.soon("2026-11-22", _now, 90)
}
