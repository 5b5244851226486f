"""From where a Synology lets itself be administered: its doors held against the rules of its own firewall. Pure.

A profile is `{"name": "default", "global": {"policy": "none", "rules": […]}, "eth0": {"policy": "drop", …}}`: the rules
of all interfaces come first, then those of the interface, the first that fits decides, and the policy what none fits.
A rule is `{"enable": true, "name": "", "policy": "allow", "protocol": "tcp", "port_direction": "destination",
"port_group": "custom", "ports": "5000,5001", "source_ip_group": "netmask", "source_ip": "192.168.10.0/24"}`.
Sources: captures of DSM 7.3 in ychiu1211/dsmctl (internal/synology/operations/firewall, loginportal, fileservices) and
of DSM 7 in batonogov/terraform-provider-synology-dsm (client tests, "captured from hardware").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, collapse_addresses, summarize_address_range
from typing import Literal

from inventory.gateway import Admin, Firewall, InputChain
from inventory.observation import UnreadLine
from inventory.system import System
from inventory.text import clean
from scanner.platforms._dsm_api import Told
from scanner.platforms._nodes import Node
from scanner.platforms._reading import UnreadableError, unread

_MAX_RULES = 512  # of one profile; stops a hostile answer from costing minutes
_MAX_SOURCES = 64  # networks of one rule
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
    sections = {key: node for key, node in profile.value.items() if isinstance(node.value, dict)}
    shared = sections.get("global", Node({}, profile.line))
    own = {key: node for key, node in sections.items() if _ADAPTER.fullmatch(key)} or {"": Node({}, profile.line)}
    lines: dict[str, int] = {}
    chains: list[InputChain] = []
    for key, node in own.items():
        policy = node.word(dict(_POLICIES), "policy")
        if key and policy:
            lines[f"/system/firewall/input/{len(chains)}"] = policy[1]
            chains.append(InputChain(clean(key), policy[0], "lan"))
    admin: list[Admin] = []
    doubts: list[tuple[int, str]] = []
    for door in found:
        try:
            sources = _open_to([_judged(door, shared, node) for node in own.values()])
        except UnreadableError as doubt:
            doubts.append((door.line, f"{door.protocol} {door.port}: {doubt}"))
            continue
        if sources is None or sources:
            lines[f"/system/admin/{len(admin)}"] = door.line
            admin.append(Admin(door.protocol, "lan", door.port, door.encrypted, sources))
    reports: tuple[UnreadLine, ...] = unread("system.admin", doubts)
    firewall = Firewall(tuple(chains)) if chains else None
    return System(admin=tuple(admin) if admin or not doubts else None, firewall=firewall), lines, reports


def _open_to(each: list[tuple[IPv4Network, ...] | None]) -> tuple[IPv4Network, ...] | None:
    """Whom any of the adapters lets in; None: everybody."""
    if any(sources is None for sources in each):
        return None
    return tuple(collapse_addresses(network for sources in each for network in sources or ()))


def _judged(door: Door, shared: Node, own: Node) -> tuple[IPv4Network, ...] | None:
    """Whom the rules let in at the door; None: everybody.

    Raises:
        UnreadableError: a rule that may fit cannot be told.
    """
    let_in: list[IPv4Network] = []
    rules = [*(shared.items("rules") or ()), *(own.items("rules") or ())]
    if len(rules) > _MAX_RULES:
        raise UnreadableError("more rules than are read")
    for rule in rules:
        if not _fits(rule, door):
            continue
        policy, sources = rule.text("policy"), _sources(rule)
        match policy[0] if policy else "":
            case "allow" if sources is None:
                return None
            case "allow":
                let_in += sources or ()
            case "drop" if sources is None:
                return tuple(let_in)
            case "drop" if sources:
                raise UnreadableError("some are shut out")
            case "drop" | "none":
                pass
            case _:
                raise UnreadableError("a policy of another name")
    last = own.text("policy")
    if last is None or last[0] in ("allow", "none"):  # as delivered, what no rule names is let in
        return None
    if last[0] != "drop":
        raise UnreadableError("a policy of another name")
    return tuple(let_in)


def _fits(rule: Node, door: Door) -> bool:
    """Whether the rule is on and names the port."""
    on, protocol = rule.flag("enable"), rule.text("protocol")
    group, ports = rule.text("port_group"), rule.text("ports")
    if on is None or protocol is None or group is None:
        raise UnreadableError("a rule of another form")
    if not on[0] or protocol[0] in ("udp", "icmp"):
        return False
    if protocol[0] not in ("tcp", "all"):
        raise UnreadableError("a protocol of another name")
    if group[0] == "all":
        return True
    way = rule.text("port_direction")
    if ports is None or way is None or way[0] != "destination":
        raise UnreadableError("ports of another form")
    if group[0] == "service":  # names of DSM's own; only that of SSH is known
        if ports[0] != "ssh":
            raise UnreadableError("services by their names")
        return door.protocol == "ssh"
    spans = [_PORTS.fullmatch(part.strip()) for part in ports[0].split(",")]
    if not all(spans):
        raise UnreadableError("ports of another form")
    return any(int(span[1]) <= door.port <= int(span[2] or span[1]) for span in spans if span)


def _sources(rule: Node) -> tuple[IPv4Network, ...] | None:
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
            parts = said[0].split(",", _MAX_SOURCES)
            return tuple(IPv4Network(part.strip(), strict=False) for part in parts)
    except (TypeError, ValueError) as error:
        raise UnreadableError("sources of another form") from error
    raise UnreadableError("sources of another form")
