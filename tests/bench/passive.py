"""Packets per second from a capture file to facts, against scapy: `python -m tests.bench.passive [FILE…]`.

Both read the same file to the same facts, in turns, in one process: who speaks ARP for which address, what DHCP clients
say of themselves, the services of mDNS answers, the identities in SSDP announcements, LLDP's chassis. scapy's own work
is its reader and its dissection; the facts taken from it are few lines. Without a file: a mix that is mostly traffic
that does not matter, the shared captures together, and of those only what matters.
"""

import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scanner.frames.hearing import heard_in
from scanner.frames.saved import frames, written
from tests.bench.captures import PCAP

RUNS = 5
LEAST = 10.0  # times scapy's packets per second
MIX_FRAMES = 12_000

Facts = set[tuple[str, str, str]]  # MAC, protocol, what


def ours(path: Path) -> Facts:
    """What `Hearing` says of a file, in the few facts that are compared."""
    with path.open("rb") as stream:
        heard = heard_in(stream)
    facts: Facts = set()
    for mac, said in heard.devices.items():
        network = said.device.network
        if network is None:
            continue
        facts |= {(mac, "arp", str(item)) for item in network.addresses or () if "arp" in (network.heard or ())}
        client = network.dhcp
        for text in (client.hostname, client.vendor_class, *(client.parameters or ())) if client else ():
            facts.add((mac, "dhcp", text or ""))
        facts |= {(mac, "mdns", f"{item.name}.{item.kind}") for item in network.mdns or ()}
        facts |= {(mac, "ssdp", item) for item in (network.upnp.uuids if network.upnp else None) or ()}
        facts |= {(mac, "lldp", item.chassis or "") for item in network.neighbours or () if item.protocol == "lldp"}
    return {fact for fact in facts if fact[2]}


def theirs(path: Path) -> Facts:
    """The same facts from scapy's dissection."""
    from scapy.utils import PcapReader

    import_layers()
    facts: Facts = set()
    with PcapReader(str(path)) as reader:
        for packet in reader:
            facts.update(_dissected(packet))
    return {fact for fact in facts if fact[2]}


def import_layers() -> None:
    """scapy's layers of these protocols, bound as its users have them."""
    from scapy.contrib import lldp  # noqa: F401
    from scapy.layers import dhcp, dns, inet, inet6, l2, netbios  # noqa: F401


def _dissected(packet: Any) -> Iterator[tuple[str, str, str]]:
    """The facts of one packet."""
    from scapy.contrib.lldp import LLDPDUChassisID
    from scapy.layers.dhcp import BOOTP, DHCP
    from scapy.layers.dns import DNS
    from scapy.layers.inet import UDP
    from scapy.layers.l2 import ARP, Ether

    if Ether not in packet:
        return
    mac = packet[Ether].src
    if ARP in packet and packet[ARP].psrc != "0.0.0.0":
        yield packet[ARP].hwsrc, "arp", packet[ARP].psrc
    elif DHCP in packet and packet[BOOTP].op == 1:
        options: dict[str, Any] = dict(
            item[:2] for item in packet[DHCP].options if isinstance(item, tuple) and len(item) > 1
        )
        client = packet[BOOTP].chaddr[:6].hex(":")
        for name in ("hostname", "vendor_class_id"):
            if name in options:
                yield client, "dhcp", _text(options[name])
        if "param_req_list" in options:
            yield client, "dhcp", ",".join(map(str, options["param_req_list"]))
    elif DNS in packet and packet[UDP].sport == 5353 and packet[DNS].qr:
        for record in (*packet[DNS].an, *packet[DNS].ar):
            if record.type == 12 and (name := _text(record.rdata)).count("._") == 2 and not name.startswith("_"):
                yield mac, "mdns", name.removesuffix(".local.")
    elif LLDPDUChassisID in packet:
        yield mac, "lldp", str(packet[LLDPDUChassisID].id)
    elif UDP in packet and 1900 in (packet[UDP].sport, packet[UDP].dport):
        payload = bytes(packet[UDP].payload)
        for line in payload.split(b"\r\n") if payload.startswith((b"HTTP/1.1 200", b"NOTIFY")) else ():
            if line.lower().startswith(b"usn:") and b"uuid:" in line.lower():
                yield mac, "ssdp", _text(line.lower().partition(b"uuid:")[2].partition(b"::")[0])


