"""config.xml: the battery that the device watches, and where copies of its configuration go.

Source: pfSense documentation, "AutoConfigBackup" (a copy is encrypted before it leaves), the NUT package and its
nut_settings.php; OPNsense documentation, "Backups" and "Network UPS Tools", and their models.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from inventory.storage import Backup, Ups
from inventory.text import clean
from scanner.platforms._config_xml import Node
from scanner.platforms._config_xml_told import Told


def read_ups(root: Node, told: Told) -> None:
    """The battery that NUT watches; it stops the device in order before that is empty, unless it only asks."""
    package = root.one("installedpackages/nut/config")
    if package is not None and package.inner:
        kind = package.word("type") or package.word("monitor")
        on = kind not in ("", "disabled", "dummy")
        told.say("ups", Ups(on, shutdown=True if on else None), package.line)
    plugin = root.one("OPNsense/Nut")
    if plugin is not None and plugin.one("general/enable"):
        drivers = [node for node in plugin.inner if node.name not in ("general", "account")]
        on = plugin.on("general/enable") and any(node.on("enable") for node in drivers)
        told.say("ups", Ups(on, shutdown=True if on else None), plugin.line_of("general/enable"))


def read_backups(root: Node, told: Told) -> None:
    """The copies of the configuration that leave the device by themselves; whether they arrive is not in it."""
    found = dict([*_acb(root), *_remote(root), *_newer(root)])
    if found:
        told.list("backups", found)


def _acb(root: Node) -> Iterator[tuple[Backup, int]]:
    package = root.one("installedpackages/autoconfigbackup/config")
    if package is not None and package.inner and not root.one("system/acb"):  # up to pfSense 2.4.3
        on = package.word("enable_acb") == "enabled"
        yield Backup("AutoConfigBackup", "portal.pfsense.org", enabled=on, encrypted=True), package.line
    node = root.one("system/acb")
    if node is None or not node.inner:
        return
    often = node.word("frequency") or None
    if often == "cron":
        parts = (node.word(name) or "*" for name in ("minute", "hours", "day", "month", "dow"))
        often = " ".join(parts)
    on = node.word("enable") == "yes"
    yield Backup("AutoConfigBackup", "acb.netgate.com", enabled=on, encrypted=True, schedule=often), node.line


def _remote(root: Node) -> Iterator[tuple[Backup, int]]:
    node = root.one("system/remotebackup")
    if node is not None and node.one("GDriveEnabled"):
        on, sealed = node.on("GDriveEnabled"), bool(node.word("GDrivePassword"))
        yield Backup("Google Drive", "drive.google.com", enabled=on, encrypted=sealed or None), node.line


def _newer(root: Node) -> Iterator[tuple[Backup, int]]:
    for node in (inner for each in root.all("system/backup") for inner in each.inner):
        if not node.one("enabled"):
            continue
        sealed = True if node.word("password_encryption") else None
        target = _host(node.word("url")) or node.word("hostname") or None
        yield Backup(clean(node.name, 32), target, enabled=node.on("enabled"), encrypted=sealed), node.line


def _host(url: str) -> str | None:
    """Where a URL leads, without whoever logs in there."""
    try:
        return clean(urlsplit(url).hostname or "") or None
    except ValueError:
        return None
