"""The kernel's filter for a listening socket, in classic BPF, made from the sieve's own tables.

Sixty lines instead of libpcap: nothing else here needs that library, and a filter written as an expression would be a
second list of ports beside the sieve's (docs/adr/0010). Instructions: Linux, Documentation/networking/filter.rst.
"""

import struct
from typing import NamedTuple

from scanner.frames.sieve import ARP, IPV4, IPV6, LLDP, ND_TYPES, SNAP, UDP_PORTS, VLAN

# Bytes handed up of a frame that matters; more than any frame has.
WHOLE = 0x40000

_LD_W, _LD_H, _LD_B, _LD_H_X, _LDX_IHL = 0x20, 0x28, 0x30, 0x48, 0xB1
_JEQ, _JGT, _JSET, _RET = 0x15, 0x25, 0x45, 0x06
_UDP, _ICMPV6 = 17, 58
_FRAGMENT = 0x3FFF
_LLC_SNAP = 0xAAAA0300  # with the first octet of the OUI, which is 0 of all that are listened to


class _Step(NamedTuple):
    """An instruction; jumps by the name of a place, "" is the next one."""

    code: int
    value: int = 0
    yes: str = ""
    no: str = ""
    place: str = ""


def instructions() -> bytes:
    """The program: eight bytes an instruction (`struct sock_filter`)."""
    steps = _steps()
    places = {step.place: number for number, step in enumerate(steps) if step.place}
    return b"".join(
        struct.pack("=HBBI", step.code, _far(places, number, step.yes), _far(places, number, step.no), step.value)
        for number, step in enumerate(steps)
    )


def _far(places: dict[str, int], number: int, place: str) -> int:
    return places[place] - number - 1 if place else 0


def _steps() -> list[_Step]:
    ports = sorted(UDP_PORTS)
    return [
        _Step(_LD_H, 12),
        # A tag that is still there (the kernel takes the outer one off) is the sieve's business.
        *(_Step(_JEQ, kind, "keep") for kind in (ARP, LLDP, *VLAN)),
        _Step(_JEQ, IPV4, "ipv4"),
        _Step(_JEQ, IPV6, "ipv6"),
        _Step(_JGT, 1500, "drop"),
        _Step(_LD_W, 14),
        _Step(_JEQ, _LLC_SNAP, "", "drop"),
        _Step(_LD_W, 18),
        *(_Step(_JEQ, int.from_bytes(name[1:], "big"), "keep") for name in sorted(SNAP)),
        _Step(_RET, 0),
        _Step(_LD_B, 23, place="ipv4"),
        _Step(_JEQ, _UDP, "", "drop"),
        _Step(_LD_H, 20),
        _Step(_JSET, _FRAGMENT, "drop"),
        _Step(_LDX_IHL, 14),
        _Step(_LD_H_X, 14),
        *(_Step(_JEQ, port, "keep") for port in ports),
        _Step(_LD_H_X, 16),
        *(_Step(_JEQ, port, "keep") for port in ports),
        _Step(_RET, 0),
        _Step(_LD_B, 20, place="ipv6"),
        _Step(_JEQ, _ICMPV6, "icmp6"),
        _Step(_JEQ, _UDP, "", "drop"),
        _Step(_LD_H, 54),
        *(_Step(_JEQ, port, "keep") for port in ports),
        _Step(_LD_H, 56),
        *(_Step(_JEQ, port, "keep") for port in ports),
        _Step(_RET, 0),
        _Step(_LD_B, 54, place="icmp6"),
        *(_Step(_JEQ, kind, "keep") for kind in ND_TYPES),
        _Step(_RET, 0, place="drop"),
        _Step(_RET, WHOLE, place="keep"),
    ]