def _text(raw: Any) -> str:
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return " ".join(text.replace("\0", " ").split())


def mixed() -> bytes:
    """A day in small: the shared captures among TCP of every length, as an office sends it."""
    matter = shared()
    dice = random.Random(1)
    noise = []
    for _ in range(MIX_FRAMES - len(matter)):
        size = dice.choice((0, 0, 100, 536, 1460))
        packet = _tcp(dice.randbytes(4), size)
        noise.append((0.0, bytes.fromhex("001132abcdef8c8caa1020c80800") + packet))
    every = [*matter, *noise]
    dice.shuffle(every)
    return written(every)


def shared() -> list[tuple[float, bytes]]:
    """The frames of every shared capture that has Ethernet."""
    found = []
    for path in sorted(PCAP.glob("*.pcap")):
        if "bjnp" not in path.name:  # raw IP
            found += list(frames(io.BytesIO(path.read_bytes())))
    return found


def announcing() -> list[tuple[float, bytes]]:
    """Of those only what matters: the worst that a file can be."""
    from scanner.frames.sieve import sift

    return [(moment, frame) for moment, frame in shared() if sift(frame) is not None]


def _tcp(address: bytes, size: int) -> bytes:
    head = (
        bytes.fromhex("4500") + (40 + size).to_bytes(2, "big") + bytes.fromhex("0001400040060000") + b"\xc0\xa8\x0a\x02"
    )
    return head + address + bytes.fromhex("c00001bb00000001000000015018ffff00000000") + b"x" * size


def measured(path: Path) -> tuple[float, float, Facts, Facts]:
    """Packets per second of both, the median of several runs in turns; and what each found."""
    with path.open("rb") as stream:
        count = sum(1 for _ in frames(stream))
    mine, scapy, found = [], [], (Facts(), Facts())
    import_layers()
    for _ in range(RUNS):
        taken, first = _timed(ours, path)
        mine.append(count / taken)
        taken, second = _timed(theirs, path)
        scapy.append(count / taken)
        found = first, second
    return statistics.median(mine), statistics.median(scapy), *found


def _timed(act: Callable[[Path], Facts], path: Path) -> tuple[float, Facts]:
    began = time.perf_counter()
    facts = act(path)
    return time.perf_counter() - began, facts


def rows(files: list[Path]) -> Iterator[tuple[str, float, float, Facts, Facts]]:
    """A row for each file; without any, for the mix, the shared captures, and what matters in them."""
    with tempfile.TemporaryDirectory() as folder:
        if not files:
            made = {"mix": mixed(), "shared": written(shared()), "announcements": written(announcing())}
            for name, body in made.items():
                (Path(folder) / name).write_bytes(body)
            files = [Path(folder) / name for name in made]
        for path in files:
            yield path.name, *measured(path)


def main() -> None:
    """Print the table; exit status 1 below ten times scapy, or when scapy found what we did not."""
    low = False
    print(f"{'file':<16} {'ours':>10} {'scapy':>10}   times   facts: ours, scapy's, missed")
    for name, mine, scapy, found, wanted in rows([Path(name) for name in sys.argv[1:]]):
        missed = wanted - found
        low = low or mine < LEAST * scapy or bool(missed)
        facts = f"{len(found)}, {len(wanted)}, {len(missed)}"
        print(f"{name:<16} {mine:>8.0f}/s {scapy:>8.0f}/s {mine / scapy:7.1f}   {facts}")
        for fact in sorted(missed):
            print("   missed:", *fact)
    sys.exit(low)


if __name__ == "__main__":
    main()
