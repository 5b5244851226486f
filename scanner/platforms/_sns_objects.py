"""The objects that the rules of a Stormshield firewall name: hosts, networks, its own addresses, well-known services.

Source: Stormshield, "User configuration manual", "Network objects"; its templates for clouds, which write `[Host]` and
`[Network]`. How groups, ranges and services of one's own are written is shown nowhere: rules with them stay unread.
"""

import re
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network

from inventory.gateway import Interface, Side, Vlan
from inventory.text import clean
from scanner.platforms._interfaces import MAX_FACTS
from scanner.platforms._reading import UnreadableError
from scanner.platforms._sns_text import Section, Sections

# Of what is delivered with the firewall, named as IANA names it.
SERVICES: dict[str, tuple[str, int]] = {
    "ftp": ("tcp", 21), "ssh": ("tcp", 22), "telnet": ("tcp", 23), "smtp": ("tcp", 25), "http": ("tcp", 80),
    "pop3": ("tcp", 110), "imap": ("tcp", 143), "https": ("tcp", 443), "smtps": ("tcp", 465), "imaps": ("tcp", 993),
    "pop3s": ("tcp", 995), "firewall_srv": ("tcp", 1300), "ms-rdp": ("tcp", 3389), "microsoft-ts": ("tcp", 3389),
    "rtsp": ("tcp", 554), "tftp": ("udp", 69), "ntp": ("udp", 123), "snmp": ("udp", 161), "isakmp": ("udp", 500),
}  # fmt: skip
_INTERFACE = re.compile(r"(?i)(ethernet|bridge|vlan|agg|wifi|wlan|dialup|gretap|usbethernet)\d{1,3}")
_OWN_ADDRESS = re.compile(r"(?i)address\d{0,3}")


@dataclass(frozen=True, slots=True)
class Ways:
    """The interfaces that are on, with the side that each of them leads to, and the VLANs among them."""

    interfaces: dict[Interface, int]
    sides: dict[str, Side]  # by name, in lower case
    vlans: dict[Vlan, int]
    bad: tuple[tuple[int, str], ...]
    bad_vlans: tuple[tuple[int, str], ...]
    around: dict[str, IPv4Network]  # the network of its first address, by the interface's name

    def leaving_to(self, gateway: IPv4Address) -> "Ways":
        """The same, with the default route on the interface in whose network its gateway is, if only one is."""
        near = [name for name, network in self.around.items() if gateway in network]
        if len(near) != 1:
            return self
        out = {replace(item, default_route=item.name == near[0] or None): at for item, at in self.interfaces.items()}
        return replace(self, interfaces=out)

    def addresses(self, name: str) -> tuple[IPv4Network, ...]:
        """The firewall's own addresses on that interface, as networks of one."""
        own = (item.addresses or () for item in self.interfaces if item.name.lower() == name.lower())
        return tuple(IPv4Network(address) for found in own for address in found)


def read_ways(told: Sections) -> Ways:
    """What the sections of the file `network`, or of CONFIG NETWORK INTERFACE SHOW, say.

    An interface is protected (`Protected=1`: internal) or not (external): that is its side.
    """
    found = Ways({}, {}, {}, (), (), {})
    bad: list[tuple[int, str]] = []
    bad_vlans: list[tuple[int, str]] = []
    names = {item.name.lower(): clean((item.entry("Name") or (item.name, 0))[0]) for item in told.found}
    for item in told.found:
        kind = _INTERFACE.fullmatch(item.name)
        on = item.switch("State")
        if kind is None or (on and not on[0]) or len(found.interfaces) >= MAX_FACTS:
            continue
        name = names[item.name.lower()] or clean(item.name)
        own: list[IPv4Address] = []
        for place, key, value in item.entries():
            try:
                if _OWN_ADDRESS.fullmatch(key) and value and value.lower() != "dhcp":
                    own.append(IPv4Address(value))
            except AddressValueError:
                bad.append((place, f"{key}={value}"))
        found.interfaces.setdefault(Interface(name, tuple(own[:64]) or None), item.place)
        if network := _around(item):
            found.around.setdefault(name, network)
        if protected := item.switch("Protected"):
            found.sides.setdefault(name.lower(), "lan" if protected[0] else "wan")
        if kind[1].lower() == "vlan":
            tag, place = item.entry("Tag") or ("", item.place)
            port = names.get((item.entry("Physical") or ("", 0))[0].lower())
            if tag.isascii() and tag.isdecimal() and len(tag) < 5 and 0 < int(tag) < 4095:
                found.vlans.setdefault(Vlan(int(tag), name, (port,) if port else None), place)
            else:
                bad_vlans.append((item.place, f"[{item.name}]"))
    return Ways(found.interfaces, found.sides, found.vlans, tuple(bad), tuple(bad_vlans), found.around)


def _around(item: Section) -> IPv4Network | None:
    """The network of an interface's `Address` and `Mask`; None without both of them."""
    address, mask = item.entry("Address"), item.entry("Mask")
    try:
        return IPv4Interface(f"{address[0]}/{mask[0]}").network if address and mask else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Objects:
    """Hosts and networks by their names in lower case."""

    known: dict[str, IPv4Network]

    def networks(self, name: str) -> tuple[IPv4Network, ...] | None:
        """The addresses of an object, None for everybody.

        Raises:
            UnreadableError: it is none that is known: a group, a user, another of the firewall's own names.
        """
        if name.lower() in ("any", "internet"):
            return None
        try:
            return (self.known[name.lower()],)
        except KeyError as error:
            raise UnreadableError(name[:40]) from error

    def host(self, name: str) -> IPv4Address:
        """The address of a host.

        Raises:
            UnreadableError: it is no host that is known.
        """
        found = self.networks(name)
        if found is None or found[0].prefixlen != 32:
            raise UnreadableError(name[:40])
        return found[0].network_address


def read_objects(told: Sections) -> Objects:
    """The hosts and networks of the file `object`.

    >>> from scanner.platforms._sns_text import sections
    >>> rows = iter([(1, "[Host]"), (2, "srv_web=192.168.10.20,resolve=static")])
    >>> str(read_objects(sections(rows)).host("SRV_WEB"))
    '192.168.10.20'
    """
    known: dict[str, IPv4Network] = {}
    for item in told.found:
        if item.name.lower() not in ("host", "network"):
            continue
        for _, name, value in item.entries():
            try:
                network = IPv4Network(value.partition(",")[0].strip(), strict=False)
            except ValueError:
                continue  # IPv6, or a name that is resolved: whoever uses it is not read
            if (network.prefixlen == 32) == (item.name.lower() == "host"):
                known.setdefault(name.lower(), network)
    return Objects(known)
