"""nmap's XML of our own connections, so that whatever opens a scan of nmap opens one of ours.

Differs from nmap's in one thing: a port that was listened to and said nothing has a banner script with an empty
output. nmap leaves it out, and a reader could not tell it from a port that nobody listened to.
"""

import time
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

# What str.strip takes for space is more than what Lua's %s does; banner.nse strips these.
_SPACE = b" \t\n\v\f\r"


class Seen(NamedTuple):
    """How one port answered, in nmap's words (portreasons.cc)."""

    state: str  # "open", "closed", "filtered"
    reason: str  # "syn-ack", "conn-refused", "no-response", "host-unreach"
    banner: bytes | None = None  # the first bytes it said; None when nobody listened


def report(
    address: str, ports: Iterable[int], seen: Mapping[int, Seen], arguments: str, started: float, *, late: bool
) -> bytes:
    """The XML of a scan of one host from `started` until now, in seconds since 1970; `late` when it was given up.

    One line a port, so that a fact can name its line.
    """
    now, wanted = time.time(), sorted(ports)
    begun, ended = int(started), int(now)
    moment = time.strftime("%a %b %d %H:%M:%S %Y", time.localtime(now))
    rows = [] if late else _rows(seen)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!DOCTYPE nmaprun>",
        f'<nmaprun scanner="vigie" args={quoteattr(arguments)} start="{begun}" version="1" xmloutputversion="1.05">',
        f'<scaninfo type="connect" protocol="tcp" numservices="{len(wanted)}" services="{spans(wanted)}"/>',
        f'<host starttime="{begun}" endtime="{ended}"{" timedout=" + quoteattr("true") if late else ""}>'
        '<status state="up" reason="user-set" reason_ttl="0"/>',
        f'<address addr="{address}" addrtype="ipv4"/>',
        *(["<ports>", *rows, "</ports>"] if rows else []),
        "</host>",
        f'<runstats><finished time="{ended}" timestr="{moment}" elapsed="{now - started:.2f}" exit="success"/>'
        '<hosts up="1" down="0" total="1"/></runstats>',
        "</nmaprun>",
    ]
    return "\n".join([*lines, ""]).encode("ascii")


def _rows(seen: Mapping[int, Seen]) -> list[str]:
    """The ports that are not open, by state and reason, as nmap 7.92 and later name them; then each open one."""
    rows = []
    shut = sorted((facts.state, facts.reason, port) for port, facts in seen.items() if facts.state != "open")
    for state, of_state in groupby(shut, key=lambda row: row[0]):
        same = list(of_state)
        rows.append(f'<extraports state="{state}" count="{len(same)}">')
        for reason, of_reason in groupby(same, key=lambda row: row[1]):
            ports = [port for _, _, port in of_reason]
            rows.append(f'<extrareasons reason="{reason}" count="{len(ports)}" proto="tcp" ports="{spans(ports)}"/>')
        rows.append("</extraports>")
    for port, facts in sorted(seen.items()):
        if facts.state == "open":
            said = "" if facts.banner is None else f'<script id="banner" output={quoteattr(escaped(facts.banner))}/>'
            state = f'<state state="open" reason="{facts.reason}" reason_ttl="0"/>'
            rows.append(f'<port protocol="tcp" portid="{port}">{state}{said}</port>')
    return rows


def escaped(banner: bytes) -> str:
    r"""A banner as banner.nse writes it: what is not printable ASCII as \xHH, space around it left out.

    >>> escaped(b"\xff\xfd\x18 login: \r\n")
    '\\xFF\\xFD\\x18 login:'
    """
    return "".join(chr(byte) if 32 <= byte <= 126 else f"\\x{byte:02X}" for byte in banner.strip(_SPACE))


def spans(ports: Iterable[int]) -> str:
    """Ports in order as nmap lists them.

    >>> spans([21, 22, 23, 53])
    '21-23,53'
    """
    runs: list[list[int]] = []
    for port in ports:
        if runs and port == runs[-1][1] + 1:
            runs[-1][1] = port
        else:
            runs.append([port, port])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
