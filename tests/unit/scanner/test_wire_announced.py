"""mDNS, SSDP, NetBIOS and UPnP against real responders, and against a stranger who answers whatever hurts."""

import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Address

import pytest

from inventory.network import MdnsService, NetbiosSeen, Network, UpnpSeen
from inventory.observation import Observation
from scanner import igd
from scanner.announced import read_mdns, read_ssdp
from scanner.datagrams import datagrams
from scanner.evidence import Answer, Evidence, Request, SourceName
from scanner.netbios import read_netbios
from scanner.upnp_place import own_place
from scanner.wire import mdns, multicast, netbios, ssdp, upnp
from tests.unit.scanner.neighbourhood import (
    DESK,
    HERE,
    OUTSIDE,
    PRINTER,
    ROUTER,
    STRANGER,
    UPNP_PORT,
    Neighbourhood,
    neighbourhood,
)
from tests.unit.scanner.wire_samples import response, service

DESCRIPTION = f"description http://{ROUTER}:{UPNP_PORT}/rootDesc.xml"
CONTROL = f"http://{STRANGER}:5000/ctl"
MAPPINGS = f"mappings WANIPConnection:1 {CONTROL}"
Handler = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def lan() -> Iterator[Neighbourhood]:
    with neighbourhood() as made:
        yield made


def read(source: SourceName, answer: Answer, target: str = "10.97.0.0/24", ask: str = "") -> Evidence:
    return Evidence(Request(source, target, ask), answer.status, datetime.now(UTC), answer.body, answer.detail)


def everybody(_: IPv4Address) -> bool:
    return True


def browse(lan: Neighbourhood, welcome: multicast.Welcome = everybody) -> Answer:
    return lan.inside(lambda: mdns.browse("lan", IPv4Address(HERE), welcome))


def search(lan: Neighbourhood, welcome: multicast.Welcome = everybody) -> Answer:
    return lan.inside(lambda: ssdp.search("lan", IPv4Address(HERE), welcome))


def fetched(lan: Neighbourhood, ask: str, target: str = STRANGER) -> Answer:
    return lan.inside(lambda: upnp.read(target, ask, interface="lan"))


def network(seen: Observation) -> Network:
    assert seen.device.network is not None
    return seen.device.network


# --- real responders ---


def test_a_real_avahi_says_its_name_and_all_its_services(lan: Neighbourhood) -> None:
    answer = browse(lan)
    assert answer.status == "done", answer.detail
    said = read_mdns(read("mdns", answer))
    name = "Brother HL 4.5"
    assert {str(address): network(item.observation) for address, item in said.items()} == {
        PRINTER: Network(
            hostname="brn001ba9",
            mdns=(
                MdnsService("_ipp._tcp", f"{name} (printer)", 631, ("rp=ipp/print", "ty=Brother HL-L2350DW series")),
                MdnsService("_printer._tcp", f"{name} (printer)", 515, ()),
                # Not among the types that are always asked: found because the printer lists it.
                MdnsService("_scanner._tcp", f"{name} (rare)", 54921, ()),
            ),
        )
    }


def test_a_real_gateway_answers_a_search(lan: Neighbourhood) -> None:
    answer = search(lan)
    assert answer.status == "done", answer.detail
    ((address, said),) = read_ssdp(read("ssdp", answer)).items()
    assert (str(address), said.locations) == (ROUTER, (f"http://{ROUTER}:{UPNP_PORT}/rootDesc.xml",))
    seen = network(said.observation).upnp
    assert seen is not None
    assert "InternetGatewayDevice:2" in (seen.types or ())
    assert "MiniUPnPd" in (seen.server or "")


def test_a_real_gateway_says_what_it_is_and_lists_its_mappings(lan: Neighbourhood) -> None:
    description = read("upnp", fetched(lan, DESCRIPTION, ROUTER), ROUTER, DESCRIPTION)
    seen = network(igd.read_description(description)).upnp
    assert seen is not None
    assert (seen.friendly_name, seen.manufacturer, seen.model) == ("Debian router", "Debian", "Debian router 1")
    (ask,) = igd.mapping_asks(description)
    answer = fetched(lan, ask, ROUTER)
    assert (answer.status, answer.detail) == ("done", "2 mappings, then error 713")
    mappings = igd.read_mappings(read("upnp", answer, ROUTER, ask))
    found = network(mappings).upnp
    assert found is not None
    assert found.external_address == IPv4Address(OUTSIDE)
    targets = [(item.external, str(item.target), item.target_port, item.enabled) for item in found.mappings or ()]
    assert sorted(targets) == [("tcp/3389", DESK, 3389, True), ("udp/40000", STRANGER, 40000, True)]
    assert mappings.unread == ()
    for pointer, line in mappings.lines.items():
        text = answer.body.decode().splitlines()[line - 1]
        assert text.startswith("<NewExternalIPAddress>" if "address" in pointer else "<NewExternalPort>")


