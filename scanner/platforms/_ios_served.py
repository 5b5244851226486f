"""What a device with Cisco IOS listens on. Who may ask from which side is `admin`.

Source: Cisco, "Cisco Guide to Harden Cisco IOS Devices", "Configuration Fundamentals Command Reference".
"""

from collections.abc import Iterable, Iterator, Mapping

from inventory.gateway import DhcpServer
from inventory.network import Protocol
from inventory.system import Ntp, Service, SnmpSettings
from scanner.platforms._ios import Configuration, Line
from scanner.platforms._networks import ANYWHERE, Networks

_EVERYWHERE = "0.0.0.0"  # noqa: S104 — what a device says, not where anything is bound
# Words of a line that is on when it is there → the sockets, a name, whether encrypted.
_SAID: tuple[tuple[tuple[str, ...], tuple[tuple[Protocol, int], ...], str, bool], ...] = (
    (("ip", "dns", "server"), (("udp", 53), ("tcp", 53)), "dns", False),
    (("tftp-server",), (("udp", 69),), "tftp", False),
    (("ip", "finger"), (("tcp", 79),), "finger", False),
    (("service", "tcp-small-servers"), (("tcp", 7), ("tcp", 9), ("tcp", 13), ("tcp", 19)), "small-servers", False),
    (("service", "udp-small-servers"), (("udp", 7), ("udp", 9), ("udp", 19)), "small-servers", False),
    (("ip", "rcmd", "rsh-enable"), (("tcp", 514),), "rsh", False),
    (("netconf-yang",), (("tcp", 830),), "netconf", True),
    (("vstack",), (("tcp", 4786),), "smart-install", False),
)


def read_services(
    told: Configuration,
    doors: Iterable[tuple[str, int, bool, int, Networks]],
    snmp: tuple[SnmpSettings | None, int],
    ntp: tuple[Ntp | None, int],
    dhcp: Mapping[DhcpServer, int],
    bad: list[tuple[int, str]],
) -> dict[Service, int]:
    """The sockets that the configuration opens, each with its line. `bad` gains those that cannot be told."""
    found: dict[tuple[str, int], tuple[Service, int]] = {}

    def add(kind: Protocol, port: int, name: str, line: int, encrypted: bool | None, who: Networks | None) -> None:
        service = Service(port, kind, _EVERYWHERE, name, None if who == ANYWHERE else who, encrypted)
        found.setdefault((kind, port), (service, line))

    for name, port, encrypted, line, sources in doors:
        if name != "snmp":
            add("tcp", port, name, line, encrypted, sources)
    agent, line = snmp
    if agent is not None and agent.enabled:
        add("udp", 161, "snmp", line, None, agent.source_filter)
    if ntp[0] is not None and (ntp[0].enabled or told.root.first("ntp", "master")):
        add("udp", 123, "ntp", ntp[1], False, None)
    for line in [line for server, line in dhcp.items() if server.enabled][:1]:
        add("udp", 67, "dhcp", line, False, None)
    for words, sockets, name, encrypted in _SAID:
        if (said := told.root.first(*words)) is not None:
            for kind, port in sockets:
                add(kind, port, name, said.number, encrypted, None)
    for kind, port, name, encrypted, at in _tunnels(told.root, bad):
        add(kind, port, name, at, encrypted, None)
    return dict(found.values())


def _tunnels(root: Line, bad: list[tuple[int, str]]) -> Iterator[tuple[Protocol, int, str, bool, int]]:
    """IKE where an interface has a crypto map or a protected tunnel; dial-in; VPN for browsers."""
    for way in root.find("interface"):
        used = way.first("crypto", "map") or way.first("tunnel", "protection")
        if used is not None and way.first("shutdown") is None:
            yield "udp", 500, "ike", True, used.number
            yield "udp", 4500, "ike", True, used.number
    if root.first("vpdn", "enable") is not None:
        for group in root.find("vpdn-group"):
            dial = group.first("accept-dialin")
            said = dial.first("protocol") if dial else None
            if said is not None and said.words[1:2] == ["l2tp"]:
                yield "udp", 1701, "l2tp", False, said.number
            elif said is not None and said.words[1:2] == ["pptp"]:
                yield "tcp", 1723, "pptp", False, said.number
    for gateway in root.find("webvpn", "gateway"):
        if gateway.first("inservice") is not None:
            said = gateway.first("ip", "address")
            text = (said.after("port") if said else None) or "443"
            if text.isdecimal() and 0 < int(text[:6]) < 65536:
                yield "tcp", int(text), "webvpn", True, gateway.number
            else:
                bad.append((gateway.number, f"webvpn port {text}"))
