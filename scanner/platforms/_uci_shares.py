"""Folders that OpenWrt shares (samba4, samba36, ksmbd), and the logins of its web interface (rpcd). Pure.

Source: OpenWrt, "Samba", "KSMBD", "rpcd"; the init scripts of these packages, which write what a section says into the
server's own configuration: smb.conf(5) refuses guests and writing unless it is told otherwise.
"""

from inventory.storage import Share, SmbSettings
from inventory.system import User
from inventory.text import clean
from scanner.platforms._smb_conf import guest_among
from scanner.platforms._uci import Configuration, Section
from scanner.platforms._uci_firewall import Bad
from scanner.platforms._uci_served import each

_KINDS = {"samba4": "sambashare", "samba": "sambashare", "ksmbd": "share"}


def read_shares(config: Configuration) -> tuple[dict[Share, int], Bad]:
    """The shared folders of the SMB servers that are installed."""
    found: dict[Share, int] = {}
    bad = config.bad_of("sambashare", "share")
    for package, kind in _KINDS.items():
        if package == "ksmbd" and package not in config.packages:
            continue  # a file without its name: `share` may be anybody's
        found |= dict(each(config.of(package, kind), bad, _share))
    return found, bad + [(line, share.name) for share, line in found.items() if share.guest is None]


def _share(item: Section) -> Share | None:
    name, path = clean(item.one("name")), clean(item.one("path"))
    if not (name and path):
        return None  # the init script passes over it
    if item.flag("printable", default=False):
        return None
    guest: bool | None = item.flag("guest_ok", default=item.flag("public", default=False))
    writable = item.flag("writable", default=False)
    if "read_only" in item.options:
        writable = not item.flag("read_only", default=True)
    listed = _words(item, "write_list") or (_words(item, "users") if writable else [])
    writers = tuple(dict.fromkeys(filter(None, map(clean, listed))))[:64]
    if guest and (entering := _words(item, "users")):  # what `valid users` is made of
        guest = guest_among(entering)
    return Share(name, "smb", path, guest, writable or bool(item.one("write_list")), writers=writers or None)


def _words(item: Section, key: str) -> list[str]:
    return item.one(key).replace(",", " ").split()


def read_smb(config: Configuration) -> tuple[SmbSettings | None, int]:
    """The lowest protocol, where a section says it; unsaid it depends on the server's version."""
    for package, kind in (("samba4", "samba"), ("ksmbd", "globals")):
        for item in config.of(package, kind):
            word = item.one("allow_legacy_protocols").lower()
            if word in ("1", "yes", "on", "true"):
                return SmbSettings("NT1"), item.place("allow_legacy_protocols")
    return None, 1


def read_logins(config: Configuration) -> tuple[dict[User, int], Bad]:
    """Those who may log in to LuCI beside root, whom the system's own table has; who may write all administers."""
    bad = config.bad_of("login")

    def login(item: Section) -> User | None:
        name = clean(item.one("username"))
        if not name or name == "root":
            return None
        return User(name, administrator="*" in item.words("write"), role="rpcd")

    return dict(each(config.of("rpcd", "login"), bad, login)), bad
