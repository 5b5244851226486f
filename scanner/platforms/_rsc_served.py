"""What a RouterOS export says of what the router does for its networks: DHCP, time, log, names, relays.

Source: MikroTik, "DHCP", "IP Pools", "NTP", "Log", "DNS", "Cloud".
"""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from inventory.gateway import DhcpServer, Dns, Side
from inventory.storage import Relay
from inventory.system import Logging, Ntp
from inventory.text import clean
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_told import Told

MAX_SERVERS = 64  # of names, of time, receivers of the log; a practice has three
MAX_RANGES = 32  # of one pool, and pools that follow each other
MAX_LEASING = 512  # DHCP servers

_NOBODY = frozenset({"", "0.0.0.0", "::", "none"})  # noqa: S104 — what a device says
# The actions as delivered, by the number that an export gives them.
_ACTIONS = {"0": "memory", "1": "disk", "2": "echo", "3": "remote"}


def last(export: Export, menu: str, key: str) -> Statement | None:
    """The last `set` of a menu of settings that speaks of a key."""
    found = [item for item in export.of(menu) if item.verb == "set" and key in item.values]
    return found[-1] if found else None


def torn(export: Export, *menus: str) -> list[tuple[int, str]]:
    """The lines that could not be read and may belong to one of the menus."""
    return [(line, text) for menu, line, text in export.bad if menu in menus]


def words(text: str) -> list[str]:
    """The words of a list, without those that stand for nobody."""
    return [word for word in map(clean, text.split(",", MAX_SERVERS)[:MAX_SERVERS]) if word not in _NOBODY]


def read_dhcp(export: Export, told: Told) -> None:
    """The ranges that the router gives away; a server whose pool is not there has none."""
    menu = "ip dhcp-server"
    bad = torn(export, menu, "ip pool")
    found: dict[DhcpServer, int | None] = {}
    # A new server sleeps in version 6 and runs in version 7.
    asleep = "no" if (export.major or 0) >= 7 else "yes"
    for item in export.menus.get(menu, [])[:MAX_LEASING]:
        name = clean(item.values.get("interface", ""))
        if item.verb != "add" or not name:
            bad += [(item.line, item.text)]
            continue
        on = item.values.get("disabled", asleep) == "no"
        try:
            ranges = list(_ranges(export, item.values.get("address-pool", "static-only"))) or [(None, None)]
        except UnreadableError:
            bad += [(item.line, item.text)]
            continue
        for first, end in ranges:
            found.setdefault(DhcpServer(name, on, first, end), item.line)
    told.doubt("dhcp", bad)
    if found or (export.covers(menu) and not bad):
        told.many("dhcp", found)


def _ranges(export: Export, pool: str) -> Iterator[tuple[IPv4Address | None, IPv4Address | None]]:
    if pool == "static-only":
        return
    rows = export.named("ip pool", "name", pool)
    for word in [word for item in rows for word in item.values.get("ranges", "").split(",", MAX_RANGES)][:MAX_RANGES]:
        first, dash, end = word.strip().partition("-")
        try:
            if "/" in word:
                network = IPv4Network(word.strip(), strict=False)
                yield network[0], network[-1]
            elif word.strip():
                yield IPv4Address(first), IPv4Address(end if dash else first)
        except ValueError as error:
            raise UnreadableError(word) from error


def read_ntp(export: Export, told: Told) -> None:
    """Whether the router asks for the time, and whom; version 6 names two servers, version 7 lists them."""
    menu = "system ntp client"
    bad = torn(export, menu, f"{menu} servers")
    told.doubt("ntp", bad)
    said = last(export, menu, "enabled")
    if bad or not (said or export.covers(menu)):
        return
    keys = ("primary-ntp", "secondary-ntp", "server-dns-names", "servers")
    named = {word: None for item in export.of(menu) for key in keys for word in words(item.values.get(key, ""))}
    for item in export.of(f"{menu} servers"):
        if item.verb == "add" and item.enabled:
            named |= dict.fromkeys(words(item.values.get("address", "")))
    on = said is not None and said.values["enabled"] == "yes"
    told.one("ntp", Ntp(on, tuple(named)[:MAX_SERVERS]), said.line if said else None)