def test_a_real_nmbd_says_its_name(lan: Neighbourhood) -> None:
    answer = lan.inside(lambda: netbios.status(DESK, interface="lan"))
    assert answer.status == "done"
    seen = network(read_netbios(read("netbios", answer, DESK, "status")))
    assert seen == Network(hostname="poste-accueil", netbios=NetbiosSeen("POSTE-ACCUEIL", "CABINET"))


@pytest.mark.parametrize(("target", "status"), [(PRINTER, "refused"), ("10.97.0.99", "silent")])
def test_who_has_no_netbios_is_asked_no_longer(lan: Neighbourhood, target: str, status: str) -> None:
    assert lan.inside(lambda: netbios.status(target, interface="lan")).status == status


# --- what leaves, and where ---


@pytest.mark.parametrize(("ask", "group", "most"), [(browse, "224.0.0.251", 4), (search, "239.255.255.250", 4)])
def test_few_datagrams_leave_with_our_own_address(
    lan: Neighbourhood, ask: Callable[[Neighbourhood], Answer], group: str, most: int
) -> None:
    """The kept capture against a tap on the wire, and no route for multicast is needed."""
    tap = lan.inside(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003)))
    tap.bind(("lan", 0x0003))
    answer = ask(lan)
    assert answer.status == "done"
    tap.setblocking(False)
    seen = set()
    count = 0
    with tap:
        while True:
            try:
                frame, origin = tap.recvfrom(65535)
            except BlockingIOError:
                break
            if origin[2] == socket.PACKET_OUTGOING and (frame[12:14], frame[23]) == (b"\x08\0", 17):
                count += 1
                seen.add((socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]), frame[22]))
    assert seen == {(HERE, group, 255 if ask is browse else 1)}
    kept = [item for item in datagrams(answer.body) if str(item.source) == HERE]
    assert count == len(kept) <= most


def test_an_interface_that_lets_nothing_out_is_a_failure_with_a_reason(lan: Neighbourhood) -> None:
    def down() -> list[Answer]:
        subprocess.run(["ip", "link", "add", "spare", "type", "veth"], check=True)
        return [ask("spare", IPv4Address(HERE), everybody) for ask in (mdns.browse, ssdp.search)]

    answers = [*lan.inside(down), mdns.browse("gone", IPv4Address(HERE), everybody)]
    assert [answer.status for answer in answers] == ["failed"] * 3
    assert all(answer.detail for answer in answers)


def test_a_stopped_visit_asks_nothing(lan: Neighbourhood) -> None:
    began = time.monotonic()
    answers = lan.inside(
        lambda: [
            mdns.browse("lan", IPv4Address(HERE), everybody, lambda: True),
            ssdp.search("lan", IPv4Address(HERE), everybody, lambda: True),
            netbios.status(PRINTER, interface="lan", stopped=lambda: True),
            upnp.read(ROUTER, DESCRIPTION, interface="lan", stopped=lambda: True),
        ]
    )
    assert "done" not in {answer.status for answer in answers}
    assert time.monotonic() - began < 1


def test_who_is_not_welcome_is_not_heard(lan: Neighbourhood) -> None:
    for ask in (browse, search):
        answer = ask(lan, lambda _: False)
        assert {str(item.source) for item in datagrams(answer.body)} == {HERE}


# --- a stranger ---


