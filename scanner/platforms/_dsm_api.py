"""The answers of DSM's web API: who the NAS is, its network, updates, shares and volumes. Pure.

An answer is `{"data": {…}, "success": true}`, or `{"error": {"code": 105}, "success": false}` for an account that may
not ask. Sources: recordings of DSM 6.2 and 7.0 (mib1185/py-synologydsm-api, tests/api_data); for
`SYNO.Storage.CGI.Storage` that library's `api/storage/storage.py`; Synology's "DSM Login Web API Guide".
"""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv4Interface

from inventory.gateway import Dns, Interface
from inventory.observation import Observation, UnreadLine
from inventory.serial import serial_number
from inventory.storage import Share, Ups, Volume
from inventory.system import Identity, Ntp, System, Updates
from inventory.text import clean
from scanner.platforms._interfaces import MAX_FACTS
from scanner.platforms._nodes import Node, Placed, filled, parsed
from scanner.platforms._reading import UnreadableError, numbered, of_system, unread

Told = tuple[System, dict[str, int], tuple[UnreadLine, ...]]
DataReader = Callable[[Node], Told]

VERSION = re.compile(r"(?:DSM )?(\d{1,3}(?:\.\d{1,3}){1,3})-(\d{1,8})(?:[ -].{0,64})?")
_UP_TIME = re.compile(r"(\d{1,7}):(\d{1,2}):(\d{1,2})")
_VOLUME = re.compile(r"/?volume_?(\d{1,4})")
# Volume and pool states as Storage Manager's own strings; our words for the three that rules know.
STATES = {"normal": "normal", "degrade": "degraded", "degraded": "degraded", "crashed": "crashed", "crash": "crashed"}
RAIDS = {
    "basic": "single", "raid_linear": "jbod", "raid_0": "raid0", "raid_1": "raid1", "raid_5": "raid5",
    "raid_6": "raid6", "raid_10": "raid10", "raid_f1": "raidf1", "shr_without_disk_protect": "single",
    "shr_with_1_disk_protect": "shr", "shr_with_2_disk_protect": "shr2", "shr": "shr",
}  # fmt: skip


def answer(text: str, facts: tuple[str, ...], read: DataReader) -> Observation:
    """What the reader makes of the `data` of an answer; each fact unread when it is no answer, or a refusal.

    Answers that somebody saved together, each under a name of its own, are told apart by none: the first one speaks.
    """
    first = (list(numbered(text))[:1] or [(1, "")])[0]
    try:
        said = parsed(text)
        if isinstance(said.value, dict) and "success" not in said.value and "data" not in said.value:
            said = next(iter(said.value.values()), said)
        system, lines, reports = read(_data(said))
    except UnreadableError:
        return of_system(System(), {}, tuple(report for fact in facts for report in unread(fact, [first])))
    return of_system(system, lines, reports)


def _data(said: Node) -> Node:
    success, data = said.at("success"), said.at("data")
    if data is None or success is None or success.value is not True:
        raise UnreadableError("not an answer that tells something")
    return data


def _version(said: Placed) -> tuple[Placed, Placed, tuple[UnreadLine, ...]]:
    """Version and build in `DSM 6.2.2-24922 Update 4`; the update's number has no fact of its own yet."""
    if said is None:
        return None, None, ()
    found = VERSION.fullmatch(said[0])
    if found is None:
        return None, None, unread("system.identity", [(said[1], said[0])])
    return (found[1], said[1]), (found[2], said[1]), ()


def _identity(data: Node, version: Placed, **more: Placed) -> tuple[Identity, dict[str, int], tuple[UnreadLine, ...]]:
    firmware, build, bad = _version(version)
    serial = data.text("serial")
    lines: dict[str, int] = {}
    known = Identity(vendor="Synology", os="dsm")  # no other maker has this API
    kept = serial if serial and serial_number(serial[0]) else None
    return filled(known, "/system/identity", lines, model=data.text("model"), serial=kept, firmware=firmware,
                  build=build, **more), lines, bad  # fmt: skip


def info(data: Node) -> Told:
    """`SYNO.DSM.Info`: model, serial number, version, seconds since start."""
    if data.text("model") is None and data.text("version_string") is None:
        raise UnreadableError("no model")
    identity, lines, bad = _identity(data, data.text("version_string"), uptime_s=data.number("uptime"))
    return System(identity=identity), lines, bad


