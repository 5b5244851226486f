"""Which file services DSM's web API says it has on, and to which shared folders its guest is let in. Pure.

Sources: N4S4/synology-api (file_services: the answers of DSM 7.2; core_group, core_share: those of the permissions),
pmilano1/synology-dsm-api (docs/api-reference/probed, DSM 7.4), ychiu1211/dsmctl (ftpservices, WI-007, DSM 7.3).
"""

from inventory.observation import UnreadLine
from inventory.storage import Share
from inventory.system import Service, System
from scanner.platforms._dsm_api import Told
from scanner.platforms._dsm_firewall import together
from scanner.platforms._nodes import Node, Placed, filled
from scanner.platforms._reading import UnreadableError, unread

_ANYWHERE = "0.0.0.0"  # noqa: S104 — what the device says; nothing is bound here
_INHERITED = {"rw": True, "ro": True, "r": True, "na": False, "-": False}


def _listening(on: Placed, port: int, process: str, *, encrypted: bool | None) -> Told:
    if on is None or not 0 < port < 65536:
        raise UnreadableError("no word whether it is on, or no port")
    if not on[0]:
        return System(), {}, ()
    return (
        System(services=(Service(port, "tcp", _ANYWHERE, process, encrypted=encrypted),)),
        {"/system/services/0": on[1]},
        (),
    )


def ftp(data: Node) -> Told:
    """`SYNO.Core.FileServ.FTP` get: `{"enable_ftp": false, "enable_ftps": true, "portnum": 21}`: both on one port."""
    plain, secure, port = data.flag("enable_ftp"), data.flag("enable_ftps"), data.number("portnum")
    if plain is None or secure is None or port is None:
        raise UnreadableError("no word whether it is on, or no port")
    on = plain if plain[0] else secure
    return _listening(on, port[0], "ftp", encrypted=not plain[0])


def sftp(data: Node) -> Told:
    """`SYNO.Core.FileServ.FTP.SFTP` get: `{"enable": true, "portnum": 22}`."""
    port = data.number("portnum")
    return _listening(data.flag("enable"), port[0] if port else 0, "sftp", encrypted=True)


def nfs(data: Node) -> Told:
    """`SYNO.Core.FileServ.NFS` get: `{"enable_nfs": true, "enable_nfs_v4": false}`."""
    return _listening(data.flag("enable_nfs"), 2049, "nfs", encrypted=None)


def afp(data: Node) -> Told:
    """`SYNO.Core.FileServ.AFP` get: `{"enable_afp": false, "time_machine": ""}`."""
    return _listening(data.flag("enable_afp"), 548, "afp", encrypted=None)


def guests(data: Node) -> Told:
    """To which shared folders the account `guest` is let in: to none while the account is off.

    `SYNO.Core.User` list and `SYNO.Core.Share.Permission` list_by_user: `{"shares": [{"name": "images", "is_deny":
    false, "is_readonly": false, "is_writable": false, "is_custom": false, "inherit": "-"}]}`; `inherit` is what its
    groups may. Who is denied is denied whatever its groups may.
    """
    said = together(data)
    accounts, folders = said.get(("SYNO.Core.User", "")), said.get(("SYNO.Core.Share.Permission", ""))
    rows = folders.items("shares") if folders else None
    listed = (accounts.items("users") if accounts else None) or []
    off = next((state for user in listed if (name := user.text("name")) and name[0] == "guest"
                if (state := expired(user))), None)  # fmt: skip
    if rows is None or off is None:
        raise UnreadableError("not all of what decides")
    lines: dict[str, int] = {}
    found: list[Share] = []
    bad: list[tuple[int, str]] = []
    for row in rows:
        name = row.text("name")
        let_in = (False, off[1]) if off[0] else _let_in(row)
        if name is None or let_in is None:
            bad.append((row.line, f"guest at {name[0] if name else 'a share without name'}"))
            continue
        at = f"/system/shares/{len(found)}"
        lines[at] = name[1]
        found.append(filled(Share(name[0]), at, lines, guest=let_in))
    reports: tuple[UnreadLine, ...] = unread("system.shares", bad)
    return System(shares=tuple(found) or None), lines, reports


def expired(user: Node) -> Placed:
    """Whether the account is off: "now" is, "normal" is not; a date to come is neither."""
    return user.word({"now": True, "normal": False, True: True, False: False}, "expired")


def _let_in(row: Node) -> Placed:
    """Whether the account reads or writes there; None where an access list, or a group that is not told, decides."""
    deny, special = row.flag("is_deny"), row.flag("is_custom")
    reads, writes = row.flag("is_readonly"), row.flag("is_writable")
    if deny is None or reads is None or writes is None or (special and special[0]):
        return None
    if deny[0]:
        return False, deny[1]
    if reads[0] or writes[0]:
        return True, (reads if reads[0] else writes)[1]
    return row.word(dict(_INHERITED), "inherit")
