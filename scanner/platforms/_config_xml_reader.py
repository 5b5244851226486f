"""config.xml as a whole: everything that Vigie reads in it, for pfSense and for OPNsense."""

from collections.abc import Mapping

from inventory.gateway import Firewall, PortForward
from inventory.observation import Observation, UnreadLine
from inventory.system import Identity, System
from inventory.text import clean
from scanner.platforms import _config_xml_settings as settings
from scanner.platforms._config_xml import BrokenError, Node, read_document
from scanner.platforms._config_xml_admin import Door, by_forward, read_admin, read_input
from scanner.platforms._config_xml_aliases import read_aliases
from scanner.platforms._config_xml_filter import Filter
from scanner.platforms._config_xml_nat import read_forwards
from scanner.platforms._config_xml_one_to_one import read_pairs
from scanner.platforms._config_xml_packages import read_packages
from scanner.platforms._config_xml_rules import read_rules
from scanner.platforms._config_xml_services import read_dhcp, read_dns, read_relays, read_services, web_door
from scanner.platforms._config_xml_told import Told
from scanner.platforms._config_xml_upkeep import read_backups, read_ups
from scanner.platforms._config_xml_vpn import read_vpn, read_wifi
from scanner.platforms._config_xml_ways import Ways, interfaces, read_vlans, read_ways
from scanner.platforms._reading import UnreadableError, of_system

VENDORS = {"opnsense": "OPNsense", "pfsense": "Netgate"}
GROUPS = (
    "identity", "services", "admin", "users", "ssh", "snmp", "firewall", "port_forwards", "upnp", "vpn", "wifi",
    "interfaces", "vlans", "dns", "dhcp", "ntp", "logging", "updates", "relays", "ups",
    "backups",
)  # fmt: skip


def read_configuration(text: str, product: str) -> Observation:
    """Everything that the configuration of that product says.

    A file that is cut off, or none, says nothing, and every group is reported with the line where it ends.
    """
    lines = text.split("\n")
    try:
        root, comments = read_document(text, product)
    except BrokenError as error:
        said = clean(lines[error.line - 1]) if error.line <= len(lines) else ""
        return of_system(System(), {}, tuple(UnreadLine(f"system.{group}", error.line, said) for group in GROUPS))
    return _told(root, comments, product).observation()


def _told(root: Node, comments: list[str], product: str) -> Told:
    told = Told()
    ways = read_ways(root)
    rules = read_rules(root, ways)
    packets = Filter(
        rules, ways, read_aliases(root), off=root.has("system/disablefilter"), first_only=product == "pfsense"
    )
    _identity(root, comments, product, told)
    _interfaces(root, ways, told)
    settings.read_users(root, told)
    switch = settings.read_ssh(root, told)
    agent = settings.read_snmp(root, told)
    settings.read_upnp(root, told)
    settings.read_ntp(root, told)
    settings.read_logging(root, told)
    if product == "opnsense":
        settings.read_updates(root, told)
    packages = read_packages(root, ways)
    forwards = _filter(root, packets, packages.inward, told)
    doors = _doors(root, switch, told)
    if doors and packets.entrances() and "firewall" in told.facts:
        admin, bad = read_admin(root, doors, packets)
        told.list("admin", admin | by_forward(forwards, doors, ways))
        told.doubt("admin", bad)
    read_services(root, doors, agent, ways, packages, told)
    read_vpn(root, told)
    read_wifi(root, ways, told)
    read_dhcp(root, ways, told)
    read_dns(root, packets, told)
    read_relays(root, told)
    read_ups(root, told)
    read_backups(root, told)
    return told


def _identity(root: Node, comments: list[str], product: str, told: Told) -> None:
    name = root.word("system/hostname") or None
    version = settings.firmware(comments)
    system = root.one("system")
    identity = Identity(vendor=VENDORS[product], os=product, firmware=version, hostname=name)
    told.say("identity", identity, {
        "vendor": root.line, "os": root.line, "hostname": system.line_of("hostname") if system else None,
    })  # fmt: skip


def _interfaces(root: Node, ways: Ways, told: Told) -> None:
    found, lines = interfaces(ways)
    if found or (root.one("interfaces") and not ways.bad):
        told.say("interfaces", found)
        told.lines |= lines
    told.doubt("interfaces", ways.bad)
    vlans, lines, bad = read_vlans(root)
    if vlans is not None:
        told.say("vlans", vlans, None if vlans else root.line_of("vlans"))
        told.lines |= lines
    told.doubt("vlans", bad)


def _filter(root: Node, packets: Filter, proxies: list[Node], told: Told) -> Mapping[PortForward, int]:
    if root.one("filter") or root.one("OPNsense/Firewall/Filter"):
        chains = read_input(root, packets)
        told.say("firewall", Firewall(tuple(chains)))
        told.lines |= {f"/system/firewall/input/{at}": line for at, line in enumerate(chains.values()) if line}
    if root.one("nat"):
        forwards, bad = read_forwards(root, packets)
        pairs, odd = read_pairs(root, packets)
        forwards |= pairs
        bad += [*odd, *proxies]
        if forwards or not bad:
            told.list("port_forwards", forwards, root.one("nat"))
        told.doubt("port_forwards", bad)
        return forwards
    told.doubt("port_forwards", proxies)
    return {}


def _doors(root: Node, switch: Node | None, told: Told) -> list[Door]:
    doors = []
    try:
        web = web_door(root)
        doors += [web] if web else []
    except UnreadableError:
        told.doubt("admin", root.all("system/webgui"))
        told.doubt("services", root.all("system/webgui"))
    ssh = told.facts.get("ssh")
    if switch is not None and ssh is not None:
        named = tuple(root.words("system/ssh/interfaces"))
        doors.append(Door("ssh", ssh.ports[0], encrypted=True, keys=named, node=switch))
    return doors
