package ans.cp03.weak_ssh_test

import data.ans.cp03.weak_ssh as rule

_facts := ["system/ssh/root_login", "system/ssh/password_authentication"]

_modern := {
	"port": 22,
	"key_exchanges": ["curve25519-sha256", "ext-info-s", "kex-strict-s-v00@openssh.com"],
	"host_keys": ["rsa-sha2-512", "ssh-ed25519"],
	"ciphers": ["chacha20-poly1305@openssh.com", "aes128-ctr"],
	"macs": ["hmac-sha2-256", "hmac-sha1"],
	"client_ciphers": ["chacha20-poly1305@openssh.com", "aes128-ctr"],
	"client_macs": ["hmac-sha2-256", "hmac-sha1"],
}

_input(change, ssh) := {"unread": [], "devices": [{
	"id": "a",
	"network": {"ssh_offers": [object.union(_modern, change)]},
	"system": {"ssh": ssh},
}]}

_safe := {"root_login": "prohibit-password", "password_authentication": true}

_entry(settings, more) := object.union(
	{
		"subject": "a",
		"item": "tcp/22",
		"fact": "network/ssh_offers/0",
		"values": {
			"port": "tcp/22",
			"settings": settings,
			"about_fr": "tcp/22",
			"about_en": "tcp/22",
			"step_fr": concat("", ["retirer ", concat(", ", settings), " ; mettre à jour l’appareil s’il n’offre rien de mieux"]),
			"step_en": concat("", ["remove ", concat(", ", settings), "; update the device if it offers nothing better"]),
		},
	},
	more,
)

test_a_modern_server_passes if {
	document := _input({}, _safe)
	rule.fail == set() with input as document
	rule.warn == set() with input as document
	rule.unknown == set() with input as document
	rule.not_applicable == set() with input as document
}

test_a_broken_one_beside_better_ones_fails if {
	every pair in [
		["key_exchanges", "diffie-hellman-group1-sha1"],
		["host_keys", "ssh-dss"],
		["ciphers", "arcfour"],
		["macs", "hmac-md5"],
		["client_ciphers", "arcfour"],
		["client_macs", "hmac-md5"],
	] {
		document := _input({pair[0]: array.concat(_modern[pair[0]], [pair[1]])}, _safe)
		rule.fail == {_entry([pair[1]], {})} with input as document
		rule.warn == set() with input as document
	}
}

test_a_weak_one_beside_better_ones_warns if {
	every pair in [
		["key_exchanges", "diffie-hellman-group14-sha1"],
		["host_keys", "ssh-rsa"],
		["ciphers", "3des-cbc"],
		["client_ciphers", "3des-cbc"],
	] {
		document := _input({pair[0]: array.concat(_modern[pair[0]], [pair[1]])}, _safe)
		rule.fail == set() with input as document
		rule.warn == {_entry([pair[1]], {"severity": "low"})} with input as document
	}
}

test_nothing_better_fails if {
	old := ["diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1"]
	document := _input({"key_exchanges": array.concat(old, ["ext-info-s"])}, _safe)
	rule.fail == {_entry(sort(old), {})} with input as document
	mixed := _input({"key_exchanges": [old[0], "diffie-hellman-group1-sha1"]}, _safe)
	rule.fail == {_entry(["diffie-hellman-group1-sha1", old[0]], {})} with input as mixed
}

# What the client sends goes under the weak cipher alone, whatever the server may answer with.
test_nothing_better_in_one_direction_fails if {
	document := _input({"client_ciphers": ["aes128-cbc"]}, _safe)
	rule.fail == {_entry(["aes128-cbc"], {})} with input as document
	rule.warn == set() with input as document
}

test_a_list_that_was_not_told_is_unknown if {
	every name in ["macs", "client_ciphers"] {
		offer := object.remove(_modern, [name])
		entry := {"subject": "a", "cause": "ssh_settings_unknown", "fact": "network/ssh_offers"}
		document := {"unread": [], "devices": [{"id": "a", "network": {"ssh_offers": [offer]}}]}
		rule.unknown == {entry} with input as document
		rule.fail == set() with input as document
	}
}

test_root_by_password_fails if {
	values := {
		"settings": ["PermitRootLogin yes", "PasswordAuthentication yes"],
		"about_fr": "root par mot de passe",
		"about_en": "root by password",
		"step_fr": "mettre PermitRootLogin no, PasswordAuthentication no (ou leur équivalent dans ses menus)",
		"step_en": "set PermitRootLogin no, PasswordAuthentication no (or their equivalent in its menus)",
	}
	entry := {"subject": "a", "item": "root_login", "facts": _facts, "values": values}
	rule.fail == {entry} with input as _input({}, {"root_login": "yes", "password_authentication": true})
	rule.fail == set() with input as _input({}, {"root_login": "yes", "password_authentication": false})
	half := _input({}, {"root_login": "yes"})
	rule.fail == set() with input as half
	rule.unknown == {{"subject": "a", "cause": "ssh_settings_unknown", "fact": "system/ssh"}} with input as half
}

_closed := {"id": "a", "network": {"ports": [{"port": 445, "protocol": "tcp", "service": "smb"}], "tcp_probed": [22]}}

test_no_ssh_does_not_apply if {
	entry := {"subject": "a", "cause": "no_ssh", "fact": "network/tcp_probed"}
	rule.not_applicable == {entry} with input as {"devices": [_closed], "unread": []}
	every more in [
		{"system": {"ssh": _safe}},
		{"network": {"ssh": {"fingerprint": "SHA256:x"}}},
		{"network": {"ssh_offers": [_modern]}},
		{"network": {"ports": [{"port": 2222, "protocol": "tcp"}]}},
	] {
		rule.not_applicable == set() with input as {"devices": [object.union(_closed, more)], "unread": []}
	}
}

test_root_is_the_only_account_of_openwrt if {
	settings := {"root_login": "yes", "password_authentication": true}
	router := {"id": "a", "network": {}, "system": {"identity": {"os": "openwrt"}, "ssh": settings}}
	document := {"devices": [router], "unread": []}
	rule.fail == set() with input as document
	{finding.severity | some finding in rule.warn} == {"low"} with input as document
}
