# METADATA
# scope: package
# custom:
#   id: ANS-02.06
#   title:
#     fr: Aucun serveur DHCP ni routeur pirate
#     en: No rogue DHCP server or router
#   severity: high
#   checkpoints: [CP02]
#   principle: P03
#   basis: [pgssi-s, good-practice]
#   subject: device
#   needs:
#     - [site.inventory_declared, coverage.dhcp, coverage.icmp6, device.network.macs]
#   message:
#     fr: >-
#       {device} ({address}) distribue des adresses ou des serveurs de noms, ou se dit routeur, sans en avoir la
#       charge : {role}.
#     en: >-
#       {device} ({address}) hands out addresses or name servers, or says it is a router, which is not its task:
#       {role}.
#   warning:
#     fr: >-
#       Il reste à confirmer que {device} ({address}) doit distribuer des adresses ou des serveurs de noms, ou
#       servir de routeur : {role}.
#     en: >-
#       It remains to be confirmed that {device} ({address}) should hand out addresses or name servers, or be a
#       router: {role}.
#   remedy:
#     fr: >-
#       Une borne ou une box branchée par erreur peut détourner tout ce que le cabinet envoie. Débranchez cet
#       appareil si personne ne sait ce qu’il fait là, et appelez votre informaticien. Pour lui : un seul serveur
#       DHCP par réseau ; s’il est voulu, l’inscrire à l’inventaire comme routeur, ou avec le service attendu udp/67.
#     en: >-
#       An access point or a box plugged in by mistake can divert everything the practice sends. Unplug this device if
#       nobody knows what it does there, and call your technician. For them: one DHCP server per network; if it is
#       wanted, declare it as a router, or with the expected service udp/67.
#   references:
#     - PGSSI-S, canevas de PSSI, 4.4.2.6 et 4.1.4.4
#     - "RFC 2131, Dynamic Host Configuration Protocol"
package ans.cp02.rogue_server

fail contains finding if {
	input.site.inventory_declared
	some said in _said
	id := said.subject
	not id in _in_charge
	not id in _own
	finding := said
}

# The practice's own, but not declared for it: it may be wanted.
warn contains finding if {
	input.site.inventory_declared
	some said in _said
	id := said.subject
	not id in _in_charge
	id in _own
	finding := said
}

_said contains finding if {
	some device in input.devices
	device.network.dhcp_server
	finding := {
		"subject": device.id,
		"item": "dhcp",
		"fact": "network/dhcp_server",
		"values": {"role": "DHCP"},
	}
}

_said contains finding if {
	some device in input.devices
	device.network.router_advertisement.lifetime_s > 0
	finding := {
		"subject": device.id,
		"item": "ipv6",
		"fact": "network/router_advertisement",
		"values": {"role": "IPv6"},
	}
}

# No default router, but it names the servers that everybody then asks where each site is: as good as a detour.
_said contains finding if {
	some device in input.devices
	device.network.router_advertisement.lifetime_s == 0
	count(device.network.router_advertisement.dns) > 0
	finding := {
		"subject": device.id,
		"item": "ipv6",
		"fact": "network/router_advertisement",
		"values": {"role": "DNS (IPv6)"},
	}
}

_said contains finding if {
	some device in input.devices
	device.network.dhcp6_server
	finding := {
		"subject": device.id,
		"item": "dhcp6",
		"fact": "network/dhcp6_server",
		"values": {"role": "DHCPv6"},
	}
}

# Of two routers the one that should not serve is told by what is expected of it.
_in_charge contains id if {
	some device in input.devices
	device.declared.role == "router"
	not device.declared.expected_services
	id := device.id
}

_in_charge contains id if {
	some device in input.devices
	"udp/67" in device.declared.expected_services
	id := device.id
}

_own contains id if {
	some device in input.devices
	device.declared.owner in {"practice", "provider"}
	id := device.id
}
