package lib.unread_test

import data.lib.unread

_touched(fact) if {
	lines := [{"device": "a", "fact": fact}, {"device": "b", "fact": "network"}]
	unread.touches({"id": "a"}, "network.tls") with input as {"unread": lines}
}

test_what_is_above_or_below_touches if {
	every fact in ["network", "network.tls", "network.tls.0"] {
		_touched(fact)
	}
}

test_what_is_beside_does_not if {
	every fact in ["network.tlsx", "network.ssh", "system"] {
		not _touched(fact)
	}
}
