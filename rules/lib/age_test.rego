package lib.age_test

import data.lib.age

_now := "2026-11-23T09:30:00Z"

test_exceeds if age.exceeds("2026-10-24T09:29:59Z", _now, 30)

test_exactly_does_not_exceed if not age.exceeds("2026-10-24T09:30:00Z", _now, 30)

test_the_future_does_not_exceed if not age.exceeds("2027-01-01T00:00:00Z", _now, 30)

test_offsets_count if age.exceeds("2026-10-24T11:29:59+02:00", _now, 30)
