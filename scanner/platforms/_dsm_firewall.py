"""From where a Synology lets itself be administered: its doors held against the rules of its own firewall. Pure.

A profile is `{"name": "default", "global": {"policy": "none", "rules": […]}, "eth0": {"policy": "drop", …}}`: the rules
of all interfaces come first, then those of the interface, the first that fits decides, and the policy what none fits.
A rule is `{"enable": true, "name": "", "policy": "allow", "protocol": "tcp", "port_direction": "destination",
"port_group": "custom", "ports": "5000,5001", "source_ip_group": "netmask", "source_ip": "192.168.10.0/24"}`.
Sources: captures of DSM 7.3 in ychiu1211/dsmctl (internal/synology/operations/firewall, loginportal, fileservices) and
of DSM 7 in batonogov/terraform-provider-synology-dsm (client tests, "captured from hardware").
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, collapse_addresses, summarize_address_range
from typing import Literal

from inventory.gateway import Admin, Firewall, InputChain
from inventory.observation import UnreadLine
from inventory.system import System
from inventory.text import clean
from scanner.platforms._dsm_api import Told
from scanner.platforms._networks import MAX_NETWORKS, Networks
from scanner.platforms._nodes import Node
from scanner.platforms._reading import UnreadableError, unread

# Together they stop a hostile answer from costing minutes: each rule is read once, and held against each door.
_MAX_RULES = 512  # of one profile
_MAX_ADAPTERS = 16
_MAX_PARTS = 64  # ports or networks that one rule names
_ADAPTER = re.compile(r"(?:ovs_)?(?:eth|bond)\d{1,2}")
_PORTS = re.compile(r"(\d{1,5})(?:[:-](\d{1,5}))?")
_POLICIES: dict[str, Literal["accept", "drop"]] = {"allow": "accept", "drop": "drop"}


@dataclass(frozen=True, slots=True)
class Door:
    """A port at which it is administered."""

    protocol: str
    port: int
    encrypted: bool
    line: int


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule that is on, as far as it is understood: a doubt counts only for a door that it reaches."""

    policy: str = ""
    ssh: bool = False  # it names the service, not ports
    spans: tuple[tuple[int, int], ...] | None = None  # None: all ports
    sources: Networks | None = None  # None: everybody
    strange: str = ""  # why nobody knows which ports it is about
    doubt: str = ""  # why nobody knows whom it is about


@dataclass(frozen=True, slots=True)
class _Adapter:
    """The rules that a packet meets at an adapter, in order, and what becomes of it after them."""

    name: str
    policy: str
    line: int
    rules: tuple[_Rule, ...]


def together(data: Node) -> dict[tuple[str, str], Node]:
    """The answers to questions that were put together, by API and the name of what they tell; those refused are none.

    Source: `SYNO.Entry.Request` as DSM's pages use it: `{"has_fail": false, "result": [{"api": …, "success": true,
    "data": {…}}]}`.
    """
    found: dict[tuple[str, str], Node] = {}
    for item in data.items("result") or ():
        api, success, told = item.text("api"), item.flag("success"), item.at("data")
        if api and success and success[0] and told is not None:
            name = told.text("name")
            found.setdefault((api[0], name[0] if name else ""), told)
    return found


def ways(data: Node) -> Told:
    """By which protocols it is administered from its network, and what its firewall does with what no rule names."""
    said = together(data)
    state = said.get(("SYNO.Core.Security.Firewall", ""))
    on = state.flag("enable_firewall") if state else None
    found = list(doors(said))
    if state is None or on is None or not found:
        raise UnreadableError("not all of what decides")
    if not on[0]:
        lines = {"/system/firewall": on[1]} | {f"/system/admin/{at}": door.line for at, door in enumerate(found)}
        open_to_all = tuple(Admin(door.protocol, "lan", door.port, door.encrypted) for door in found)
        return System(admin=open_to_all, firewall=Firewall(())), lines, ()
    name = state.text("profile_name")
    profile = said.get(("SYNO.Core.Security.Firewall.Profile", name[0])) if name else None
    if profile is None:
        raise UnreadableError("the profile in use was not told")
    return _filtered(found, profile)


