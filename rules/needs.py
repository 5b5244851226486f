"""What a pass rests on: whether a snapshot holds the facts that a rule needs, and if not, why not.

Pure. Knows no rule's meaning; the paths are those of `Rule.needs`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from ipaddress import IPv4Network, collapse_addresses
from typing import Any

from inventory.device import Device
from inventory.snapshot import Coverage, Snapshot, Unread

# Which sources could have supplied a fact, best first. The longest prefix counts.
_SUPPLIERS: Mapping[str, tuple[str, ...]] = {
    "network": ("arp",),
    "network.ports": ("ports",),
    "network.tcp_probed": ("ports",),
    "network.tcp_filtered": ("ports",),
    "network.smb": ("smb", "scripts", "ports"),
    "network.smb.shares": ("smb", "ports"),
    "network.tls": ("tls", "ports"),
    "network.ssh_offers": ("ssh_offer", "ports"),
    "network.http": ("http", "ports"),
    "network.snmp": ("snmp",),
    "network.ssh": ("ssh",),
    "network.mdns": ("mdns",),
    "network.ipv6": ("icmp6", "capture"),
    "network.router_advertisement": ("icmp6", "capture"),
    "network.netbios": ("netbios",),
    "network.upnp": ("upnp", "ssdp"),
    "network.heard": ("capture",),
    "network.dhcp": ("capture",),
    "network.dhcp_server": ("capture",),
    "network.dhcp6": ("capture",),
    "network.dhcp6_server": ("capture",),
    "network.neighbours": ("capture",),
    "network.wsd": ("capture",),
    "network.browser": ("capture",),
    "system": ("ssh", "api", "snmp"),
    "system.identity": ("snmp", "ssh", "api"),
    "system.updates": ("snmp", "ssh", "api"),
    "system.volumes": ("snmp", "ssh", "api"),
    "system.port_forwards": ("ssh", "api"),
    "system.interfaces": ("ssh", "api", "snmp"),
    "system.ssh": ("ssh", "api"),
    "system.snmp": ("ssh", "api"),
    "system.smb": ("ssh", "api"),
    "system.shares": ("ssh", "api"),
    "system.services": ("ssh", "api", "snmp"),
    "system.backups": ("ssh", "api"),
}

_GONE = frozenset({"missing", "altered", "unreadable"})  # evidence that was there, and is not any more
# Sources that put several questions to a device, with how many come before the ones that bring most facts: the host
# key, the identity.
_OPENING: Mapping[str, int] = {"ssh": 1, "snmp": 1}

# Endings that speak of the way in, not of one question.
_WHOLE = frozenset({
    "credential_refused", "not_trusted", "incompatible", "host_key_changed", "excluded", "not_asked", "not_met",
    "ports_unknown", "no_credential", "off_link", "no_ipv6",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a pass is not possible."""

    cause: str  # a word of data/causes.yaml
    path: str  # the first fact that is missing: "system.port_forwards", "site.inventory_declared"
    coverage: Coverage | None = None  # the attempt that failed
    unread: Unread | None = None  # the line that could not be read


def met(needs: Iterable[tuple[str, ...]], snapshot: Snapshot, device: Device | None) -> tuple[str, ...] | None:
    """The first alternative that the snapshot wholly holds, None when it holds none."""
    for alternative in needs:
        if all(_present(path, snapshot, device) and not _unread(path, snapshot, device) for path in alternative):
            return alternative
    return None


def lack(needs: Iterable[tuple[str, ...]], snapshot: Snapshot, device: Device | None) -> Lack:
    """Why no alternative is met: a failed attempt first, then an unread line, then that nobody looked."""
    alternatives = list(needs)
    missing = [path for paths in alternatives for path in paths if not _present(path, snapshot, device)]
    for path in missing:
        if attempt := _failed_attempt(path, snapshot, device):
            return Lack(attempt.status, _short(path), attempt)
    for paths in alternatives:
        if all(_present(path, snapshot, device) for path in paths):
            path, lines = next((path, lines) for path in paths if (lines := _unread(path, snapshot, device)))
            return Lack("unread_lines", _short(path), unread=lines[0])
    first = _short(missing[0])
    if device is not None and not is_seen(device):
        return Lack("not_seen", first)
    said = any(path.startswith("device.declared") or path == "site.inventory_declared" for path in missing)
    return Lack("not_declared" if said else "not_collected", first)


def is_seen(device: Device) -> bool:
    """Whether the wire showed anything of a device: one that is only declared was not met on this visit."""
    network = device.network
    return network is not None and any(getattr(network, name) is not None for name in network.__slots__)


@dataclass(frozen=True, slots=True)
class Hidden:
    """Why there may be devices that the snapshot does not hold."""

    cause: str
    where: Mapping[str, Any]  # for the words of the cause


