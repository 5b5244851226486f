package lib.personal_test

import data.lib.personal

_fields := {"hostname", "random_mac", "mdns", "upnp", "vendor", "manufacturer", "dhcp_class"}

test_every_clue_knows_its_sample if {
	every clue in data.personal_clues.clues {
		regex.match(clue.pattern, clue.sample)
		clue.field in _fields
		count(data.personal_clues.kinds[clue.kind]) == 2
	}
}

test_an_iphone if {
	network := {"mac_randomised": true, "hostname": "iPhone de Marie", "mdns": [{"kind": "_airplay._tcp"}]}
	clues := personal.clues({"network": network})
	personal.weight(clues) >= data.personal_clues.threshold
	words := personal.words(clues)
	words.clues_fr == ["AirPlay", "MAC aléatoire", "nom de téléphone ou de tablette", "nom du genre « iPhone de … »"]
	words.looks_fr == "un téléphone ou une tablette personnels"
}

test_two_services_of_one_clue_count_once if {
	one := personal.clues({"network": {"mdns": [{"kind": "_airplay._tcp"}]}})
	two := personal.clues({"network": {"mdns": [{"kind": "_airplay._tcp"}, {"kind": "_raop._tcp"}]}})
	personal.weight(one) == personal.weight(two)
}

test_what_stands_in_a_practice_is_not_personal if {
	every network in [
		{"hostname": "DESKTOP-4F2A1", "vendor": "Dell Inc."},
		{"hostname": "brother", "mdns": [{"kind": "_ipp._tcp"}], "vendor": "Brother industries, LTD."},
		{"hostname": "NAS", "mdns": [{"kind": "_smb._tcp"}, {"kind": "_http._tcp"}], "upnp": {"types": ["MediaServer:1"]}},
		{"hostname": "accueil", "mac_randomised": true},
		{},
	] {
		personal.weight(personal.clues({"network": network})) < data.personal_clues.threshold
	}
}
