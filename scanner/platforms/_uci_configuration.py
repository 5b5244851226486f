"""Everything that UCI says of an OpenWrt device, put together from the readers of its packages. Pure."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from inventory.gateway import Dns, Firewall
from inventory.observation import Observation
from inventory.system import Identity
from scanner.platforms import _uci_network, _uci_served
from scanner.platforms._reading import MAX_ITEMS, nothing
from scanner.platforms._rsc_told import Told
from scanner.platforms._uci import Configuration, read_uci
from scanner.platforms._uci_admin import Ways, read_admin, read_answers
from scanner.platforms._uci_firewall import Bad, Zone, read_dmz, read_forwards, read_zones
from scanner.platforms._uci_input import read_filter, read_input
from scanner.platforms._uci_settings import read_dropbear, read_host_name, read_services, read_snmpd, read_upnpd
from scanner.platforms._uci_shares import read_logins, read_shares, read_smb
from scanner.platforms._uci_sides import read_doors
from scanner.platforms._uci_through import read_openings
from scanner.platforms._uci_vpn import read_vpn


def read_configuration(text: str) -> Observation:
    """Everything that UCI says: an export, `uci show`, or the files of /etc/config one after another."""
    config = read_uci(text)
    if not config.sections:
        return nothing("system.identity", text)
    told = Told()
    zones = read_zones(config)
    _itself(config, told)
    _firewall(config, zones, told)
    _served(config, zones, told)
    return told.observation()


def _itself(config: Configuration, told: Told) -> None:
    """Its name, SSH, SNMP, UPnP, and who may log in."""
    name, line = read_host_name(config)
    if name:
        told.facts["identity"] = Identity(hostname=name)
        told.mark("/system/identity/hostname", line)
    services, bad = read_services(config, _addresses(config))
    _some(told, "services", services, bad)
    ssh, places, bad = read_dropbear(config)
    if ssh:
        told.facts["ssh"] = ssh
        told.lines |= places
    told.doubt("ssh", dict.fromkeys(bad))
    upnp, line, bad = read_upnpd(config)
    told.one("upnp", upnp, line)
    told.doubt("upnp", dict.fromkeys(bad))
    snmp, line, bad = read_snmpd(config)
    told.one("snmp", snmp, line)
    told.doubt("snmp", dict.fromkeys(bad))
    _some(told, "users", *read_logins(config))


def _firewall(config: Configuration, zones: dict[str, Zone], told: Told) -> None:
    """Interfaces, port forwards, what each zone lets in, and who may administer the device or ask it for names."""
    outside = [name for zone in zones.values() if zone.name == "wan" for name in zone.networks]
    interfaces, lines, bad = _uci_network.read_interfaces(config, outside)
    if interfaces:
        told.facts["interfaces"] = interfaces
        told.lines |= lines
    told.doubt("interfaces", dict.fromkeys(bad))
    forwards, bad = read_forwards(config, zones)
    told.doubt("port_forwards", dict.fromkeys(bad))
    doors, shield = read_doors(config, zones, interfaces), read_filter(config)
    told.doubt("port_forwards", dict.fromkeys(read_openings(config, doors)))
    chains, bad = read_input(config, doors, shield)
    told.doubt("firewall", dict.fromkeys(bad))
    if zones or any(config.of("firewall", "redirect", "defaults")):
        told.facts["port_forwards"] = tuple(forwards)[:MAX_ITEMS]
        told.facts["firewall"] = Firewall(tuple(chains)[:MAX_ITEMS])
        _mark(told, "port_forwards", forwards.values())
        _mark(told, "firewall/input", chains.values())
    told.one("dmz", *read_dmz(config, zones))
    ways = Ways(doors, shield, tuple(forwards))
    admin, places, bad = read_admin(config, ways, told.facts.get("snmp"))
    if admin is not None:
        told.facts["admin"] = admin
        _mark(told, "admin", places)
    told.doubt("admin", dict.fromkeys(bad))
    _names(config, ways, told)


def _mark(told: Told, at: str, lines: Iterable[int]) -> None:
    """Where each entry of a list stands; that there is none is no default of the device."""
    told.lines |= {f"/system/{at}/{place}": line for place, line in enumerate(islice(lines, MAX_ITEMS))}


def _names(config: Configuration, ways: Ways, told: Told) -> None:
    """Whom it asks for names, and for whom it answers."""
    dns, line, bad = _uci_served.read_dns(config)
    answers, more = read_answers(config, ways)
    if dns or answers is not None:
        value = Dns(dns.servers if dns else None, dns.encrypted if dns else None, answers)
        told.one("dns", value, line if dns else next(config.of("dhcp", "dnsmasq")).line)
    told.doubt("dns", dict.fromkeys([*bad, *more]))


def _served(config: Configuration, zones: dict[str, Zone], told: Told) -> None:
    """What it serves to its networks: Wi-Fi, addresses, tunnels, folders, and the rest."""
    lists: dict[str, tuple[Mapping[Any, int], Bad]] = {
        "wifi": _uci_served.read_wifi(config, zones), "dhcp": _uci_served.read_pools(config),
        "relays": _uci_served.read_relays(config), "vpn": read_vpn(config), "vlans": _uci_served.read_vlans(config),
        "shares": read_shares(config),
    }  # fmt: skip
    for name, (items, bad) in lists.items():
        _some(told, name, items, bad)
    for name, read in (("ntp", _uci_served.read_ntp), ("logging", _uci_served.read_logging)):
        fact, line, bad = read(config)
        told.one(name, fact, line)
        told.doubt(name, dict.fromkeys(bad))
    told.one("smb", *read_smb(config))


def _some(told: Told, group: str, items: Mapping[Any, int], bad: Bad) -> None:
    """A list that the file tells of; without an entry nothing is said."""
    if items:
        told.many(group, items)
    told.doubt(group, dict.fromkeys(bad))


def _addresses(config: Configuration) -> dict[str, str]:
    """The first address of each network, as dropbear is told to listen there."""
    known = _uci_network.networks(config)
    return {name: item.words("ipaddr")[0].partition("/")[0] for name, item in known.items() if item.words("ipaddr")}
