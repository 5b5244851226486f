"""What devices announce, read from captures: real forms, and what a hostile one may send."""

import io
import random
import struct
import time
from ipaddress import IPv4Address

import dpkt
import pytest

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import MdnsService, NetbiosSeen, Network
from inventory.text import clean
from scanner import dns_message
from scanner.announced import MOST_LOCATIONS, MOST_SERVICES, Said, read_mdns, read_ssdp
from scanner.datagrams import datagrams
from scanner.netbios import STATUS_REQUEST, names, read_netbios
from tests.unit.scanner.wire_samples import (
    NAS,
    NSEC,
    PRINTER,
    PTR,
    ROUTER,
    TXT,
    address,
    evidence,
    found,
    heard,
    name,
    record,
    response,
    service,
)  # fmt: skip

SECONDS = 5.0  # for the largest hostile capture; a reader that is quadratic takes minutes


def network(said: Said) -> Network:
    assert said.observation.device.network is not None
    return said.observation.device.network


def mdns(*payloads: bytes, source: str = PRINTER, port: int = 5353) -> Said | None:
    body = heard(*((source, port, payload) for payload in payloads))
    return read_mdns(evidence("mdns", body)).get(IPv4Address(source))


def test_a_printer_says_its_name_and_services() -> None:
    parts = service("_ipp._tcp", "Brother HL 4.5", "BRN001BA9", 631, "rp=ipp/print", "ty=Brother")
    # Apple's responders put an NSEC record into every answer; it is passed over.
    said = mdns(
        response(*parts, record(name("BRN001BA9.local"), NSEC, b"\xc0\x0c\0\x01\x40"), address("BRN001BA9", PRINTER))
    )
    assert said is not None
    assert said.observation.unread == ()
    assert network(said) == Network(
        hostname="brn001ba9",
        mdns=(MdnsService("_ipp._tcp", "Brother HL 4.5", 631, ("rp=ipp/print", "ty=Brother")),),
    )


def test_what_arrives_in_several_answers_is_one_service() -> None:
    pointer, where, text = service("_http._tcp", "nas", "nas", 5000, "vendor=Synology")
    said = mdns(response(pointer), response(where, address("nas", PRINTER)), response(text), response(pointer))
    assert said is not None
    assert network(said).mdns == (MdnsService("_http._tcp", "nas", 5000, ("vendor=Synology",)),)


def test_a_sender_is_not_believed_about_other_addresses() -> None:
    own = service("_http._tcp", "mine", "liar", 80)
    foreign = service("_smb._tcp", "nas", "nas", 445)
    said = mdns(response(*own, *foreign, address("nas", NAS), address("liar", PRINTER)))
    assert said is not None
    assert network(said).hostname == "liar"
    assert [item.name for item in network(said).mdns or ()] == ["mine"]


@pytest.mark.parametrize("port", [137, 49152])
def test_only_port_5353_answers(port: int) -> None:
    assert mdns(response(*service("_http._tcp", "x", "x")), port=port) is None


def test_a_query_of_somebody_else_says_nothing() -> None:
    assert mdns(dns_message.question(["_ipp._tcp.local"])) is None


def test_a_passive_capture_of_frames_is_read_too() -> None:
    payload = response(*service("_ipp._tcp", "p", "p"), address("p", PRINTER))
    udp = dpkt.udp.UDP(sport=5353, dport=5353, data=payload)
    udp.ulen = len(udp)
    packet = dpkt.ip.IP(src=IPv4Address(PRINTER).packed, dst=b"\xe0\0\0\xfb", p=17, data=udp)
    packet.len = len(packet)
    frames = io.BytesIO()
    writer = dpkt.pcap.Writer(frames)
    writer.writepkt(b"\xff" * 6 + b"\0" * 6 + b"\x08\x06" + b"\0" * 28, 1.0)  # ARP, and it is none of our business
    writer.writepkt(b"\x01\0\x5e\0\0\xfb" + b"\x02" * 6 + b"\x08\0" + bytes(packet), 1.0)
    (said,) = read_mdns(evidence("mdns", frames.getvalue())).values()
    assert network(said).hostname == "p"
    assert [item.number for item in datagrams(frames.getvalue())] == [2]