def core_system(data: Node) -> Told:
    """`SYNO.Core.System`: the same, when the firmware was made, where the time comes from, a UPS at a USB port."""
    if data.text("model") is None and data.text("firmware_ver") is None:
        raise UnreadableError("no model")
    up = data.text("up_time")
    found = _UP_TIME.fullmatch(up[0]) if up else None
    seconds = (int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]), up[1]) if up and found else None
    built = data.time("firmware_date")
    identity, lines, bad = _identity(data, data.text("firmware_ver"), uptime_s=seconds, built=built)
    return (
        System(identity=identity, ntp=ntp(data, "enabled_ntp", "ntp_server", lines), ups=_usb_ups(data, lines)),
        lines,
        bad,
    )


def ntp(data: Node, enabled: str, servers: str, lines: dict[str, int]) -> Ntp | None:
    """Whether it asks for the time, and whom."""
    if (on := data.flag(enabled)) is None:
        return None
    said = data.text(servers)
    names = tuple(clean(name) for name in re.split(r"[\s,;]+", said[0]) if name) if said else ()
    kept = (names, said[1]) if said and names else None
    return filled(Ntp(on[0]), "/system/ntp", lines, enabled=on, servers=kept)


def _usb_ups(data: Node, lines: dict[str, int]) -> Ups | None:
    """The UPS among the USB devices; that there is none says nothing: it may hang on the network."""
    for device in data.items("usb_dev") or ():
        if device.text("cls") and device.text("cls")[0].lower() == "ups":  # type: ignore[index]
            names = [name[0] for name in (device.text("producer"), device.text("product")) if name]
            lines["/system/ups"] = device.line
            return Ups(connected=True, model=clean(" ".join(names)) or None)
    return None


def network(data: Node) -> Told:
    """`SYNO.DSM.Network`: name, resolvers, addresses; the default route where one network holds the gateway."""
    listed = data.items("interfaces")
    if listed is None:
        raise UnreadableError("no interfaces")
    lines: dict[str, int] = {}
    identity = filled(Identity(), "/system/identity", lines, hostname=data.text("hostname"))
    resolvers = data.items("dns")
    dns = None
    if resolvers is not None:
        dns = Dns(tuple(clean(item.value) for item in resolvers if isinstance(item.value, str) and item.value.strip()))
        lines["/system/dns/servers"] = data.value["dns"].line
    gateway = data.text("gateway")
    found: list[Interface] = []
    bad: list[tuple[int, str]] = []
    for item in listed[:MAX_FACTS]:
        name = item.text("id") or item.text("ifname")
        if name is None:
            bad.append((item.line, "an interface without name"))
            continue
        own, wrong = _addresses(item)
        bad += wrong
        leads = gateway is not None and any(_holds(address, gateway[0]) for address in own)
        lines[f"/system/interfaces/{len(found)}"] = name[1]
        if leads and gateway:
            lines[f"/system/interfaces/{len(found)}/default_route"] = gateway[1]
        found.append(Interface(name[0], tuple(address.ip for address in own), True if leads else None))
    if not listed:  # newer versions of DSM list none here, but in `core_network`
        bad.append((data.line, "no interfaces"))
    system = System(identity=identity if identity != Identity() else None, dns=dns, interfaces=tuple(found) or None)
    return system, lines, unread("system.interfaces", bad)


def core_network(data: Node) -> Told:
    """`SYNO.Core.Network.Interface`: `[{"ifname": "eth0", "ip": "192.168.1.10", "mask": …, "status": "connected"}]`.

    Sources: pmilano1/synology-dsm-api (docs/api-reference/probed, DSM 7.4), ychiu1211/dsmctl (network, DSM 7.3).
    """
    listed = data.items()
    if not listed:
        raise UnreadableError("no interfaces")
    lines: dict[str, int] = {}
    found: list[Interface] = []
    bad: list[tuple[int, str]] = []
    for item in listed[:MAX_FACTS]:
        name, address = item.text("ifname"), item.text("ip")
        try:
            own = (IPv4Address(address[0]),) if address else ()
        except AddressValueError:
            name = None
        if name is None:
            bad.append((item.line, "an interface without name or address"))
            continue
        lines[f"/system/interfaces/{len(found)}"] = name[1]
        found.append(Interface(name[0], tuple(ip for ip in own if int(ip))))
    return System(interfaces=tuple(found) or None), lines, unread("system.interfaces", bad)