def doors(said: dict[tuple[str, str], Node]) -> Iterator[Door]:
    """The pages and the terminal, as far as they are on; nothing unless both were told."""
    web, terminal = said.get(("SYNO.Core.Web.DSM", "")), said.get(("SYNO.Core.Terminal", ""))
    if web is None or terminal is None or terminal.flag("enable_ssh") is None or web.number("http_port") is None:
        return
    moved, secure = web.flag("enable_https_redirect"), web.flag("enable_https")
    for key, protocol, on in (("http_port", "http", True), ("https_port", "https", secure is None or secure[0])):
        port = web.number(key)
        if port and on and 0 < port[0] < 65536:
            yield Door(protocol, port[0], protocol == "https" or bool(moved and moved[0]), port[1])
    ssh, port, telnet = terminal.flag("enable_ssh"), terminal.number("ssh_port"), terminal.flag("enable_telnet")
    if ssh and ssh[0] and port and 0 < port[0] < 65536:
        yield Door("ssh", port[0], True, port[1])
    if telnet and telnet[0]:
        yield Door("telnet", 23, False, telnet[1])


def _filtered(found: list[Door], profile: Node) -> Told:
    """The doors as the rules leave them open; of one that a rule leaves in doubt, nothing."""
    adapters = _adapters(profile)
    lines: dict[str, int] = {}
    chains: list[InputChain] = []
    for adapter in adapters:
        if policy := _POLICIES.get(adapter.policy):
            lines[f"/system/firewall/input/{len(chains)}"] = adapter.line
            chains.append(InputChain(adapter.name, policy, "lan"))
    admin: list[Admin] = []
    doubts: list[tuple[int, str]] = []
    for door in found:
        try:
            sources = _open_to([_judged(door, adapter) for adapter in adapters])
        except UnreadableError as doubt:
            doubts.append((door.line, f"{door.protocol} {door.port}: {doubt}"))
            continue
        if sources is None or sources:
            lines[f"/system/admin/{len(admin)}"] = door.line
            admin.append(Admin(door.protocol, "lan", door.port, door.encrypted, sources))
    reports: tuple[UnreadLine, ...] = unread("system.admin", doubts)
    firewall = Firewall(tuple(chains)) if chains else None
    return System(admin=tuple(admin) if admin or not doubts else None, firewall=firewall), lines, reports


def _adapters(profile: Node) -> list[_Adapter]:
    """The adapters that the profile knows, each with the rules of all interfaces before its own.

    Raises:
        UnreadableError: there is none, or what is said of one or of all has another form: nobody knows what is let in.
    """
    own = {key: node for key, node in profile.value.items() if _ADAPTER.fullmatch(key)}
    if not own or len(own) > _MAX_ADAPTERS:
        raise UnreadableError("no adapters that are known, or too many")
    everywhere = profile.value.get("global")
    if everywhere is not None and _policy(everywhere)[0] != "none":
        raise UnreadableError("a policy for all interfaces")
    shared = _listed(everywhere) if everywhere is not None else []
    told = [(key, _policy(node), _listed(node)) for key, node in own.items()]
    if len(shared) + sum(len(rows) for _, _, rows in told) > _MAX_RULES:
        many = (_Rule(strange="more rules than are read"),)
        return [_Adapter(clean(key), *policy, many) for key, policy, _ in told]
    first = tuple(_rules(shared))
    return [_Adapter(clean(key), *policy, (*first, *_rules(rows))) for key, policy, rows in told]


def _policy(section: Node) -> tuple[str, int]:
    policy = section.text("policy")
    if policy is None:
        raise UnreadableError("no word about what no rule names")
    return policy


def _listed(section: Node) -> list[Node]:
    rules = section.items("rules")
    if rules is None and "rules" in section.value:
        raise UnreadableError("rules of another form")
    return rules or []


def _open_to(each: list[Networks | None]) -> Networks | None:
    """Whom any of the adapters lets in; None: everybody."""
    if any(sources is None for sources in each):
        return None
    return _bounded(network for sources in each for network in sources or ())