def hidden(snapshot: Snapshot) -> Hidden | None:
    """Why the sweep may have missed devices, None when every network of the site was swept and nothing is missing."""
    sweeps = [entry for entry in snapshot.coverage if entry.source in ("arp", "count", "vantage")]
    # What was heard beside the sweep may be little; but once heard, it may not vanish with whoever was only heard.
    gone = [entry for entry in snapshot.coverage if entry.source == "capture" and entry.status in _GONE]
    gone += [entry for entry in snapshot.coverage if entry.source == "tables"]  # one that holds too many
    if broken := sorted((entry.target, entry.status) for entry in [*sweeps, *gone] if entry.status != "done"):
        return Hidden(broken[0][1], {"networks": [target for target, _ in broken]})
    whole = (_network(entry.target) for entry in sweeps if entry.source != "vantage")
    swept = list(collapse_addresses(filter(None, whole)))
    left = [network for network in snapshot.site.networks if not any(map(network.subnet_of, swept))]
    if left or not swept:
        return Hidden("not_swept", {"networks": [str(network) for network in left or snapshot.site.networks]})
    if lost := _lost(snapshot):
        return Hidden("device_missing", {"targets": lost})
    return None


def _lost(snapshot: Snapshot) -> list[str]:
    """Targets that coverage says were a device, and that no device of the snapshot answers to."""
    ids = {device.id for device in snapshot.devices}
    addresses = {address for device in snapshot.devices for address in _addresses(device)}
    named = (entry for entry in snapshot.coverage if entry.device is not None)
    return sorted({entry.target for entry in named if entry.device not in ids and entry.target not in addresses})


def _present(path: str, snapshot: Snapshot, device: Device | None) -> bool:
    root, *fields = path.split(".")
    if root == "coverage":
        entries = [entry for entry in snapshot.coverage if entry.source == fields[0]]
        return bool(entries) and all(entry.status == "done" for entry in entries)
    value = _value({"device": device, "site": snapshot.site, "history": snapshot.history}[root], fields)
    if root == "history" and isinstance(value, Mapping) and device is not None:
        return device.id in value
    # What a device says may be False and is still an answer; of the site only a yes supports a pass.
    return value is not None and (root == "device" or value is not False)


def _value(start: Any, fields: Iterable[str]) -> Any:  # noqa: ANN401
    return reduce(lambda value, name: getattr(value, name, None), fields, start)


def _unread(path: str, snapshot: Snapshot, device: Device | None) -> list[Unread]:
    """The lines left unread that belong to the path, to something above it or below it.

    Whole segments count: "system.ssh" is not above "system.ssh_keys".
    """
    if device is None or not path.startswith("device."):
        return []
    wanted = f"{_short(path)}."
    facts = (
        (line, f"{line.fact.strip('/').replace('/', '.')}.") for line in snapshot.unread if line.device == device.id
    )
    return [line for line, fact in facts if fact.startswith(wanted) or wanted.startswith(fact)]


def _failed_attempt(path: str, snapshot: Snapshot, device: Device | None) -> Coverage | None:
    if path.startswith("coverage."):
        source = path.partition(".")[2]
        return next(
            (entry for entry in snapshot.coverage if (entry.source, entry.status != "done") == (source, True)), None
        )
    if device is None or not path.startswith("device."):
        return None
    addresses = _addresses(device)
    own = [entry for entry in snapshot.coverage if entry.device == device.id or entry.target in addresses]
    untried = None
    for source in _suppliers(_short(path)):
        asked = [entry for entry in own if entry.source == source]
        failed = (
            entry for entry in asked if entry.status != "done" and _explains(entry, asked, path, snapshot, device)
        )
        attempt = min(failed, key=lambda entry: (entry.target, entry.status), default=None)
        if attempt is not None and attempt.status != "no_credential":
            return attempt
        untried = untried or attempt  # another way in may have been tried, and tells more
    return untried


def _explains(entry: Coverage, asked: Iterable[Coverage], path: str, snapshot: Snapshot, device: Device) -> bool:
    """Whether a failed question can be why a fact is missing: no other question's failure is.

    A command that failed explains the facts that its silence leaves in doubt; where nothing at all was answered behind
    the door, every fact.
    """
    if entry.status in _WHOLE:
        return True
    if any(line.evidence == entry.evidence for line in _unread(path, snapshot, device)):
        return True
    answered = sum(other.status == "done" for other in asked)
    return answered <= _OPENING.get(entry.source, 0)


def _suppliers(fact: str) -> tuple[str, ...]:
    """The sources of the longest known prefix.

    >>> _suppliers("system.updates.status"), _suppliers("network.zone"), _suppliers("declared.name")
    (('snmp', 'ssh', 'api'), ('arp',), ())
    """
    while fact:
        if fact in _SUPPLIERS:
            return _SUPPLIERS[fact]
        fact = fact.rpartition(".")[0]
    return ()


def _addresses(device: Device) -> set[str]:
    return {str(address) for address in (device.network.addresses or ())} if device.network else set()


def _network(target: str) -> IPv4Network | None:
    try:
        return IPv4Network(target, strict=False)
    except ValueError:
        return None


def _short(path: str) -> str:
    return path.removeprefix("device.")