def _addresses(item: Node) -> tuple[list[IPv4Interface], list[tuple[int, str]]]:
    """The IPv4 addresses of an interface with their networks, and those that are none."""
    own, bad = [], []
    for place in (item.items("ip") or ())[:MAX_FACTS]:
        address, mask = place.text("address"), place.text("netmask")
        try:
            if address and address[0] != "0.0.0.0":  # noqa: S104 — what an interface without one shows
                own.append(IPv4Interface(f"{address[0]}/{mask[0] if mask else 32}"))
        except ValueError:
            bad.append((place.line, address[0] if address else ""))
    return own, bad


def _holds(own: IPv4Interface, gateway: str) -> bool:
    try:
        return IPv4Address(gateway) in own.network
    except AddressValueError:
        return False


def upgrade(data: Node) -> Told:
    """`SYNO.Core.Upgrade.Server` check: whether a newer version waits, and which."""
    available = data.flag("update", "available")
    if available is None:
        available = data.flag("available")
    if available is None:
        raise UnreadableError("no word about updates")
    lines: dict[str, int] = {}
    newer = (data.text("update", "version") or data.text("version")) if available[0] else None
    status: Placed = ("available" if available[0] else "current", available[1])
    return System(updates=filled(Updates(), "/system/updates", lines, status=status, available=newer)), lines, ()


def shares(data: Node) -> Told:
    """`SYNO.Core.Share` list: each shared folder, whether it is encrypted; not by which protocols it is served."""
    listed = data.items("shares")
    if listed is None:
        raise UnreadableError("no shares")
    lines: dict[str, int] = {}
    found: list[Share] = []
    bad = []
    for item in listed:
        if (name := item.text("name")) is None:
            bad.append((item.line, "a share without name"))
            continue
        at = f"/system/shares/{len(found)}"
        volume, locked = item.text("vol_path"), item.flag("is_force_readonly")
        path: Placed = (clean(f"{volume[0].rstrip('/')}/{name[0]}"), volume[1]) if volume else None
        writable: Placed = (False, locked[1]) if locked and locked[0] else None
        # 0: none, 1: locked, 2: opened.
        encrypted = item.word({0: False, 1: True, 2: True}, "encryption")
        lines[at] = name[1]
        found.append(filled(Share(name[0]), at, lines, path=path, encrypted=encrypted, writable=writable))
    return System(shares=tuple(found)), lines, unread("system.shares", bad)


def _volume_name(item: Node) -> Placed:
    """`Volume 1`, as the RAID table of its SNMP agent has it, for `/volume1` and `volume_1`."""
    said = item.text("vol_path") or item.text("id")
    found = _VOLUME.fullmatch(said[0]) if said else None
    return (f"Volume {found[1]}", said[1]) if said and found else said


def storage(data: Node) -> Told:
    """`SYNO.Storage.CGI.Storage` load_info: the volumes with their state, kind of RAID and free space."""
    listed = data.items("volumes")
    if listed is None:
        raise UnreadableError("no volumes")
    lines: dict[str, int] = {}
    found: list[Volume] = []
    bad = []
    for item in listed:
        name, state = _volume_name(item), item.text("status")
        if name is None or state is None:
            bad.append((item.line, "a volume without name or state"))
            continue
        at = f"/system/volumes/{len(found)}"
        total, used = item.number("size", "total"), item.number("size", "used")
        free: Placed = None
        if total and used and 0 <= used[0] <= total[0] > 0:
            free = ((total[0] - used[0]) * 100 // total[0], used[1])
        kind = item.text("device_type") or item.text("raidType")
        raid: Placed = (RAIDS.get(kind[0].lower(), kind[0]), kind[1]) if kind else None
        lines[at] = state[1]
        made = Volume(name[0], str(STATES.get(state[0].lower(), state[0])))
        found.append(filled(made, at, lines, free_percent=free, raid=raid))
    return System(volumes=tuple(found)), lines, unread("system.volumes", bad)