LOOPS = {
    "at itself": response(record(b"\xc0\x0c", PTR, name("a.local")), count=1),
    "two at each other": response(record(b"\xc0\x0e\xc0\x0c", PTR, b""), count=1),
    "forward": response(record(b"\xc0\xff", PTR, name("a.local")), count=1),
    "in the value": response(record(name("_ipp._tcp.local"), PTR, b"\xc0\x27"), count=1),
    "a chain of thousands": response(
        b"\0" + b"".join(struct.pack(">H", 0xC00C + at * 2) for at in range(3000)), count=9
    ),
    "4 kB": response(record((b"\x3f" + b"x" * 63) * 64 + b"\0", PTR, name("a.local")), count=1),
    "a label of 64": response(record(b"\x40" + b"x" * 64 + b"\0", PTR, b""), count=1),
    "cut in a label": response(b"\x20abc", count=1),
    "cut in a pointer": response(b"\xc0", count=1),
    "cut in a record": response(name("a.local") + b"\0\x01", count=1),
    "a record of 60 kB": response(name("a.local") + struct.pack(">HHIH", TXT, 1, 1, 60000), count=1),
    "65,535 records": response(count=65535),
    "nothing but a header": response(count=1),
}


@pytest.mark.parametrize("kind", LOOPS)
def test_a_malformed_answer_is_named_and_costs_nothing_else(kind: str) -> None:
    good = response(*service("_ipp._tcp", "p", "p"), address("p", PRINTER))
    said = mdns(LOOPS[kind], good)
    assert said is not None
    assert network(said).hostname == "p"
    assert [(line.fact, line.line) for line in said.observation.unread] == [("network.mdns", 1)]


def test_thousands_of_services_are_cut_and_the_cut_is_named() -> None:
    answers = [
        response(*(part for at in range(40) for part in service("_x._tcp", f"{many}-{at}", "p"))) for many in range(64)
    ]
    began = time.process_time()
    said = mdns(*answers)
    assert time.process_time() - began < SECONDS
    assert said is not None
    assert len(network(said).mdns or ()) == MOST_SERVICES
    assert "more than" in said.observation.unread[0].text


def test_names_that_all_point_at_a_long_one_end_soon() -> None:
    """The dearest answer of 9,000 bytes: as many records as fit, each the longest name again."""
    long = b"\x01x" * 126 + b"\0"
    payload = response(record(long, TXT, b""), *(record(b"\xc0\x0c", PTR, b"\xc0\x0c") for _ in range(600)))
    began = time.process_time()
    mdns(*[payload] * 7)
    assert time.process_time() - began < SECONDS


def test_texts_are_cleaned() -> None:
    said = mdns(response(*service("_ipp._tcp", "a\x1b[2J‮b", "p", 1, "x=\x07y"), address("p\x1b", PRINTER)))
    assert said is not None
    (item,) = network(said).mdns or ()
    for text in (item.name, *(item.text or ()), network(said).hostname or ""):
        assert text == clean(text)


@pytest.mark.parametrize("body", [b"", b"no capture", heard()[:20], b"\xd4\xc3\xb2\xa1" + b"\0" * 9])
def test_what_is_no_capture_is_an_error(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_mdns(evidence("mdns", body))
    with pytest.raises(ParseError):
        read_ssdp(evidence("ssdp", body))
    with pytest.raises(ParseError):
        read_netbios(evidence("netbios", body, PRINTER))


def test_no_mutation_of_an_answer_raises() -> None:
    chance = random.Random(20261124)
    samples = [
        response(*service("_ipp._tcp", "Brother", "b", 631, "a=b"), address("b", PRINTER)),
        found(f"http://{PRINTER}:80/d.xml"),
        node_status(("PC", 0, 0x400)),
    ]
    for _ in range(400):
        body = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 8)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        cut = bytes(body[: chance.randint(1, len(body))])
        read_mdns(evidence("mdns", heard((PRINTER, 5353, cut))))
        read_ssdp(evidence("ssdp", heard((PRINTER, 1900, cut))))
        names(cut)