@contextmanager
def shouting(lan: Neighbourhood, say: Callable[[socket.socket], None]) -> Iterator[None]:
    """A stranger who says something again and again, from port 5353 to the mDNS group."""
    door = lan.as_stranger(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    door.bind((STRANGER, 5353))
    ended = threading.Event()

    def shout() -> None:
        while not ended.is_set():
            say(door)

    thread = threading.Thread(target=shout)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        door.close()


def test_a_flood_of_answers_does_not_drown_the_others(lan: Neighbourhood) -> None:
    payload = response(*(part for at in range(20) for part in service("_x._tcp", f"service {at}", "stranger")))

    def say(door: socket.socket) -> None:
        door.sendto(payload, ("224.0.0.251", 5353))
        time.sleep(0.001)

    with shouting(lan, say):
        answer = browse(lan)
    assert answer.status == "failed"
    assert f"of {STRANGER}" in answer.detail
    assert len(answer.body) < 2 * multicast.MOST_BYTES_EACH
    said = read_mdns(read("mdns", answer))
    assert network(said[IPv4Address(PRINTER)].observation).hostname == "brn001ba9"


def test_a_thousand_listed_types_lead_to_a_dozen_datagrams(lan: Neighbourhood) -> None:
    def say(door: socket.socket) -> None:
        kinds = [f"_t{at}-{time.monotonic_ns() % 97}._tcp.local" for at in range(100)]
        listed = (
            b"\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\0\x01\0\0\0\x78"
            + len(target := b"".join(bytes((len(part),)) + part.encode() for part in kind.split(".")) + b"\0").to_bytes(
                2
            )
            + target
            for kind in kinds
        )
        door.sendto(response(*listed), ("224.0.0.251", 5353))
        time.sleep(0.05)

    with shouting(lan, say):
        answer = browse(lan)
    assert len([item for item in datagrams(answer.body) if str(item.source) == HERE]) <= multicast.MOST_SENT


@contextmanager
def serving(lan: Neighbourhood, answer: Callable[[socket.socket, bytes], None]) -> Iterator[list[bytes]]:
    """The stranger's web server on port 5000; yields the requests that it got."""
    listener = lan.as_stranger(lambda: socket.create_server((STRANGER, 5000)))
    got: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                door, _ = listener.accept()
            except OSError:
                return
            with door:
                door.settimeout(5)
                try:
                    request = b""
                    while (
                        not (request.startswith(b"GET") and request.endswith(b"\r\n\r\n"))
                        and b"</s:Envelope>" not in request
                    ):
                        request += door.recv(65536)
                    got.append(request)
                    answer(door, request)
                except OSError:
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield got
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def once(raw: bytes, door: socket.socket, _: bytes) -> None:
    door.sendall(raw)


def reply(body: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def forever(piece: bytes, pause_s: float, door: socket.socket, _: bytes) -> None:
    door.sendall(b"HTTP/1.1 200 OK\r\n\r\n<root>")
    while True:
        door.sendall(piece)
        time.sleep(pause_s)


OK = b"HTTP/1.1 200 OK\r\n"
DRIP = partial(forever, b" ", 0.05)
ENDINGS = {
    "10 MB": (partial(forever, b"<a/>" * 4096, 0.0), "failed", "more than 262144 bytes"),
    "10 MB at once": (partial(once, OK + b"Content-Length: 10485760\r\n\r\n" + b"x" * (10 << 20)), "failed", "more"),
    "a slow drip": (DRIP, "silent", "not answered within"),
    "elsewhere": (partial(once, reply("", f"302 Found\r\nLocation: http://{ROUTER}/")), "refused", "HTTP 302"),
    "not found": (partial(once, reply("<root/>", "404 Not Found")), "refused", "HTTP 404"),
    "no HTTP": (partial(once, b"SSH-2.0-x\r\n\r\n"), "failed", "not an HTTP answer"),
    "nothing": (partial(once, b""), "failed", "not an HTTP answer"),
    "endless headers": (partial(once, OK + b"X: y\r\n" * 500 + b"\r\n"), "failed", "not an HTTP answer"),
    "cut short": (partial(once, OK + b"Content-Length: 999\r\n\r\n<root>"), "failed", "cut short"),
    "a false chunk": (partial(once, OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "failed", "cut short"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_hostile_description_ends_soon_and_is_none(lan: Neighbourhood, kind: str) -> None:
    act, status, detail = ENDINGS[kind]
    began = time.monotonic()
    with serving(lan, act) as got:
        answer = fetched(lan, f"description http://{STRANGER}:5000/d.xml")
        assert time.monotonic() - began < upnp.EXCHANGE_S + 1
    assert (answer.status, answer.body) == (status, b"")
    assert detail in answer.detail
    assert len(got) == 1


def test_an_answer_in_chunks_over_a_kept_connection_is_read_at_once(lan: Neighbourhood) -> None:
    def act(door: socket.socket, _: bytes) -> None:
        door.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n<root/>\r\n0\r\n\r\n")
        door.recv(1)

    began = time.monotonic()
    with serving(lan, act):
        answer = fetched(lan, f"description http://{STRANGER}:5000/d.xml")
    assert (answer.status, answer.body) == ("done", b"<root/>\n")
    assert time.monotonic() - began < 2


ENTRY = (
    "<E><B><R><NewExternalPort>{port}</NewExternalPort><NewProtocol>TCP</NewProtocol><NewInternalPort>80</NewInternalPort>"
    "<NewInternalClient>10.97.0.30</NewInternalClient></R></B></E>"
)


def mapped(lan: Neighbourhood, act: Callable[[socket.socket, bytes], None]) -> tuple[Answer, list[bytes]]:
    with serving(lan, act) as got:
        return fetched(lan, MAPPINGS), got


def test_a_list_without_an_end_is_cut_and_what_was_read_stands(
    lan: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upnp, "PAUSE_S", 0.0)

    def act(door: socket.socket, request: bytes) -> None:
        index = re.search(rb"Index>(\d+)<", request)
        door.sendall(reply(ENTRY.format(port=1000 + int(index[1])) if index else "<E/>"))

    answer, got = mapped(lan, act)
    assert (answer.status, answer.detail) == ("done", f"cut after {upnp.MOST_MAPPINGS} mappings")
    assert len(got) <= upnp.MOST_MAPPINGS + 2
    seen = igd.read_mappings(read("upnp", answer, STRANGER, MAPPINGS))
    found = network(seen).upnp
    assert isinstance(found, UpnpSeen)
    assert len(found.mappings or ()) >= upnp.MOST_MAPPINGS
    assert [line.fact for line in seen.unread] == ["network.upnp.mappings"]


@pytest.mark.parametrize(("code", "status"), [(713, "done"), (714, "done"), (606, "refused"), (501, "refused")])
def test_only_an_index_error_ends_a_list(lan: Neighbourhood, code: int, status: str) -> None:
    answer, _ = mapped(lan, partial(once, reply(f"<E><errorCode>{code}</errorCode></E>", "500 Internal Server Error")))
    assert answer.status == status


def test_a_gateway_that_dies_in_the_middle_leaves_the_list_in_doubt(lan: Neighbourhood) -> None:
    def act(door: socket.socket, request: bytes) -> None:
        door.sendall(b"" if b"Index>1<" in request else reply(ENTRY.format(port=80)))

    answer, _ = mapped(lan, act)
    assert answer.status == "done"
    assert igd.read_mappings(read("upnp", answer, STRANGER, MAPPINGS)).unread


WRITING = ("AddPortMapping", "AddAnyPortMapping", "DeletePortMapping", "DeletePortMappingRange", "ForceTermination",
           "SetConnectionType", "RequestConnection", "SetDefaultConnectionService")  # fmt: skip


def test_no_ask_makes_it_send_an_action_that_writes(lan: Neighbourhood) -> None:
    """Whatever a description can put into an ask: only the two reading actions ever leave."""
    asks = [MAPPINGS]
    for action in WRITING:
        asks += [
            f"{action} WANIPConnection:1 {CONTROL}",
            f"mappings {action} {CONTROL}",
            f"mappings WANIPConnection:1#{action} {CONTROL}",
            f'mappings WANIPConnection:1"\r\nSOAPAction:"{action} {CONTROL}',
            f'mappings WANIPConnection:1 {CONTROL}"\r\nSOAPAction:"{action}',
            f"description {CONTROL} HTTP/1.1\r\nSOAPAction:{action}\r\n\r\n",
        ]
    with serving(lan, partial(once, reply("<E><errorCode>713</errorCode></E>", "500 x"))) as got:
        answers = [fetched(lan, ask) for ask in asks]
    assert [answer.status for answer in answers] == ["done", *["not_asked"] * (len(asks) - 1)]
    sent = b"".join(got)
    assert set(re.findall(rb'SOAPAction: "[^"]*#(\w+)"', sent)) == {
        b"GetExternalIPAddress",
        b"GetGenericPortMappingEntry",
    }
    assert set(re.findall(rb"<u:(\w+) ", sent)) == {b"GetExternalIPAddress", b"GetGenericPortMappingEntry"}
    assert not [action for action in WRITING if action.encode() in sent]


@pytest.mark.parametrize("action", WRITING)
def test_the_module_cannot_name_an_action_that_writes(action: str) -> None:
    place = own_place(CONTROL, IPv4Address(STRANGER))
    assert place is not None
    with pytest.raises(ValueError, match="not a reading action"):
        upnp._Talk(place, "lo", lambda: False)._action("urn:x", action)


@pytest.mark.parametrize(
    "url",
    [
        f"http://{ROUTER}:{UPNP_PORT}/rootDesc.xml",
        f"http://{STRANGER}:9100/",
        "http://127.0.0.1:5000/",
        "file:///etc/passwd",
    ],
)
def test_a_place_that_is_not_the_device_itself_is_not_asked(lan: Neighbourhood, url: str) -> None:
    assert fetched(lan, f"description {url}").status == "not_asked"
    assert fetched(lan, f"mappings WANIPConnection:1 {url}").status == "not_asked"


def test_a_netbios_answer_that_is_none_is_silence(lan: Neighbourhood) -> None:
    door = lan.as_stranger(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    door.bind((STRANGER, 137))
    door.settimeout(5)

    def chatter() -> None:
        _, peer = door.recvfrom(100)
        for _ in range(1000):
            door.sendto(b"x" * 1000, peer)

    thread = threading.Thread(target=chatter)
    thread.start()
    answer = lan.inside(lambda: netbios.status(STRANGER, interface="lan"))
    thread.join()
    door.close()
    assert answer.status == "silent"
