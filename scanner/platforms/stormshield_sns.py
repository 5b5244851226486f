"""Stormshield Network Security (SNS) firewalls, versions 3 to 5, formerly NETASQ.

Their SSH leads an administrator to the serverd commands (`CLIShell=1`), or to the console, where the account `admin`
sees the files of the configuration. One line is typed for the console; where it tells nothing, serverd commands are.
Source: Stormshield, "CLI Serverd Commands reference guide v4" and "CLI Console / SSH commands reference guide v4"
(GETVERSION, SLOTINFO, NSRPC), a page a command; the files as Stormshield's templates for clouds and its python-SNS-API
show them.
"""

from collections.abc import Mapping
from typing import Any

from inventory.device import Device
from inventory.gateway import Dns, Firewall, PortForward
from inventory.observation import Observation, UnreadLine
from inventory.system import Identity, SshSettings
from inventory.text import clean
from scanner.evidence import Evidence
from scanner.platforms._reading import (
    MAX_ITEMS,
    Maturity,
    Reader,
    UnreadableError,
    from_command,
    nothing,
    number,
    unread,
)
from scanner.platforms._sns_answers import ANSWERS, OS, VENDOR, of_ways
from scanner.platforms._sns_objects import SERVICES, Objects, Ways, read_objects, read_ways
from scanner.platforms._sns_rules import Strange, forwards, input_chain, read_rules, ssh_ways
from scanner.platforms._sns_text import MAX_LINES, Files, Section, Sections, files

ID = "stormshield_sns"
SHELL = True
SNMP: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "interfaces": "documentation", "vlans": "documentation", "ssh": "documentation",
    "admin": "documentation", "firewall": "documentation", "port_forwards": "documentation", "dns": "documentation",
    "snmp": "documentation", "vpn": "documentation", "dhcp": "documentation", "logging": "documentation",
}  # fmt: skip
ACCOUNT = """
*System → Administrators → Add → Administrator without any privileges*, then *Logs (R)*, *Filter (R)*, *VPN (R)* and,
from version 4.3 on, *Console (SSH)*: it has `base`, `log_read`, `filter_read` and `vpn_read`, and not `modify`. *System
→ Configuration → Firewall administration*: SSH access with the nsrpc interpreter (`CONFIG SSH UPDATE CLIShell=1`), and
this machine among the hosts that may administer. Serverd commands do not show the rules of the active slot by
themselves: what is let in, and the default of the filter, is read from the console alone, which is that of `admin`. He
may do everything: give his password for a visit of the contractor, never for one that is left running. SNMP version 3
tells model, version and serial number.
"""
LIMITS = """
Through serverd commands the rules stay *unknown*, and who may administer it. They are asked for only where the console
shows no file: where it does, SNMP, VPN, DHCP, whom its DNS answers and where the log goes stay *unknown*. From the
console, groups, ranges, services of one's own and rules with a user or another condition are not resolved: each such
rule is reported as unread. Access to the web administration and to serverd (1300) is let in by implicit rules and a
list of objects kept elsewhere: of administration only SSH is told, and never as all there is. Whether a filter rule
lets in what a translation forwards is not counted in. No page shows a rule that translates a destination: it is read as
the documented one with an object in the place of `original`. Whether SSH takes passwords stands in `Password=`, which
is redacted. The default route is told where its gateway is a host in the network of one interface (not for PPPoE, an
address by DHCP or several gateways). The ranges of DHCP, servers of time, IPsec, Wi-Fi, accounts and updates (asking
for them makes the firewall call its maker) are not read.
"""
_ENTERPRISE = "1.3.6.1.4.1.11256."
_SLOTS = tuple(f"Filter/{slot:02}" for slot in range(1, 11))
CONSOLE = (
    "cd /usr/Firewall/ConfigFiles; slotinfo -f filter; "
    f"head -n {MAX_LINES} network object route system dns {' '.join(_SLOTS)}; getversion"
)
_WAYS = ("system.interfaces", "system.vlans")
_RULES = ("system.port_forwards", "system.firewall", "system.admin")


def recognise(device: Device) -> int:
    """Sure of what the device says, of Stormshield's number and of the name of its system; SMC is no firewall."""
    system, network = device.system, device.network
    identity = system.identity if system else None
    if identity and identity.os == OS:
        return 100
    snmp = network.snmp if network else None
    if snmp and f"{(snmp.sys_object_id or '').strip('.')}.".startswith(_ENTERPRISE):
        return 95
    if snmp and (snmp.sys_descr or "").startswith("NS-BSD "):
        return 95
    titles = [(page.title or "") for page in (network.http if network else None) or ()]
    return 90 if any(title.startswith("Stormshield Network Security") for title in titles) else 0


def read(evidence: Evidence) -> Observation | None:
    """What the output of one of `COMMANDS` says; None for any other evidence."""
    return from_command(evidence, _READERS)