# --- SSDP ---


def ssdp(*payloads: bytes) -> Said:
    return read_ssdp(evidence("ssdp", heard(*((ROUTER, 1900, payload) for payload in payloads))))[IPv4Address(ROUTER)]


def test_a_gateway_says_its_types_and_where_its_description_is() -> None:
    location = f"http://{ROUTER}:49152/rootDesc.xml"
    gateway, service = (
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
    )
    said = ssdp(found(location), found(location, gateway), found(location, service))
    upnp = network(said).upnp
    assert upnp is not None
    assert (upnp.types, upnp.server) == (("InternetGatewayDevice:1",), "Linux UPnP/1.1 MiniUPnPd/2.3.1")
    assert said.locations == (location,)


def test_an_announcement_of_a_passive_capture_counts() -> None:
    notify = f"NOTIFY * HTTP/1.1\r\nNT: urn:schemas-upnp-org:device:MediaServer:1\r\nLOCATION: http://{ROUTER}/\r\n\r\n"
    assert network(ssdp(notify.encode())).upnp is not None


@pytest.mark.parametrize(
    "payload", [b"", b"M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n", b"HTTP/1.1 404 X\r\nST: x\r\n\r\n", b"\xff" * 99]
)
def test_what_is_no_answer_says_nothing(payload: bytes) -> None:
    assert read_ssdp(evidence("ssdp", heard((ROUTER, 1900, payload)))) == {}


def test_a_thousand_places_are_cut() -> None:
    said = ssdp(*(found(f"http://{ROUTER}/{at}", f"urn:x:device:D{at}:1") for at in range(1000)))
    assert len(said.locations) == MOST_LOCATIONS
    assert len(ssdp(found("x" * 5000)).locations) == 1


# --- NetBIOS ---


def node_status(*rows: tuple[str, int, int], mac: bytes = b"\0" * 6, count: int | None = None) -> bytes:
    body = b"".join(text.encode("cp850").ljust(15) + struct.pack(">BH", suffix, flags) for text, suffix, flags in rows)
    data = bytes((len(rows) if count is None else count,)) + body + mac + b"\0" * 40
    header = STATUS_REQUEST[:2] + struct.pack(">5H", 0x8400, 0, 1, 0, 0)
    return header + STATUS_REQUEST[12:46] + struct.pack(">HHIH", 0x21, 1, 0, len(data)) + data


def test_a_computer_says_its_name_its_workgroup_and_its_mac() -> None:
    rows = (("ACCUEIL", 0x20, 0x400), ("ACCUEIL", 0, 0x400), ("CABINET", 0, 0x8400), ("CABINET", 0x1E, 0x8400))
    body = heard((NAS, 137, node_status(*rows, mac=bytes.fromhex("d094661b7231"))))
    seen = NetbiosSeen("ACCUEIL", "CABINET", "d0:94:66:1b:72:31")
    expected = Device(network=Network(hostname="accueil", netbios=seen))
    assert read_netbios(evidence("netbios", body, NAS)).device == expected


@pytest.mark.parametrize(
    "payload",
    [node_status(("A", 0, 0))[:60], node_status(("A", 0, 0), count=255), node_status(), STATUS_REQUEST, b"x" * 90],
)
def test_what_is_no_node_status_has_no_names(payload: bytes) -> None:
    assert names(payload) is None


def test_another_device_does_not_answer_for_this_one() -> None:
    with pytest.raises(ParseError):
        read_netbios(evidence("netbios", heard((PRINTER, 137, node_status(("A", 0, 0)))), NAS))


def test_a_capture_is_what_other_tools_write() -> None:
    """The capture as dpkt reads it: raw IP with true lengths."""
    reader = dpkt.pcap.Reader(io.BytesIO(heard((ROUTER, 1900, b"x" * 20))))
    ((_, raw),) = list(reader)
    packet = dpkt.ip.IP(raw)
    assert (reader.datalink(), packet.len, packet.data.ulen) == (101, 48, 28)
