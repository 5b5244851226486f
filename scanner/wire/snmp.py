"""SNMP: read what an agent serves, as snmprec lines; GETNEXT and GETBULK only, never SET.

Knows no site and no policy: what is asked, and with which credential, comes from the caller. pysnmp is imported late.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from typing import Any, Literal

from scanner import snmprec
from scanner.evidence import Answer
from scanner.wire.bound import NotBound, bound_socket
from scanner.wire.snmp_login import Community, User, authentication, flaw, hlapi

__all__ = ["Community", "User", "read"]

ANSWER_S = 1.0  # seconds to wait for one response
RETRIES = 1  # times a request without response is sent again
TOTAL_S = 20.0  # seconds for all asks of one call; stops an agent that trickles
STOP_CHECK_S = 0.1  # seconds between two looks at whether the caller has stopped
MAX_ROWS = 2000  # rows of one call; stops an endless tree (a full host resources tree of a NAS has about 1,000)
MAX_VALUE = 4096  # octets kept of one string; stops 25 values of 2 KiB a response from filling the recording
MAX_OID = 128  # numbers in an OID, each below 2**32 (RFC 2578 §7.1.3); stops numbers of thousands of digits
DEFAULT_COMMUNITIES = ("public", "private")  # what agents come with, for reading and for writing: known to everybody
REPETITIONS = 25  # rows asked a GETBULK: 2,300 rows a second with pysnmp, and responses stay below a UDP datagram

Ending = Literal["done", "silent", "refused", "credential_refused", "failed"]
Oid = tuple[int, ...]


def read(
    address: str,
    credential: Community | User,
    asks: str,
    *,
    interface: str,
    port: int = 161,
    total_s: float = TOTAL_S,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """The rows of every `walk:OID` subtree and the row after every `next:OID`, as `OID|tag|value` lines.

    "done" only when every ask was answered to its end: half a list would pass for a whole one. Every other status keeps
    in the body what came before, and says in the detail what was left out; "failed" too when a bound here or
    `stopped()` cut the reading, "silent" when nothing at all came within `total_s`. Where a community that everybody
    knows was answered, the detail says so, and never which: `v2c default community`.
    """
    target = (str(IPv4Address(address)), port)  # a literal, so that no name is resolved here
    tokens = [token.partition(":") for token in asks.split()]
    if wrong := [kind for kind, _, _ in tokens if kind not in ("walk", "next")]:
        raise ValueError(f"not an SNMP ask: {wrong[0]!r}")
    version = "v3" if isinstance(credential, User) else snmprec.V2C
    if isinstance(credential, User) and (why := flaw(credential)):
        return Answer("failed", b"", f"v3 {why}")
    reading = _Reading([(kind, tuple(map(int, oid.split(".")))) for kind, _, oid in tokens])
    try:
        door = bound_socket(socket.SOCK_DGRAM, interface)
    except NotBound as error:
        return Answer("failed", b"", f"{version} {error}")
    with door:
        asyncio.run(_ask(target, credential, reading, door, total_s, stopped))
    if isinstance(credential, Community) and credential.name in DEFAULT_COMMUNITIES and reading.status == "done":
        version = snmprec.V2C_DEFAULT
    body = "".join(reading.lines).encode()
    return Answer(reading.status, body, f"{version} {reading.detail}".rstrip())


class _Stop(Exception):
    """The reading ends here, with this status and reason."""

    def __init__(self, status: Ending, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class _Reading:
    """What was asked, what came, and how it ended."""

    def __init__(self, asks: list[tuple[str, Oid]]) -> None:
        self.asks = asks
        self.answered = 0
        self.lines: list[str] = []
        self.status: Ending = "done"
        self.detail = ""

    def end(self, stop: _Stop) -> None:
        """Keep why the reading stopped early, and what was not read to its end."""
        rest = " ".join(f"{kind}:{'.'.join(map(str, oid))}" for kind, oid in self.asks[self.answered :])
        self.status = stop.status
        self.detail = f"{stop.detail}; incomplete: {rest}" if self.lines else stop.detail


async def _ask(
    target: tuple[str, int],
    credential: Community | User,
    reading: _Reading,
    door: socket.socket,
    total_s: float,
    stopped: Callable[[], bool],
) -> None:
    """Send every ask in turn through `door` until a bound, a refusal or silence; fills `reading`."""
    pysnmp = hlapi()
    # What a hostile datagram makes pysnmp raise in its callback would go to stderr; the request then times out.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    engine, bound = pysnmp.SnmpEngine(), asyncio.timeout(total_s)
    watch = asyncio.create_task(_watch(bound, stopped))
    try:
        async with bound:
            _leave_by(door, engine)
            transport = await pysnmp.UdpTransportTarget.create(target, timeout=ANSWER_S, retries=RETRIES)
            agent = _Agent(engine, credential, transport)
            for kind, oid in reading.asks:
                await (_walk if kind == "walk" else _next)(agent, oid, reading)
                reading.answered += 1
    except _Stop as stop:
        reading.end(stop)
    except TimeoutError:
        late = _Stop("failed" if reading.lines else "silent", f"cut at {total_s:g} s")
        reading.end(_Stop("failed", "stopped") if stopped() else late)
    except Exception as error:  # noqa: BLE001 — pysnmp hands over whatever a hostile response broke in it
        reading.end(_Stop("failed", f"an answer that pysnmp cannot read ({type(error).__name__})"))
    finally:
        watch.cancel()
        engine.close_dispatcher()


async def _watch(bound: asyncio.Timeout, stopped: Callable[[], bool]) -> None:
    """Bring the bound of a reading forward to now once the caller has stopped: not even a retry leaves after it."""
    while not stopped():
        await asyncio.sleep(STOP_CHECK_S)
    bound.reschedule(asyncio.get_running_loop().time())


def _leave_by(door: socket.socket, engine: Any) -> None:  # noqa: ANN401 — pysnmp is untyped
    """Give the engine its socket: it opens one of its own only when none is on record for UDP.

    pysnmp takes a ready socket in "server mode" only; to it, that differs from "client mode" in nothing else.
    """
    from pysnmp.carrier.asyncio.dgram import udp
    from pysnmp.entity import config

    config.add_transport(engine, udp.DOMAIN_NAME, udp.UdpAsyncioTransport().open_server_mode(sock=door))


class _Agent:
    """A device's SNMP agent, asked one request at a time."""

    def __init__(self, engine: Any, credential: Community | User, transport: Any) -> None:  # noqa: ANN401 — untyped
        self._parts = (engine, authentication(credential), transport)
        self._doubt = "community" if isinstance(credential, Community) else "privacy key"

    async def after(self, oid: Oid, rows: int) -> Iterator[tuple[Oid, Any]]:
        """Up to `rows` rows that follow an OID; none at the end of what the agent serves."""
        pysnmp = hlapi()
        context, row = pysnmp.ContextData(), pysnmp.ObjectType(pysnmp.ObjectIdentity(oid))
        if rows == 1:
            reply = await pysnmp.next_cmd(*self._parts, context, row, lookupMib=False)
        else:
            reply = await pysnmp.bulk_cmd(*self._parts, context, 0, rows, row, lookupMib=False)
        indication, status, _, bindings = reply
        if indication:
            raise _stopped(indication, self._doubt)
        if int(status):
            ending: Ending = "credential_refused" if int(status) in _REFUSALS else "failed"
            raise _Stop(ending, f"the agent answers {status.prettyPrint()}")
        return _increasing(oid, bindings)


