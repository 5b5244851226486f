"""The SMB dialects and what a guest is shown, made facts. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Network, SmbSeen, SmbShareSeen
from inventory.observation import Observation, UnreadLine
from inventory.text import clean
from scanner.evidence import Evidence

MAX_BODY = 1 << 20  # bytes, 256 shares take 40 KiB; stops a swapped file
SMB1 = "NT LM 0.12 (SMBv1)"
DIALECTS = (SMB1, "202", "210", "300", "302", "311")  # oldest first; no other name is believed
_READ, _WRITE = 0x1, 0x2  # FILE_READ_DATA or FILE_LIST_DIRECTORY, FILE_WRITE_DATA or FILE_ADD_FILE: MS-SMB2 §2.2.13.1
_KINDS: Mapping[int, Literal["disk", "printer", "ipc", "other"]] = {
    0: "disk",
    1: "printer",
    3: "ipc",
}  # MS-SRVS §2.2.2.4
# A share that is closed to a guest: access denied, no right to log in, no such share to him (MS-ERREF §2.3).
_CLOSED = frozenset({0xC0000022, 0xC000006D, 0xC000006E, 0xC000015B, 0xC00000CC, 0xC0000064, 0xC0000072})


def read_smb(evidence: Evidence) -> Observation:
    """The dialects that the server accepts and the shares that it shows to a guest.

    Nothing of SMB when it is not known whether SMB 1 is accepted. Shares that could not be asked for stay absent; one
    whose rights could not be found out is reported as a line of `network.smb.shares`.

    Raises:
        ParseError: not the body that `scanner.wire.smb` writes.
    """
    if len(evidence.body) > MAX_BODY:
        raise ParseError(evidence.id, None, f"more than {MAX_BODY} bytes")
    try:
        said = json.loads(evidence.text)
        answers = {name: said["dialects"].get(name) for name in DIALECTS}
        listed = None if said["shares"] is None else [_share(item) for item in said["shares"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ParseError(evidence.id, None, f"not what an SMB server showed ({type(error).__name__})") from error
    if answers[SMB1] is None:
        return Observation(Device(), {}, (_unread(evidence, "network.smb", SMB1, "no answer"),))
    mute = (name for name, answer in answers.items() if answer is None)
    unread = [_unread(evidence, "network.smb.dialects", name, "no answer") for name in mute]
    shares = None
    if listed is not None:
        shares = tuple(sorted((share for _, share in listed if share), key=lambda share: share.name))
        doubtful = (name for name, share in listed if share is None)
        unread += [_unread(evidence, "network.smb.shares", name, "its rights are not known") for name in doubtful]
        if said.get("guests") and not any(share.kind == "disk" and share.access != "none" for share in shares):
            # Let in, and shown nothing: a share that is hidden from the list only has to be named.
            unread.append(_unread(evidence, "network.smb.shares", "guests", "hidden shares are not listed"))
    dialects = tuple(name for name in DIALECTS if answers[name] is True)
    seen = SmbSeen(dialects, answers[SMB1] is True, shares)
    return Observation(Device(network=Network(smb=seen)), {"/network/smb": 1}, tuple(unread))


def _share(item: Mapping[str, Any]) -> tuple[str, SmbShareSeen | None]:
    """A share with its name; None for one of which it is not known whether a guest may enter."""
    name, kind, granted, status = clean(item["name"]), int(item["kind"]), item["granted"], int(item["status"])
    if granted is None and status not in _CLOSED:
        return name, None
    rights = 0 if granted is None else int(granted)
    access: Literal["none", "read", "write"] = "write" if rights & _WRITE else "read" if rights & _READ else "none"
    return name, SmbShareSeen(name, _KINDS.get(kind & 0xFF, "other"), access)


def _unread(evidence: Evidence, fact: str, key: str, text: str) -> UnreadLine:
    lines = enumerate(evidence.text.splitlines(), start=1)
    return UnreadLine(fact, next((number for number, line in lines if f'"{key}"' in line), 1), f"{key}: {text}")
