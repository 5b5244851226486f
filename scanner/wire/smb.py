"""SMB: which dialects a server accepts, which shares it names to a guest, and what it would grant him there.

Knows no site and no policy. Nobody is impersonated: the anonymous user is asked for first, and Guest with an empty
password at most once, so that no account can be locked. No file is opened, read or written.
"""

import json
from collections.abc import Callable
from typing import Any

from scanner.evidence import Answer
from scanner.wire import ntlm, srvsvc
from scanner.wire.smb_message import ACCESS_DENIED, Malformed, accepts_1, negotiate_1
from scanner.wire.smb_session import Refused, Session, Wire, dialect_accepted
from scanner.wire.stream import Cut, HungUp, Stream

DIALECT_S = 6.0  # seconds for one dialect; stops a server that answers half
SESSION_S = 40.0  # seconds for one guest: a list of 256 shares at the pace of the stream
MAX_MUTE = 2  # dialects in a row without a word, after which nothing more is asked; stops a tar pit
SMB1 = "NT LM 0.12 (SMBv1)"
_DISK = 0  # kind of share: MS-SRVS §2.2.2.4
# As nmap 7.93 names them. A guest speaks the first of _PREFERRED: 2.1 asks the least.
DIALECTS = {"202": 0x0202, "210": 0x0210, "300": 0x0300, "302": 0x0302, "311": 0x0311}
_PREFERRED = ("210", "202", "300", "302", "311")
# How a server says that it does not want guests: no such user, wrong password, restricted, expired, disabled, no right
# to log in here, locked, NTLM blocked by policy (MS-ERREF §2.3).
_NO_GUESTS = frozenset(
    {ACCESS_DENIED, 0xC0000064, 0xC000006A, 0xC000006D, 0xC000006E, 0xC0000071, 0xC0000072, 0xC000015B, 0xC0000234,
     0xC0000418}
)  # fmt: skip


def read(
    address: str,
    port: int,
    *,
    interface: str,
    dialect_s: float = DIALECT_S,
    session_s: float = SESSION_S,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """The dialects, and the shares with the rights of a guest, as JSON.

    Body: `{"dialects": {"NT LM 0.12 (SMBv1)": true, "202": true, …}, "guests": ["anonymous"], "shares": [{"name":
    "public", "kind": 0, "granted": 2032127, "status": 0}, …], "cause": ""}`. A dialect whose question was not answered
    is null. `granted` is null where a share was refused, with the `status` of the refusal; 0 when one of the guests
    could not ask. `shares` is empty when Guest is not let in and the anonymous user is refused the list; null,
    with a cause, when that could not be found out.
    """

    def opened(seconds: float) -> Stream:
        return Stream(address, port, interface=interface, stopped=stopped, total_s=seconds)

    asked = _Asked(lambda: opened(dialect_s), port)
    for name in (SMB1, *DIALECTS):
        try:
            asked.dialect(name)
        except Cut as cut:
            if stopped() or (asked.ended(name, cut) and not any(asked.found.values())):
                return cut.answer
    if not any(asked.found.values()):
        return asked.last.answer if asked.last else Answer("unreadable", b"", "it accepts no dialect of SMB")
    dialect = next((DIALECTS[name] for name in _PREFERRED if asked.found[name]), None)
    seen = (
        _Guests(lambda: opened(session_s), address, port, dialect).seen()
        if dialect
        else _nothing("it speaks nothing but SMB 1")
    )
    if stopped():
        return Answer("failed", b"", "stopped")
    return Answer("done", json.dumps({"dialects": asked.found, **seen}, indent=1).encode())


class _Asked:
    """Which dialects have been accepted so far, each asked in a connection of its own."""

    def __init__(self, opened: Callable[[], Stream], port: int) -> None:
        self._opened, self._port = opened, port
        self.found: dict[str, bool | None] = {}
        self.last: Cut | None = None
        self._mute = 0

    def dialect(self, name: str) -> None:
        """Ask for one dialect; Cut when nothing came that answers."""
        with self._opened() as stream:
            wire = Wire(stream, self._port)
            try:
                accepted = (
                    accepts_1(wire.ask(negotiate_1())) if name == SMB1 else dialect_accepted(wire, DIALECTS[name])
                )
            except Malformed as error:
                raise Cut("unreadable", str(error)) from error
        self.found[name], self._mute = accepted, 0

    def ended(self, name: str, cut: Cut) -> bool:
        """A dialect's question that was cut: hanging up declines it. True when nobody seems to be listening."""
        self.found[name] = False if isinstance(cut, HungUp) else None
        self._mute = self._mute + 1 if cut.answer.status in ("silent", "unreadable") else 0
        self.last = cut
        return self._mute >= MAX_MUTE


class _Guests:
    """What the anonymous user is shown, and Guest where that one is not shown everything."""

    def __init__(self, opened: Callable[[], Stream], address: str, port: int, dialect: int) -> None:
        self._opened, self._address, self._port, self._dialect = opened, address, port, dialect

    def seen(self) -> dict[str, Any]:
        """The parts of the body that are about guests."""
        guests, doubts, shares = [], [], dict[str, dict[str, Any]]()
        for who in (ntlm.ANONYMOUS, ntlm.GUEST):
            try:
                found = self._shown(who)
            except Refused as refusal:
                if refusal.status not in _NO_GUESTS:
                    doubts.append(f"{who}: status {refusal}")
                continue
            except (Cut, Malformed, srvsvc.RpcError, ntlm.NotNtlm) as error:
                doubts.append(f"{who}: {error}")
                continue
            guests.append(who)
            for share in found:
                shares[share["name"]] = _better(shares.get(share["name"]), share)
            disks = [share for share in found if share["kind"] & 0xFF == _DISK]
            if disks and all(share["granted"] is not None for share in found):
                break  # nothing is left that Guest might see more of
        if doubts and not guests:
            return _nothing(doubts[0])
        told = [shares[name] for name in sorted(shares)]
        if doubts:  # what is closed to one guest might be open to the other
            told = [share if share["granted"] is not None else {**share, "status": 0} for share in told]
        return {"guests": guests, "shares": told, "cause": "; ".join(doubts)}

    def _shown(self, who: str) -> list[dict[str, Any]]:
        with self._opened() as stream:
            session = Session(Wire(stream, self._port), self._dialect, who)
            try:
                found = session.shares(self._address)
            except Refused as refusal:
                if who == ntlm.GUEST:  # let in, but not shown around: there may be shares that he only has to name
                    raise srvsvc.RpcError("let in, and refused the list of shares") from refusal
                raise
            return [self._granted(session, share) for share in found]

    def _granted(self, session: Session, share: srvsvc.Share) -> dict[str, Any]:
        try:
            return {**share._asdict(), "granted": session.connect(self._address, share.name), "status": 0}
        except Refused as refusal:
            return {**share._asdict(), "granted": None, "status": refusal.status}


def _better(one: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    """What both guests together are granted in a share."""
    if one is None or one["granted"] is None:
        return other if one is None or other["granted"] is not None else one
    return {**one, "granted": one["granted"] | (other["granted"] or 0)}


def _nothing(cause: str) -> dict[str, Any]:
    return {"guests": [], "shares": None, "cause": cause}
