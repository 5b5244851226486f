"""Capture files of every kind give the same frames; damaged and hostile ones give what they hold, and say so."""

import io
import struct
from pathlib import Path

import dpkt
import pytest

from inventory.errors import ParseError
from scanner.frames.saved import MOST_FRAME, frames, span, written
from scanner.identify import identities
from tests.unit.scanner.frame_samples import MNDP, NAS, NAS_IP, ROUTER, ROUTER_IP, arp, raw, udp

FRAMES = [arp(NAS, NAS_IP), udp(ROUTER, ROUTER_IP, (5678, 5678), MNDP)]
TIMES = [1_700_000_000.25, 1_700_000_001.5]


def classic(order: str = "<", magic: int = 0xA1B2C3D4, link: int = 1, unit: float = 1e6) -> bytes:
    body = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for moment, frame in zip(TIMES, FRAMES, strict=True):
        parts = (int(moment), round(moment % 1 * unit), len(frame), len(frame))
        body += struct.pack(order + "IIII", *parts) + frame
    return body


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def packet(order: str, frame: bytes, moment: float = 0, interface: int = 0, unit: float = 1e6) -> bytes:
    ticks = round(moment * unit)
    head = struct.pack(order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(order, 6, head + frame)


def next_generation(order: str = "<", options: bytes = b"", unit: float = 1e6, link: int = 1) -> bytes:
    interface = block(order, 1, struct.pack(order + "HHI", link, 0, 65535) + options)
    notes = block(order, 4, b"names") + block(order, 0x0BAD, b"whose?")
    packets = b"".join(packet(order, frame, moment, 0, unit) for frame, moment in zip(FRAMES, TIMES, strict=True))
    return section(order) + interface + notes + packets


NANO = struct.pack("<HHB3x", 9, 1, 9)
BINARY = struct.pack("<HHB3x", 9, 1, 0x80 | 20)


@pytest.mark.parametrize(
    "body",
    [
        classic(), classic(">"), classic("<", 0xA1B23C4D, unit=1e9), classic(">", 0xA1B23C4D, unit=1e9),
        classic(link=1 | 5 << 28),  # the length of a frame check sequence in the upper bits
        next_generation(), next_generation(">"), next_generation(options=NANO, unit=1e9),
        next_generation(options=BINARY, unit=2**20),
    ],
)  # fmt: skip
def test_every_spelling_gives_the_same_frames_and_times(body: bytes) -> None:
    found = list(frames(io.BytesIO(body)))
    assert [frame for _, frame in found] == FRAMES
    assert [moment for moment, _ in found] == pytest.approx(TIMES)


def test_what_dpkt_writes_and_what_we_write() -> None:
    file = io.BytesIO()
    writer = dpkt.pcapng.Writer(file)
    for frame in FRAMES:
        writer.writepkt(frame, ts=1.0)
    assert [frame for _, frame in frames(io.BytesIO(file.getvalue()))] == FRAMES
    again = written(list(zip(TIMES, FRAMES, strict=True)))
    assert [frame for _, frame in dpkt.pcap.Reader(io.BytesIO(again))] == FRAMES
    assert list(frames(io.BytesIO(again))) == list(zip(TIMES, FRAMES, strict=True))


def test_simple_and_obsolete_blocks_and_two_sections() -> None:
    (frame, _), order = FRAMES, ">"
    interface = block(order, 1, struct.pack(order + "HHI", 1, 0, 0))
    simple = block(order, 3, struct.pack(order + "I", len(frame)) + frame)
    old = block(order, 2, struct.pack(order + "HHIIII", 0, 0, 0, 0, len(frame), len(frame)) + frame)
    stranger = packet(order, frame, interface=3)  # of an interface that nobody described
    body = section(order) + interface + simple + old + stranger + next_generation("<")
    assert [found for _, found in frames(io.BytesIO(body))] == [frame, frame, *FRAMES]


def cooked(link: int, frame: bytes, to: int = 1, family: int = 1, length: int = 6) -> bytes:
    sender = frame[6:12] + b"\0\0"
    if link == 113:
        return struct.pack(">HHH", to, family, length) + sender + frame[12:14] + frame[14:]
    return frame[12:14] + struct.pack(">HIHBB", 0, 2, family, to, length) + sender + frame[14:]


@pytest.mark.parametrize("link", [113, 276])
def test_cooked_captures_have_a_sender_too(link: int) -> None:
    body = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for record in (cooked(link, FRAMES[0]), cooked(link, FRAMES[0], family=772), cooked(link, FRAMES[0])[:10]):
        body += struct.pack("<IIII", 0, 0, len(record), len(record)) + record
    assert [frame for _, frame in frames(io.BytesIO(body))] == [FRAMES[0]]
    body = body[:24]
    record = cooked(link, FRAMES[1], to=2)
    body += struct.pack("<IIII", 0, 0, len(record), len(record)) + record
    ((_, frame),) = frames(io.BytesIO(body))
    assert (frame[6:], frame[0] & 1) == (FRAMES[1][6:], 1)


@pytest.mark.parametrize("body", [b"", b"\0" * 64, b"not a capture", classic()[:20], section("<")[:12]])
def test_what_is_no_capture_is_said_at_once(body: bytes) -> None:
    with pytest.raises(ParseError) as error:
        list(frames(io.BytesIO(body)))
    assert error.value.line is None or body[:4] == section("<")[:4]


@pytest.mark.parametrize("body", [classic(), next_generation(), next_generation(">")])
def test_a_file_cut_anywhere_gives_what_came_before(body: bytes) -> None:
    for end in range(4, len(body)):
        found = []
        try:
            for _, frame in frames(io.BytesIO(body[:end])):
                found.append(frame)
        except ParseError:
            pass
        assert found == FRAMES[: len(found)]


@pytest.mark.parametrize(
    "body",
    [
        classic()[:24] + struct.pack("<IIII", 0, 0, MOST_FRAME + 1, 0),
        section("<") + struct.pack("<II", 6, 0xFFFFFFFC),
        section("<") + struct.pack("<II", 6, 0),
        section("<") + struct.pack("<II", 6, 13),
        section("<")[:4] + struct.pack("<II", 0xFFFFFFFF, 0x1A2B3C4D),
    ],
)
def test_forged_lengths_take_no_memory(body: bytes) -> None:
    with pytest.raises(ParseError):
        list(frames(io.BytesIO(body)))


def test_frames_without_macs_are_said_and_end_no_run(tmp_path: Path) -> None:
    for name, body in (("a.pcap", classic(link=101)), ("b.pcapng", next_generation(link=101))):
        (tmp_path / name).write_bytes(body)
        (row,) = identities(tmp_path / name)
        assert "device" not in row
        assert "MAC" in row["unread"]


def test_a_cut_file_tells_its_devices_and_that_it_is_cut(tmp_path: Path) -> None:
    (tmp_path / "x.pcapng").write_bytes(next_generation()[:-8])
    (row,) = identities(tmp_path / "x.pcapng")
    assert (row["device"], row["network"]["addresses"]) == (NAS, [NAS_IP])
    assert "cut short" in row["unread"]
    assert raw(NAS) == bytes.fromhex("001132000001")


def test_a_row_has_names_clues_and_every_fact(tmp_path: Path) -> None:
    (tmp_path / "x.pcap").write_bytes(classic())
    rows = {row["device"]: row for row in identities(tmp_path / "x.pcap")}
    router = rows[ROUTER]
    told = (router["vendor"], router["hardware"], router["version"])
    assert told == ("MikroTik", "RB5009UG+S+", "7.16.1 (stable)")
    assert router["names"] == ["routeur"]
    assert "mndp MikroTik RB5009UG+S+ 7.16.1 (stable)" in router["clues"]
    assert router["network"]["neighbours"][0]["port"] == "bridge/ether2"


def test_when_a_capture_was_made() -> None:
    body = written([(TIMES[1], FRAMES[1]), (TIMES[0], FRAMES[0])])  # a file put together from two is not in order
    assert span(io.BytesIO(body), 9) == (TIMES[0], TIMES[1])
    assert span(io.BytesIO(body), 1) == (TIMES[1], TIMES[1])
    assert span(io.BytesIO(body[:-1]), 9) == (TIMES[1], TIMES[1])
    assert span(io.BytesIO(written([(0.0, FRAMES[0])])), 9) == (0.0, 0.0)
    assert span(io.BytesIO(written([])), 9) is None
    with pytest.raises(ParseError):
        span(io.BytesIO(body[:20]), 9)