def read_console(text: str) -> Observation:
    r"""Version, interfaces, SSH, and the rules of the active slot, in what the console shows of the configuration.

    Where it shows no file, it tells nothing at all, the version neither: so serverd is asked, which tells it too.

    >>> shown = "==> dns <==\n[Config]\nFirewall software version 4.1.5\n"
    >>> read_console(shown).device.system.identity.firmware
    '4.1.5'
    """
    told = files(text)
    if not told.found or (told.version is None and "network" not in told.found):
        reports = tuple(report for fact in _RULES for report in nothing(fact, text).unread)
        return Observation(Device(), {}, reports)
    facts: dict[str, Any] = {}
    lines: dict[str, int] = {}
    if told.version is not None:
        facts["identity"] = Identity(VENDOR, os=OS, firmware=clean(told.version[0]))
        lines["/system/identity/firmware"] = told.version[1]
    ways = read_ways(told.found.get("network", Sections(())))
    objects = read_objects(told.found.get("object", Sections(())))
    ways = _routed(told, ways, objects)
    port = _ssh(told, facts, lines)
    _dns(told, objects, facts, lines)
    reports = _policy(told, ways, objects, port, facts, lines)
    cut = "network" in told.cut
    found = of_ways(ways, facts, lines, whole=told.version is not None and not cut)
    below = tuple(report for fact in _WAYS for report in unread(fact, [told.places["network"]] if cut else []))
    return Observation(found.device, found.lines, found.unread + below + reports)


def _routed(told: Files, ways: Ways, objects: Objects) -> Ways:
    """The interfaces with the default route, whose gateway the file `route` names; as they were if it is no host."""
    section = told.section("route", "Config")
    gateway = section.entry("DefaultRoute") if section else None
    try:
        return ways.leaving_to(objects.host(gateway[0])) if gateway else ways
    except UnreadableError:
        return ways


def _ssh(told: Files, facts: dict[str, Any], lines: dict[str, int]) -> int | None:
    """Its SSH server, when it is on; the port of it, None when it is off or not said."""
    section = told.section("system", "SSH")
    state = section.switch("State") if section else None
    if section is None or state is None or not state[0]:
        return None
    name = (section.entry("Port") or ("ssh", 0))[0] or "ssh"
    try:
        port = SERVICES[name.lower()][1] if name.lower() in SERVICES else number(name, 65535)
    except UnreadableError:
        return None  # an object of one's own
    facts["ssh"] = SshSettings(ports=(port,))
    lines["/system/ssh"] = state[1]
    return port


def _dns(told: Files, objects: Objects, facts: dict[str, Any], lines: dict[str, int]) -> None:
    """Whom it asks for names: the hosts that its file names, when all of them are known."""
    section = told.section("dns", "Servers") if "dns" not in told.cut else None
    names = [row.partition("=")[0].strip() for _, row in section.rows] if section else []
    try:
        servers = tuple(dict.fromkeys(str(objects.host(name)) for name in names[:64]))
    except UnreadableError:
        return
    if section and servers:
        facts["dns"], lines["/system/dns"] = Dns(servers), section.place


def _policy(
    told: Files, ways: Ways, objects: Objects, port: int | None, facts: dict[str, Any], lines: dict[str, int]
) -> tuple[UnreadLine, ...]:
    """What the rules of the active slot say of the firewall, of SSH to it, and of what it forwards."""
    path = next(((place, line.strip()) for place, line in told.above[:32] if "/Filter/" in line), None)
    slot = path[1].partition("/ConfigFiles/")[2] if path else ""
    section = told.section(slot, "Filter")
    if slot not in _SLOTS or section is None or told.version is None or slot in told.cut:
        where = path or next(iter(told.places.values()), (1, ""))
        return tuple(report for fact in _RULES for report in unread(fact, [where]))
    rules = list(read_rules(section))[:MAX_ITEMS]
    chain, row = input_chain(rules, slot)
    if chain is not None and row is not None:
        facts["firewall"], lines["/system/firewall/input/0"] = Firewall((chain,)), row[0]
    if port is not None and (found := ssh_ways(rules, port, ways, objects)):
        facts["admin"] = tuple(found)
        lines |= {f"/system/admin/{at}": place for at, place in enumerate(found.values())}
    head = (section.place, f"[{section.name}]")
    # Other ways to administer it are not in this file, so that these are never all.
    reports = unread("system.admin", [head]) + (unread("system.firewall", [row or head]) if chain is None else ())
    return reports + _translated(told.section(slot, "NAT"), ways, objects, facts, lines, section.place)


def _translated(
    section: Section | None, ways: Ways, objects: Objects, facts: dict[str, Any], lines: dict[str, int], place: int
) -> tuple[UnreadLine, ...]:
    """What the rules of translation forward; nothing, when none of them does or the slot has none."""
    found: dict[PortForward, int] = {}
    bad: list[tuple[int, str]] = []
    for rule in read_rules(section) if section else ():
        if len(found) >= MAX_ITEMS:
            bad.append((rule.place, rule.text))
            break
        try:
            if isinstance(rule, Strange):
                raise UnreadableError(rule.text)  # noqa: TRY301 — the same report as for a rule that is half understood
            found.update((forward, rule.place) for forward in list(forwards(rule, ways, objects)))
        except UnreadableError:
            bad.append((rule.place, rule.text))
    if found or not bad:
        facts["port_forwards"] = tuple(found)
        lines |= {f"/system/port_forwards/{at}": line for at, line in enumerate(found.values())} or {
            "/system/port_forwards": section.place if section else place
        }
    return unread("system.port_forwards", bad)


_READERS: dict[str, Reader] = {CONSOLE: read_console, **ANSWERS}
COMMANDS: tuple[str, ...] = tuple(_READERS)
INSTEAD: Mapping[str, str] = dict.fromkeys(ANSWERS, CONSOLE)
DOUBTS: Mapping[str, tuple[str, ...]] = {CONSOLE: _RULES}