_REFUSALS = (6, 16)  # noAccess, authorizationError (RFC 3416 §3)


def _increasing(after: Oid, bindings: Any) -> Iterator[tuple[Oid, Any]]:  # noqa: ANN401
    """The rows of a response up to the end of the agent's tree; stops the reading where OIDs do not increase.

    RFC 3416 §4.2.2 obliges the agent; one that turns in circles would otherwise be asked for ever.
    """
    from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

    for name, value in bindings:
        oid = tuple(name)
        if isinstance(value, EndOfMibView | NoSuchObject | NoSuchInstance):
            return
        if len(oid) > MAX_OID or max(oid, default=0) >= 2**32:
            raise _Stop("failed", "an OID that is none")
        if oid <= after:
            raise _Stop("failed", "OIDs do not increase")
        after = oid
        yield oid, value


async def _walk(agent: _Agent, root: Oid, reading: _Reading) -> None:
    """Every row below `root`, in bulk."""
    at: Oid | None = root
    while at is not None:
        rows, at = await agent.after(at, REPETITIONS), None
        for oid, value in rows:
            if oid[: len(root)] != root:
                return
            if len(reading.lines) >= MAX_ROWS:
                raise _Stop("failed", f"cut at {MAX_ROWS} rows")
            reading.lines.append(_line(oid, value))
            at = oid


async def _next(agent: _Agent, oid: Oid, reading: _Reading) -> None:
    """The one row after `oid`."""
    for found, value in await agent.after(oid, 1):
        reading.lines.append(_line(found, value))
        return


def _stopped(indication: object, doubt: str) -> _Stop:
    """Why no response came, in words.

    An agent is mute when the community is wrong (RFC 3584 §5.2.1), net-snmp also when the privacy key is: `doubt` says
    which of the two it would be.
    """
    from pysnmp.proto import errind

    refusals: tuple[tuple[type, str], ...] = (
        (errind.UnknownUserName, "unknown user"),
        (errind.UnknownSecurityName, "unknown user"),
        (errind.WrongDigest, "wrong authentication key or protocol"),
        (errind.AuthenticationFailure, "wrong authentication key or protocol"),
        (errind.DecryptionError, "wrong privacy key or protocol"),
        (errind.UnsupportedSecurityLevel, "the user is not allowed this security level"),
        (errind.NotInTimeWindow, "the agent's clock does not hold (usmStatsNotInTimeWindows)"),
    )
    if isinstance(indication, errind.RequestTimedOut):
        return _Stop("silent", f"no answer (device off, filtered, or wrong {doubt})")
    for kind, words in refusals:
        if isinstance(indication, kind):
            return _Stop("credential_refused", words)
    return _Stop("failed", str(indication))


def _line(oid: Oid, value: Any) -> str:  # noqa: ANN401
    """The row as a snmprec line; its tag is the ASN.1 tag number of the value's type."""
    from pyasn1.type import univ  # type: ignore[import-untyped]

    kept: bytes | int | str
    if isinstance(value, univ.OctetString):  # and Opaque, IpAddress
        kept = bytes(value)[:MAX_VALUE]
    elif isinstance(value, univ.Integer):  # and Counter32, Gauge32, TimeTicks …
        kept = int(value)
    else:
        kept = value.prettyPrint()
    return snmprec.line(".".join(map(str, oid)), str(sum(value.tagSet[0])), kept) + "\n"