def read_logging(export: Export, told: Told) -> None:
    """Who gets the log from elsewhere: the actions of that kind that a rule for topics names."""
    menu = "system logging"
    bad = torn(export, menu, f"{menu} action")
    told.doubt("logging", bad)
    receivers: dict[str, tuple[str, int]] = {}
    for item in export.of(f"{menu} action"):
        name = item.values.get("name") or _ACTIONS.get(item.item, item.item.removeprefix("name=").strip('"'))
        kind = item.values.get("target", "remote" if name == "remote" else "")
        for receiver in words(item.values.get("remote", ""))[:1] if kind == "remote" else ():
            receivers[name] = (receiver, item.line)
    used = {item.values.get("action") for item in export.of(menu) if item.enabled}
    found = dict(place for name, place in receivers.items() if name in used)
    if not bad and (found or export.covers(menu)):
        told.one("logging", Logging(tuple(found)), next(iter(found.values()), None))


def read_dns(export: Export, told: Told, sides: tuple[Side, ...] | None, *, given: bool) -> None:
    """Whom the router asks for names, and for whom it answers.

    `sides`: those from which its resolver can be reached when it answers at all; None: not known. `given`: whether a
    provider names it servers while it runs, so that none written down does not mean none.
    """
    menu = "ip dns"
    bad = torn(export, menu)
    told.doubt("dns", bad)
    whole = export.covers(menu)
    listed, doh, open_ = (last(export, menu, key) for key in ("servers", "use-doh-server", "allow-remote-requests"))
    if bad or not (whole or listed or doh or open_):
        return
    place = _host(doh.values["use-doh-server"]) if doh else ""
    servers = tuple(dict.fromkeys((*([place] if place else ()), *words(listed.values["servers"] if listed else ""))))
    answers: tuple[Side, ...] | None = () if whole or open_ else None
    if open_ is not None and open_.values["allow-remote-requests"] == "yes":
        answers = sides
        if sides is None:
            told.doubt("dns", [(open_.line, open_.text)])
    known = servers or (not given and whole)
    dns = Dns(servers if known else None, bool(place) if whole or doh else None, answers)
    if dns != Dns():
        told.one(
            "dns",
            dns,
            next((item.line for item in (listed, doh, open_) if item), None),
            servers=listed.line if listed else None,
            encrypted=doh.line if doh else None,
            answers=open_.line if open_ else None,
        )


def _host(address: str) -> str:
    """The host of a resolver's address.

    >>> _host("https://cloudflare-dns.com/dns-query")
    'cloudflare-dns.com'
    """
    rest = address.partition("://")[2] or address
    return clean(rest.partition("/")[0].rpartition("@")[2])


def read_cloud(export: Export, told: Told) -> None:
    """Whether MikroTik's own service gives the router a name, or leads home through its relays."""
    menu = "ip cloud"
    bad = torn(export, menu)
    told.doubt("relays", bad)
    # Before 6.27 the one setting was called `enabled`.
    said = [last(export, menu, "ddns-enabled") or last(export, menu, "enabled"), last(export, menu, "back-to-home-vpn")]
    home = said[1] is not None and said[1].values["back-to-home-vpn"] == "enabled"
    # `auto`, the default since 7.17: on when Back To Home is.
    on = home or (said[0] is not None and "yes" in (said[0].values.get("ddns-enabled"), said[0].values.get("enabled")))
    if on:
        line = next((item.line for item in (said[1] if home else None, said[0]) if item), None)
        told.many("relays", {Relay("mikrotik_cloud", enabled=True): line})
    elif not bad and (said[0] or export.covers(menu)):
        told.many("relays", {})
        if said[0]:
            told.defaults.discard("/system/relays")
            told.lines["/system/relays"] = said[0].line


def address(text: str) -> IPv4Address | None:
    """The address of `192.168.88.1/24` or `192.168.88.1`; None when it is none."""
    try:
        return IPv4Address(text.partition("/")[0])
    except AddressValueError:
        return None
