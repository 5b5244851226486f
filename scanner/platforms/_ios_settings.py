"""What a device with Cisco IOS serves: tunnels, names, addresses, time, log.

Source: Cisco, "Security for VPNs with IPsec", "IP Addressing: DHCP".
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from itertools import islice

from inventory.gateway import DhcpServer, Dns, Side, Vpn
from inventory.system import Logging, Ntp
from inventory.text import clean
from scanner.platforms._ios import Configuration, Line
from scanner.platforms._ios_acl import Rule, admitted, applied
from scanner.platforms._ios_ways import Ways, network
from scanner.platforms._reading import MAX_ITEMS, UnreadableError

MOST_POOLS = 256
Bad = list[tuple[int, str]]


def read_vpn(told: Configuration) -> dict[Vpn, int]:
    """The tunnels that end here: crypto maps, tunnel interfaces, servers for dial-in and for browsers."""
    found: dict[Vpn, int] = {}
    _crypto_maps(told, found)
    for line in told.root.find("interface"):
        if line.words[1:2] and line.words[1].lower().startswith("tunnel"):
            found[_tunnel("".join(line.words[1:3]), line)] = line.number
    for line in told.root.find("webvpn", "gateway"):
        found[Vpn("ssl", clean(line.words[2]), line.first("inservice") is not None, True)] = line.number
    on = told.root.first("vpdn", "enable") is not None
    for line in told.root.find("vpdn-group"):
        inner = line.first("accept-dialin") or line.first("request-dialin")
        protocol = inner.first("protocol") if inner else None
        kind = protocol.words[1] if protocol and len(protocol.words) > 1 else ""
        if inner is not None and kind in ("l2tp", "pptp"):
            server = inner.starts("accept-dialin")
            found[Vpn("l2tp" if kind == "l2tp" else "pptp", clean(line.words[1]), on, server)] = line.number
    for words in ("crypto isakmp profile", "crypto ikev2 profile"):
        for line in told.root.find(*words.split()):
            if line.first("virtual-template"):
                found[Vpn("ipsec", clean(line.words[3]), True, True)] = line.number
    for line in told.root.find("crypto", "ipsec", "client", "ezvpn"):
        if line.below:
            peers = sum(1 for _ in line.find("peer"))
            found[Vpn("ipsec", clean(line.words[4]), True, False, peers)] = line.number
    return dict(list(found.items())[:MAX_ITEMS])


def _crypto_maps(told: Configuration, found: dict[Vpn, int]) -> None:
    """One tunnel a crypto map: its entries' peers, and whether a dynamic one lets anybody call."""
    used = {
        line.words[2]
        for way in told.root.find("interface")
        for line in way.find("crypto", "map")
        if len(line.words) > 2
    }
    lines: dict[str, int] = {}
    peers: dict[str, int] = {}
    servers: set[str] = set()
    for line in told.root.find("crypto", "map"):
        if len(line.words) < 5 or not line.words[3].isdecimal():
            continue
        name = line.words[2]
        lines.setdefault(name, line.number)
        peers[name] = peers.get(name, 0) + sum(1 for _ in line.find("set", "peer"))
        if "dynamic" in line.words:
            servers.add(name)
    for name, at in lines.items():
        found[Vpn("ipsec", clean(name), name in used, name in servers, peers[name])] = at


def _tunnel(name: str, line: Line) -> Vpn:
    mode = line.first("tunnel", "mode")
    words = mode.words[2:] if mode else []
    protected = line.first("tunnel", "protection") is not None
    kind = "ipsec" if protected or words[:1] == ["ipsec"] else "gre" if words[:1] in ([], ["gre"]) else "other"
    hub = any(item.words[-1] == "dynamic" for item in line.find("ip", "nhrp", "map"))
    peers = sum(1 for _ in line.find("tunnel", "destination")) + sum(1 for _ in line.find("ip", "nhrp", "nhs"))
    enabled = line.first("shutdown") is None
    return Vpn("ipsec" if kind == "ipsec" else "gre" if kind == "gre" else "other", clean(name), enabled, hub, peers)


def read_dns(told: Configuration, ways: Ways, lists: Mapping[str, list[Rule]]) -> tuple[Dns | None, dict[str, int]]:
    """Its resolvers, and the sides for which it answers."""
    lines: dict[str, int] = {}
    servers: list[str] = []
    for line in told.root.find("ip", "name-server"):
        words = line.words[4:] if line.words[2:3] == ["vrf"] else line.words[2:]
        servers += [clean(word) for word in words]
        lines.setdefault("/system/dns", line.number)
    server = told.root.first("ip", "dns", "server")
    answers: list[Side] | None = [] if told.whole else None
    if server is not None and len(server.words) == 3:
        lines.setdefault("/system/dns", server.number)
        try:
            answers = [
                side for side in dict.fromkeys(ways.side(way) for way in ways.ways) if _answers(ways, lists, side)
            ]
        except UnreadableError:
            answers = None
    if not servers and not answers and not told.whole:
        return None, lines
    kept = tuple(dict.fromkeys(servers))[:MAX_ITEMS]
    return Dns(kept if kept or told.whole else None, None, tuple(answers) if answers is not None else None), lines


