"""What an SSH server offers to anybody: its banner and its KEXINIT (RFC 4253 §4.2, §7.1); no key is exchanged.

Knows no site and no policy. Written by hand: paramiko's own lists would decide whether it comes that far.
"""

from collections.abc import Callable

from scanner.evidence import Answer
from scanner.wire.stream import Cut, Stream

OFFER_S = 10.0  # seconds for banner and KEXINIT; an old switch takes two, a drip lasts for ever
MAX_LINES = 50  # lines a server may say before its banner (RFC 4253 §4.2 sets none); stops an endless greeting
MAX_LINE = 255  # bytes of one such line, the RFC's own limit of a banner; stops a line without end
MAX_PACKET = 35000  # bytes of a packet (RFC 4253 §6.1); stops a header that announces 4 GiB

BANNER = b"SSH-2.0-Vigie\r\n"
# As `ssh -vv` names them, in the order of the message.
LISTS = (
    "KEX algorithms", "host key algorithms", "ciphers ctos", "ciphers stoc", "MACs ctos", "MACs stoc",
    "compression ctos", "compression stoc",
)  # fmt: skip
_KEXINIT = 20
_IGNORED = frozenset({2, 4})  # IGNORE, DEBUG: allowed at any time (RFC 4253 §11)
_COOKIE = 16  # bytes of random before the lists


def read(
    address: str,
    port: int,
    *,
    interface: str,
    total_s: float = OFFER_S,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """The banner and the eight lists, a line each; the connection is closed then.

    Body: `banner: SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10`, `KEX algorithms: curve25519-sha256,…`, …
    """
    try:
        with Stream(address, port, interface=interface, stopped=stopped, total_s=total_s) as stream:
            banner = _banner(stream)
            stream.send(BANNER)
            lists = _lists(_kexinit(stream))
    except Cut as cut:
        return cut.answer
    lines = [
        b"banner: " + banner,
        *(b"%s: %s" % (name.encode(), text) for name, text in zip(LISTS, lists, strict=True)),
    ]
    return Answer("done", b"".join(line + b"\n" for line in lines))


def _banner(stream: Stream) -> bytes:
    """The first line that begins with `SSH-`; what comes before it is talk."""
    for _ in range(MAX_LINES):
        line = bytearray()
        while not line.endswith(b"\n"):
            if len(line) >= MAX_LINE:
                raise Cut("unreadable", f"a line of more than {MAX_LINE} bytes where the banner should be")
            line += stream.exactly(1)
        if line.startswith(b"SSH-"):
            return bytes(line.rstrip(b"\r\n"))
    raise Cut("unreadable", f"no banner in {MAX_LINES} lines")


def _kexinit(stream: Stream) -> bytes:
    """The payload of the server's KEXINIT, from its lists on."""
    for _ in range(MAX_LINES):
        size = int.from_bytes(stream.exactly(4), "big")
        if not 2 <= size <= MAX_PACKET:
            raise Cut("unreadable", f"a packet of {size} bytes")
        packet = stream.exactly(size)
        payload = packet[1 : max(1, size - packet[0])]  # its first byte is the length of the padding
        if payload[:1] == bytes([_KEXINIT]):
            return payload[1 + _COOKIE :]
        if payload[:1] not in {bytes([number]) for number in _IGNORED}:
            raise Cut("unreadable", f"message {payload[:1].hex() or 'without a number'} where KEXINIT should be")
    raise Cut("unreadable", "no KEXINIT")


def _lists(payload: bytes) -> list[bytes]:
    """The name-lists (RFC 4251 §5) as they came, made of printable ASCII as §6 asks; Cut when a length lies."""
    found = []
    for name in LISTS:
        head = payload[:4]
        size = int.from_bytes(head, "big")
        text, payload = payload[4 : 4 + size], payload[4 + size :]
        if len(head) < 4 or len(text) < size or not all(32 < byte < 127 for byte in text):
            raise Cut("unreadable", f"a damaged list of {name}")
        found.append(text)
    return found