def _bounded(found: Iterable[IPv4Network]) -> Networks:
    kept = tuple(collapse_addresses(found))
    if len(kept) > MAX_NETWORKS:
        raise UnreadableError("more networks than are read")
    return kept


def _judged(door: Door, adapter: _Adapter) -> Networks | None:
    """Whom the rules let in at the door; None: everybody.

    Raises:
        UnreadableError: a rule that may fit cannot be told.
    """
    let_in: set[IPv4Network] = set()
    for rule in adapter.rules:
        if not _fits(rule, door):
            continue
        if rule.doubt:
            raise UnreadableError(rule.doubt)
        match rule.policy:
            case "allow" if rule.sources is None:
                return None
            case "allow":
                let_in.update(rule.sources or ())
            case "drop" if rule.sources is None:
                return _bounded(let_in)
            case "drop" if rule.sources:
                raise UnreadableError("some are shut out")
            case "drop" | "none":
                pass
            case _:
                raise UnreadableError("a policy of another name")
        if len(let_in) > MAX_NETWORKS:
            raise UnreadableError("more networks than are read")
    if adapter.policy in ("allow", "none"):  # as delivered, what no rule names is let in
        return None
    if adapter.policy != "drop":
        raise UnreadableError("a policy of another name")
    return _bounded(let_in)


def _fits(rule: _Rule, door: Door) -> bool:
    if rule.strange:
        raise UnreadableError(rule.strange)
    if rule.ssh:
        return door.protocol == "ssh"
    return rule.spans is None or any(first <= door.port <= last for first, last in rule.spans)


def _rules(rows: Iterable[Node]) -> Iterator[_Rule]:
    """The rules that are on and may be about TCP."""
    for row in rows:
        try:
            on, spans, ssh = _ports(row)
        except UnreadableError as strange:
            yield _Rule(strange=str(strange))
            continue
        if not on:
            continue
        policy = row.text("policy")
        word = policy[0] if policy else ""
        try:
            yield _Rule(word, ssh, spans, _sources(row))
        except UnreadableError as doubt:
            yield _Rule(word, ssh, spans, doubt=str(doubt))


def _ports(rule: Node) -> tuple[bool, tuple[tuple[int, int], ...] | None, bool]:
    """Whether the rule is on, the ports that it names (None: all), and whether it names the service of SSH instead."""
    on, protocol = rule.flag("enable"), rule.text("protocol")
    group, ports = rule.text("port_group"), rule.text("ports")
    if on is None or protocol is None or group is None:
        raise UnreadableError("a rule of another form")
    if not on[0] or protocol[0] in ("udp", "icmp"):
        return False, None, False
    if protocol[0] not in ("tcp", "all"):
        raise UnreadableError("a protocol of another name")
    if group[0] == "all":
        return True, None, False
    way = rule.text("port_direction")
    if ports is None or way is None or way[0] != "destination":
        raise UnreadableError("ports of another form")
    if group[0] == "service":  # names of DSM's own; only that of SSH is known
        if ports[0] != "ssh":
            raise UnreadableError("services by their names")
        return True, None, True
    spans = [_PORTS.fullmatch(part.strip()) for part in ports[0].split(",", _MAX_PARTS)]
    if not all(spans):
        raise UnreadableError("ports of another form")
    return True, tuple((int(span[1]), int(span[2] or span[1])) for span in spans if span), False


def _sources(rule: Node) -> Networks | None:
    """Whom the rule is about; None: everybody. An address of the practice's network is in no country."""
    group, said = rule.text("source_ip_group"), rule.text("source_ip")
    if group is None or said is None:
        raise UnreadableError("a rule of another form")
    if group[0] == "all":
        return None
    if group[0] == "geoip":
        return ()
    try:
        if group[0] == "iprange":
            first, _, last = said[0].partition("-")
            return tuple(summarize_address_range(IPv4Address(first.strip()), IPv4Address(last.strip())))
        if group[0] in ("ip", "ipset", "netmask"):
            parts = said[0].split(",", _MAX_PARTS)
            return tuple(IPv4Network(part.strip(), strict=False) for part in parts)
    except (TypeError, ValueError) as error:
        raise UnreadableError("sources of another form") from error
    raise UnreadableError("sources of another form")