def _answers(ways: Ways, lists: Mapping[str, list[Rule]], side: Side) -> bool:
    inside = [way for way in ways.ways if ways.side(way) == side]
    names = [(applied(way.line.first("ip", "access-group")), way) for way in inside]
    return any(
        not name or admitted(lists.get(name), "udp", 53, way.networks[0].ip if way.networks else None)
        for name, way in names
    )


def read_dhcp(told: Configuration, ways: Ways, bad: Bad) -> dict[DhcpServer, int]:
    """The pools with a network; the addresses that are excluded at both of its ends are counted out."""
    excluded: list[tuple[int, int]] = []
    for line in islice(told.root.find("ip", "dhcp", "excluded-address"), 2 * MOST_POOLS):
        words = line.words[5:] if line.words[3:4] == ["vrf"] else line.words[3:]
        try:
            ends = [int(IPv4Address(word)) for word in words[:2]]
            excluded.append((ends[0], ends[-1]))
        except (ValueError, IndexError):
            bad.append((line.number, " ".join(line.words)))
    on = not any(line.starts("no", "service", "dhcp") for line in told.root.below)
    found: dict[DhcpServer, int] = {}
    for pool in told.root.find("ip", "dhcp", "pool"):
        named = pool.first("network")
        if named is None or len(found) >= MOST_POOLS:
            continue
        try:
            whole = network(named.words[1:3])
        except UnreadableError:
            bad.append((named.number, " ".join(named.words)))
            continue
        first, last = _free(whole, sorted(excluded))
        way = ways.holding(whole[1]) if whole.num_addresses > 1 else None
        name = way.name if way else clean(" ".join(pool.words[3:]))
        found[DhcpServer(name, on, first, last)] = pool.number
    return found


def _free(whole: IPv4Network, excluded: list[tuple[int, int]]) -> tuple[IPv4Address, IPv4Address]:
    first, last = int(whole.network_address) + 1, int(whole.broadcast_address) - 1
    for low, high in excluded:
        if low <= first <= high:
            first = high + 1
    for low, high in sorted(excluded, key=lambda item: -item[1]):
        if low <= last <= high:
            last = low - 1
    return IPv4Address(min(first, 0xFFFFFFFF)), IPv4Address(max(last, 0))


def read_ntp(told: Configuration) -> tuple[Ntp | None, int]:
    """Its time servers and peers; `ntp master` alone is its own clock."""
    lines = [
        line for words in (("ntp", "server"), ("ntp", "peer"), ("sntp", "server")) for line in told.root.find(*words)
    ]
    if not lines and not told.whole:
        return None, 0
    names = []
    for line in lines:
        words = line.words[4:] if line.words[2:3] == ["vrf"] else line.words[2:]
        words = words[1:] if words[:1] in (["ip"], ["ipv6"]) else words
        names += [clean(word) for word in words[:1]]
    return Ntp(bool(names), tuple(dict.fromkeys(names))[:MAX_ITEMS]), lines[0].number if lines else 0


_LOGGING_WORDS = frozenset({
    "buffered", "console", "monitor", "trap", "facility", "source-interface", "on", "rate-limit", "synchronous",
    "event",
    "history", "origin-id", "snmp-authfail", "userinfo", "count", "discriminator", "exception", "esm", "persistent",
    "queue-limit", "message-counter", "cns-events", "file", "filter", "reload", "server-arp", "delimiter", "dmvpn",
    "alarm", "buginf", "purge-log", "smartlog", "standby", "host", "enable", "size", "cli", "aggregation", "odm",
})  # fmt: skip


def read_logging(told: Configuration) -> tuple[Logging | None, int]:
    """The receivers of its log: `logging host A` since 12.2(15)T, `logging A` in every version."""
    found: dict[str, int] = {}
    for line in told.root.find("logging"):
        words = line.words[1:]
        named = words[1:] if words[:1] == ["host"] else words if words and words[0] not in _LOGGING_WORDS else []
        named = named[1:] if named[:1] == ["ipv6"] else named
        if named:
            found.setdefault(clean(named[0]), line.number)
    if not found and not told.whole:
        return None, 0
    return Logging(tuple(found)[:MAX_ITEMS]), next(iter(found.values()), 0)
