"""What each kind of announcement says, and of whom; nothing that a frame holds raises, or names the wrong device."""

import random
import struct
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

import pytest

from inventory.heard import BrowserSeen, Dhcp6Client, Dhcp6Server, DhcpClient, DhcpServer, Neighbour, WsdSeen
from inventory.network import NetbiosSeen, Network
from scanner import neighbours
from scanner.evidence import Evidence, Request
from scanner.frames import hearing
from scanner.frames.hearing import READERS, Hearing, heard_in_body
from scanner.frames.kept import MOST_EACH, MOST_HANDED_OUT, Kept
from scanner.frames.saved import written
from scanner.frames.sieve import SNAP, Packet, content, sift
from tests.unit.scanner.frame_samples import (
    HELLO,
    MDNS,
    MDNS_MAC,
    MNDP,
    NAS,
    NAS_IP,
    PRINTER,
    PRINTER_IP,
    ROUTER,
    ROUTER_IP,
    UBIQUITI_1,
    advertisement,
    arp,
    asks,
    dhcp,
    dns,
    ethernet,
    ipv6,
    lldp,
    netbios_name,
    option,
    raw,
    registration,
    snap,
    tagged,
    udp,
    udp6,
    values,
)  # fmt: skip

LOCAL6 = "fe80::211:32ff:fe00:1"
OTHER = "02:00:00:00:00:99"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def heard(*frames: bytes) -> dict[str, Network]:
    ear = Hearing()
    for frame in frames:
        ear.add(frame)
    return {mac: said.device.network or Network() for mac, said in ear.devices().items()}


def only(*frames: bytes) -> Network:
    ((_, network),) = heard(*frames).items()
    return network


# Who has which address


def test_arp_tells_the_address_of_the_mac_inside() -> None:
    found = heard(arp(NAS, NAS_IP, target=ROUTER_IP), arp(OTHER, PRINTER_IP, sender=PRINTER, op=2))
    assert {mac: item.addresses for mac, item in found.items()} == {
        NAS: (IPv4Address(NAS_IP),), PRINTER: (IPv4Address(PRINTER_IP),),
    }  # fmt: skip


def test_a_gratuitous_arp_claims_and_a_probe_does_not() -> None:
    assert only(arp(NAS, NAS_IP, target=NAS_IP, op=2)).addresses == (IPv4Address(NAS_IP),)
    probe = only(arp(NAS, "0.0.0.0", target=NAS_IP))
    assert (probe.addresses, probe.heard) == (None, ("arp",))


@pytest.mark.parametrize("mac", ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:01", "00:00:00:00:00:00"])
def test_a_group_is_no_device(mac: str) -> None:
    frames = [
        arp(mac, NAS_IP), arp(NAS, NAS_IP, sender=mac), udp(mac, NAS_IP, (5353, 5353), dns()), asks(mac, sender=NAS),
        ethernet(mac, 0x88CC, lldp((1, b"\x04" + raw(NAS)), (2, b"\x03" + raw(NAS)))),
        ipv6(mac, LOCAL6, 58, b"\x87" + bytes(23)),
    ]  # fmt: skip
    assert set(heard(*frames)) <= {NAS}


@pytest.mark.parametrize("address", ["255.255.255.255", "224.0.0.1", "127.0.0.1", "0.1.2.3"])
def test_nobody_has_an_address_of_many(address: str) -> None:
    assert heard(arp(NAS, address)) == {}


def test_neighbour_discovery_tells_ipv6_addresses_of_their_own_sender_only() -> None:
    answer = struct.pack(">BBHI", 136, 0, 0, 0x20000000) + IPv6Address(LOCAL6).packed
    own = ipv6(NAS, LOCAL6, 58, answer + b"\x02\x01" + raw(NAS))
    proxy = ipv6(NAS, LOCAL6, 58, answer + b"\x02\x01" + raw(PRINTER))
    forwarded = ipv6(NAS, LOCAL6, 58, answer, hops=254)
    duplicate = ipv6(NAS, "::", 58, struct.pack(">BBHI", 135, 0, 0, 0) + IPv6Address(LOCAL6).packed)
    assert only(own).ipv6 == (IPv6Address(LOCAL6),)
    assert heard(proxy, forwarded) == {}
    assert only(duplicate).ipv6 is None


def test_a_router_advertisement() -> None:
    prefix = struct.pack(">BBBBIII", 3, 4, 64, 0xC0, 86400, 14400, 0) + IPv6Address("2001:db8:1::").packed
    rdnss = struct.pack(">BBHI", 25, 3, 0, 600) + IPv6Address("2001:db8:1::1").packed
    dnssl = struct.pack(">BBHI", 31, 2, 0, 600) + b"\x03lan\0\0\0\0"
    mtu = struct.pack(">BBHI", 5, 1, 0, 1480)
    said = only(ipv6(ROUTER, "fe80::1", 58, advertisement(ROUTER, prefix, rdnss, dnssl, mtu))).router_advertisement
    assert said is not None
    assert (said.prefixes, said.dns, said.domains) == (("2001:db8:1::/64",), (IPv6Address("2001:db8:1::1"),), ("lan",))
    assert (said.lifetime_s, said.managed, said.other, said.mtu) == (1800, False, True, 1480)


def test_a_router_advertisement_is_its_senders_whatever_it_borrows() -> None:
    frame = ipv6(OTHER, "fe80::1", 58, advertisement(ROUTER, lifetime=1800))  # the router's MAC, and its address
    honest = ipv6(ROUTER, "fe80::1", 58, advertisement(ROUTER))
    assert only(frame).router_advertisement is not None
    found = heard(honest, frame)
    assert found[OTHER].router_advertisement is not None
    assert (found[OTHER].ipv6, found[ROUTER].ipv6) == (None, (IPv6Address("fe80::1"),))
    body = written([(0.0, frame)])
    asked = neighbours.read(Evidence(Request("icmp6", "192.168.10.0/24", "neighbours"), "done", NOW, body))
    assert {mac: (item.ipv6, item.router_advertisement is not None) for mac, item in asked.items()} == {
        OTHER: (None, True)
    }


def test_name_servers_that_are_taken_back_are_not_handed_out() -> None:
    rdnss = struct.pack(">BBHI", 25, 3, 0, 0) + IPv6Address("2001:db8:1::1").packed
    said = only(ipv6(ROUTER, "fe80::1", 58, advertisement(ROUTER, rdnss, lifetime=0))).router_advertisement
    assert said is not None
    assert said.dns == ()


@pytest.mark.parametrize("lifetimes", [(0, 1800), (1800, 0)])
def test_whoever_once_called_itself_a_router_is_one(lifetimes: tuple[int, ...]) -> None:
    heard = Hearing()
    for lifetime in lifetimes:
        heard.add(ipv6(ROUTER, "fe80::1", 58, advertisement(ROUTER, lifetime=lifetime)))
    network = heard.devices()[ROUTER].device.network
    assert network is not None
    assert network.router_advertisement is not None
    assert network.router_advertisement.lifetime_s == 1800


def test_a_server_that_borrows_the_address_of_another_is_one() -> None:
    answer = dhcp(NAS, option(53, b"\x02") + option(54, IPv4Address(ROUTER_IP).packed), op=2, given=NAS_IP)
    found = heard(arp(ROUTER, ROUTER_IP), udp(OTHER, ROUTER_IP, (67, 68), answer))
    assert found[OTHER].dhcp_server is not None
    assert found[OTHER].addresses is None


def test_what_a_router_forwards_is_not_said_by_the_router() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSERVER: NAS/1.0\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n"
    forwarded = udp(ROUTER, "192.168.20.5", (1900, 50000), answer, to=raw(PRINTER), target=PRINTER_IP)
    found = heard(arp(ROUTER, ROUTER_IP), forwarded)
    assert found[ROUTER].upnp is None
    assert found[ROUTER].addresses == (IPv4Address(ROUTER_IP),)
    own = udp(ROUTER, ROUTER_IP, (1900, 50000), answer, to=raw(PRINTER), target=PRINTER_IP)
    upnp = heard(arp(ROUTER, ROUTER_IP), own)[ROUTER].upnp
    assert upnp is not None
    assert (upnp.server, upnp.uuids) == ("NAS/1.0", ("1",))


def test_who_takes_the_address_of_another_speaks_for_nobody() -> None:
    answer = b"NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nSERVER: Forged/1.0\r\n\r\n"
    found = heard(arp(NAS, NAS_IP), udp(OTHER, NAS_IP, (1900, 1900), answer))
    assert (found[NAS].upnp, found[OTHER].upnp, found[OTHER].addresses) == (None, None, None)


# DHCP


def test_what_a_dhcp_client_says() -> None:
    options = (option(12, b"PC-ACCUEIL"), option(60, b"MSFT 5.0"), option(55, bytes((1, 3, 6, 15, 252))),
               option(61, b"\x01" + raw(NAS)), option(81, b"\x00\x00\x00PC-ACCUEIL.cabinet.lan"),
               option(50, IPv4Address(NAS_IP).packed))  # fmt: skip
    network = only(asks(NAS, *options))
    assert network.dhcp == DhcpClient(
        "PC-ACCUEIL",
        "PC-ACCUEIL.cabinet.lan",
        "MSFT 5.0",
        None,
        "01001132000001",
        (IPv4Address(NAS_IP),),
        ("1,3,6,15,252",),
    )
    assert (network.hostname, network.addresses) == ("PC-ACCUEIL", None)


def test_a_name_in_labels_and_an_option_in_parts_and_in_the_file_field() -> None:
    labels = option(81, b"\x05\x00\x00\x02pc\x07cabinet\x03lan\x00")
    parts = option(60, b"android-") + option(60, b"dhcp-14")
    message = bytearray(dhcp(NAS, option(53, b"\x01") + labels + parts + option(52, b"\x01")))
    message[108:116] = option(12, b"galet") + b"\xff"
    client = only(udp(NAS, "0.0.0.0", (68, 67), bytes(message))).dhcp
    assert client is not None
    assert (client.fqdn, client.vendor_class, client.hostname) == ("pc.cabinet.lan", "android-dhcp-14", "galet")


def test_a_relayed_request_is_its_clients() -> None:
    assert set(heard(asks(NAS, option(12, b"nas"), sender=ROUTER))) == {NAS}


def test_a_dhcp_server_and_the_address_it_gives() -> None:
    options = (option(54, IPv4Address(ROUTER_IP).packed) + option(3, IPv4Address(ROUTER_IP).packed)
               + option(6, IPv4Address("9.9.9.9").packed) + option(15, b"cabinet.lan"))  # fmt: skip
    answer = dhcp(NAS, option(53, b"\x05") + options, op=2, given=NAS_IP)
    found = heard(asks(NAS), udp(ROUTER, ROUTER_IP, (67, 68), answer))
    server = IPv4Address(ROUTER_IP)
    assert found[ROUTER].dhcp_server == DhcpServer(server, (server,), (IPv4Address("9.9.9.9"),), "cabinet.lan")
    assert found[NAS].addresses == (IPv4Address(NAS_IP),)
    assert set(heard(udp(ROUTER, ROUTER_IP, (67, 68), answer))) == {ROUTER}  # of whom only the server speaks


def test_dhcpv6() -> None:
    duid = bytes.fromhex("00010001") + b"\x2a\0\0\0" + raw(NAS)
    wanted = values(
        (1, duid), (16, struct.pack(">IH", 311, 8) + b"MSFT 5.0"), (39, b"\0\x02pc\0"), (6, b"\0\x17\0\x18")
    )
    assert only(udp6(NAS, LOCAL6, (546, 547), b"\x01\0\0\x07" + wanted)).dhcp6 == Dhcp6Client(
        duid.hex(), "MSFT 5.0", 311, "pc", ("23,24",)
    )
    answer = values((2, duid), (23, IPv6Address("2001:db8::53").packed))
    assert only(udp6(ROUTER, "fe80::1", (547, 546), b"\x02\0\0\x07" + answer)).dhcp6_server == Dhcp6Server(
        duid.hex(), (IPv6Address("2001:db8::53"),)
    )


# Announcements


def test_mdns_over_both_versions_of_ip_is_one_device() -> None:
    host = b"\x03nas\x05local\x00"
    records = (
        ("nas.local", 1, IPv4Address(NAS_IP).packed), ("nas.local", 28, IPv6Address(LOCAL6).packed),
        ("_smb._tcp.local", 12, b"\x03NAS\x04_smb\x04_tcp\x05local\0"),
        ("NAS._smb._tcp.local", 33, struct.pack(">HHH", 0, 0, 445) + host),
        ("NAS._smb._tcp.local", 16, b"\x09model=DS2"),
    )  # fmt: skip
    for frame in (
        udp(NAS, NAS_IP, (5353, 5353), dns(*records), to=MDNS_MAC, target=MDNS),
        udp6(NAS, LOCAL6, (5353, 5353), dns(*records)),
    ):
        network = only(frame)
        (service,) = network.mdns or ()
        assert (network.hostname, service.kind, service.name, service.port) == ("nas", "_smb._tcp", "NAS", 445)
        assert service.text == ("model=DS2",)
    assert only(udp(NAS, NAS_IP, (5353, 5353), dns(flags=0))).mdns is None  # a question
    assert only(udp(NAS, NAS_IP, (40000, 5353), dns(*records))).mdns is None  # RFC 6762 §6


def test_ssdp_announcements_searches_and_farewells() -> None:
    def said(first: str, *lines: str) -> Network:
        text = "\r\n".join((first, *lines, "", "")).encode()
        return only(udp(NAS, NAS_IP, (1900, 1900), text, to=bytes.fromhex("01005e7ffffa"), target="239.255.255.250"))

    urn = "urn:schemas-upnp-org:device:MediaServer:1"
    alive = said("NOTIFY * HTTP/1.1", f"NT: {urn}", f"USN: uuid:AB-1::{urn}", "NTS: ssdp:alive", "SERVER: DSM/7").upnp
    assert alive is not None
    assert (alive.types, alive.uuids, alive.server) == (("MediaServer:1",), ("ab-1",), "DSM/7")
    search = said("M-SEARCH * HTTP/1.1", 'MAN: "ssdp:discover"', "USER-AGENT: Chrome/130 Windows").upnp
    assert search is not None
    assert (search.user_agent, search.types) == ("Chrome/130 Windows", None)
    assert said("NOTIFY * HTTP/1.1", f"NT: {urn}", "NTS: ssdp:byebye", "SERVER: DSM/7").upnp is None


def test_llmnr_is_believed_about_the_sender() -> None:
    address = IPv4Address(NAS_IP).packed
    answer = udp(NAS, NAS_IP, (5355, 50000), dns(("pc-accueil", 1, address), flags=0x8000), to=raw(PRINTER))
    assert only(answer).hostname == "pc-accueil"
    other = dns(("pc-accueil", 1, IPv4Address(PRINTER_IP).packed), flags=0x8000)
    assert only(udp(NAS, NAS_IP, (5355, 50000), other, to=raw(PRINTER))).hostname is None


def test_netbios_registrations_and_questions() -> None:
    claims = [registration("PC-ACCUEIL", 0, NAS_IP), registration("CABINET", 0, NAS_IP, group=True),
              registration("CABINET", 0x1E, NAS_IP, group=True), registration("PC-ACCUEIL", 0x20, NAS_IP)]  # fmt: skip
    network = only(*(udp(NAS, NAS_IP, (137, 137), claim) for claim in claims))
    assert (network.netbios, network.hostname) == (NetbiosSeen("PC-ACCUEIL", "CABINET"), "pc-accueil")
    question = struct.pack(">6H", 1, 0x110, 1, 0, 0, 0) + netbios_name("WPAD", 0) + struct.pack(">HH", 0x20, 1)
    assert only(udp(NAS, NAS_IP, (137, 137), question)).netbios is None
    assert only(udp(NAS, NAS_IP, (137, 137), registration("FORGED", 0, PRINTER_IP))).netbios is None


def browser(kind: int, name: bytes, version: bytes, server: int, comment: bytes, sender: str = "PC-ACCUEIL") -> bytes:
    data = struct.pack("<BBI16s2sIHH", kind, 0, 60000, name, version, server, 0x010F, 0xAA55) + comment + b"\0"
    words = struct.pack(
        "<HHHHBBHIHHHHHHBBHHH", 0, len(data), 0, 0, 0, 0, 0, 0, 0, 0, 0, len(data), 86, 3, 0, 1, 0, 2, 0
    )
    slot = b"\\MAILSLOT\\BROWSE\0"
    smb = b"\xffSMB\x25" + bytes(27) + b"\x11" + words[:34] + struct.pack("<H", len(slot) + len(data)) + slot
    smb = smb.ljust(86, b"\0") + data
    names = netbios_name(sender, 0) + netbios_name("CABINET", 0x1E)
    return struct.pack(">BBH4sHHH", 0x11, 2, 7, IPv4Address(NAS_IP).packed, 138, len(names) + len(smb), 0) + names + smb


def test_browser_announcements() -> None:
    host = udp(NAS, NAS_IP, (138, 138), browser(1, b"PC-ACCUEIL", b"\x06\x01", 0x1003, b"Accueil du cabinet"))
    domain = udp(NAS, NAS_IP, (138, 138), browser(12, b"CABINET", b"\x03\x0a", 0, b"PC-ACCUEIL"))
    network = only(host, domain)
    assert network.browser == BrowserSeen(
        "PC-ACCUEIL", "CABINET", "6.1", "Accueil du cabinet", ("server", "workstation")
    )
    assert network.hostname == "pc-accueil"
    forged = udp(NAS, NAS_IP, (138, 138), browser(1, b"SERVEUR", b"\x06\x01", 2, b"", sender="PC-ACCUEIL"))
    assert only(forged).browser is None


def test_ws_discovery() -> None:
    network = only(udp(PRINTER, PRINTER_IP, (3702, 3702), HELLO, target="239.255.255.250"))
    assert network.wsd == WsdSeen(
        "urn:uuid:00000000-0000-1000-8000-001ba9000002", ("wprt:PrintDeviceType", "wsdp:Device"), None,
        ("http://192.168.10.20:80/wsd",),
    )  # fmt: skip
    bomb = HELLO.replace(b"<soap:Envelope", b'<!DOCTYPE x [<!ENTITY a "aa">]><soap:Envelope', 1)
    assert heard(udp(PRINTER, PRINTER_IP, (3702, 3702), bomb)) == {}


def test_lldp_with_the_inventory_of_lldp_med() -> None:
    med = [(127, b"\x00\x12\xbb" + bytes((kind,)) + text) for kind, text in
           ((6, b"boot 1"), (7, b"12.4(3)"), (8, b"FOC1234"), (9, b"Cisco"), (10, b"CP-8841"))]  # fmt: skip
    said = lldp(
        (1, b"\x04" + raw(NAS)), (2, b"\x05gi1"), (3, b"\0\x78"), (4, b"vers la baie"), (5, b"sw-accueil"),
        (6, b"Switch 1.2"),
        (7, b"\0\x14\0\x04"), (8, b"\x05\x01" + IPv4Address(NAS_IP).packed + b"\x02\0\0\0\x01\0"),
        (127, b"\x00\x80\xc2\x01\0\x0a"), *med,
    )  # fmt: skip
    (found,) = only(ethernet(NAS, 0x88CC, said, bytes.fromhex("0180c200000e"))).neighbours or ()
    assert found == Neighbour(
        "lldp", NAS, "gi1", "vers la baie", "sw-accueil", "Switch 1.2", "Cisco", "CP-8841", "12.4(3)", "FOC1234",
        ("bridge",),
        (NAS_IP,), 10,
    )  # fmt: skip


def test_mndp_as_wiresharks_packet_mndp_names_its_fields() -> None:
    (found,) = only(udp(ROUTER, ROUTER_IP, (5678, 5678), MNDP)).neighbours or ()
    assert found == Neighbour(
        "mndp", ROUTER, "bridge/ether2", None, "routeur", None, "MikroTik", "RB5009UG+S+", "7.16.1 (stable)",
        management=(ROUTER_IP,),
    )  # fmt: skip
    assert heard(udp(NAS, NAS_IP, (5678, 5678), bytes(9))) == {}  # the question of a WinBox


def test_ubiquiti_discovery_as_nmaps_script_names_its_fields() -> None:
    (found,) = only(udp(NAS, NAS_IP, (10001, 10001), UBIQUITI_1)).neighbours or ()
    assert found == Neighbour(
        "ubiquiti", NAS, None, None, "AP salle d'attente", "BZ.qca956x.v6.5.28.14491.221005.1250", "Ubiquiti",
        "UAP-AC-Pro-Gen2", "6.5.28", management=(NAS_IP,),
    )  # fmt: skip
    assert heard(udp(NAS, NAS_IP, (40000, 10001), b"\x01\0\0\0")) == {}  # a controller's question


# What does not matter, and what must not harm


def test_tags_are_taken_off_and_fragments_are_passed_over() -> None:
    frame = arp(NAS, NAS_IP)
    assert only(tagged(frame, 20)) == only(tagged(frame, 100, 20)) == only(frame)
    assert heard(tagged(frame, 1, 2, 3)) == {}
    for fragment in (0x2000, 0x0010, 0x3FFF):
        assert heard(udp(ROUTER, ROUTER_IP, (5678, 5678), MNDP, fragment=fragment)) == {}


def test_frames_that_do_not_matter_are_never_parsed() -> None:
    tcp = bytearray(udp(NAS, NAS_IP, (5353, 5353), b""))
    tcp[23] = 6
    for frame in (bytes(tcp), b"", b"\0" * 13, ethernet(NAS, 0x88B5, b"x"), udp(NAS, NAS_IP, (4000, 4001), b"x")):
        assert sift(frame) is None


def samples() -> list[bytes]:
    hello = lldp((1, b"\x04" + raw(NAS)), (2, b"\x05gi1"), (5, b"sw"), (8, b"\x05\x01" + bytes(4) + b"\x02\0\0\0\1\0"))
    cisco = ((1, b"sw"), (2, b"\0\0\0\1\1\1\xcc\0\4" + IPv4Address(NAS_IP).packed), (3, b"gi1"), (4, b"\0\0\0\x28"))
    cdp = b"\x02\xb4\0\0" + b"".join(struct.pack(">HH", kind, 4 + len(value)) + value for kind, value in cisco)
    edp = b"\1\0\0\x40\0\0\0\0\0\0" + raw(NAS) + b"\x99\1\0\7sw\0" + b"\x99\2\0\x24" + bytes(32)
    return [
        arp(NAS, NAS_IP), asks(NAS, option(12, b"nas"), option(55, b"\1\3"), option(81, b"\5\0\0\2pc\0")),
        udp(ROUTER, ROUTER_IP, (67, 68), dhcp(NAS, option(53, b"\5"), op=2, given=NAS_IP)),
        udp6(NAS, LOCAL6, (546, 547), b"\1\0\0\7" + values((1, bytes(14)), (16, bytes(10)), (39, b"\0\2pc\0"))),
        ipv6(ROUTER, "fe80::1", 58, advertisement(ROUTER, b"\x19\3" + bytes(22), b"\3\4" + bytes(30))),
        udp(NAS, NAS_IP, (137, 137), registration("PC", 0, NAS_IP)),
        udp(NAS, NAS_IP, (138, 138), browser(1, b"PC-ACCUEIL", b"\6\1", 3, b"x")),
        udp(NAS, NAS_IP, (5353, 5353), dns(("_a._tcp.local", 12, b"\1x\xc0\x0c"), ("x", 16, b"\1y"))),
        udp(NAS, NAS_IP, (5355, 5355), dns(("pc", 1, IPv4Address(NAS_IP).packed))),
        udp(PRINTER, PRINTER_IP, (3702, 3702), HELLO), udp(ROUTER, ROUTER_IP, (5678, 5678), MNDP),
        udp(NAS, NAS_IP, (10001, 10001), UBIQUITI_1), ethernet(NAS, 0x88CC, hello),
        udp(NAS, NAS_IP, (1900, 1900), b"NOTIFY * HTTP/1.1\r\nUSN: uuid:1\r\nSERVER: x\r\n\r\n"),
        snap(NAS, "00000c", 0x2000, cdp), snap(NAS, "00e052", 0x2000, cdp), snap(NAS, "00e02b", 0x00BB, edp),
        snap(NAS, "000081", 0x01A2, IPv4Address(NAS_IP).packed + b"\0\1\2\x0c\3\1"),
    ]  # fmt: skip


def test_every_protocol_has_a_sample() -> None:
    assert {packet.protocol for frame in samples() if (packet := sift(frame))} == {*READERS, "mdns"}
    assert all(name[:1] == b"\0" for name in SNAP)  # what the kernel's filter compares in one word


@pytest.mark.parametrize("frame", samples(), ids=lambda frame: getattr(sift(frame), "protocol", ""))
def test_no_bytes_raise_or_take_long(frame: bytes) -> None:
    dice = random.Random(frame)
    began = time.monotonic()
    for changed in (*(frame[:end] for end in range(len(frame))), *(_changed(frame, dice) for _ in range(400))):
        packet = sift(changed)
        if packet is not None and packet.protocol != "mdns":
            for mac, _ in READERS[packet.protocol](packet):
                assert not mac[0] & 1
                assert len(mac) == 6
        heard(changed)
    assert time.monotonic() - began < 5


def _changed(frame: bytes, dice: random.Random) -> bytes:
    raw_frame = bytearray(frame)
    for _ in range(dice.choice((1, 2, 8))):
        raw_frame[dice.randrange(12, len(frame))] = dice.choice((0, 1, 0x7F, 0x80, 0xC0, 0xFF, dice.randrange(256)))
    return bytes(raw_frame)


def test_names_from_the_wire_are_made_safe() -> None:
    network = only(asks(NAS, option(12, b"pc\x1b[2J<b>\xe2\x80\xae"), option(60, b"x" * 255)))
    assert network.hostname == "pc [2J<b>"


def test_a_flood_of_senders_is_bounded_and_said() -> None:
    ear = Hearing()
    for number in range(hearing.MOST_DEVICES + 1):
        ear.add(arp("00:11:32:" + raw_mac(number), str(IPv4Address("10.0.0.1") + number)))
    assert ear.full
    assert len(ear.devices()) == hearing.MOST_DEVICES


def test_inventions_are_bounded_in_all_and_said() -> None:
    ear = Hearing()
    for number in range(hearing.MOST_IN_ALL // 200 + 1):
        records = [("x._tcp.local", 16, b"\x08" + f"{number:04}{part:04}".encode()) for part in range(200)]
        ear.add(udp("00:11:32:" + raw_mac(number // 4), NAS_IP, (5353, 5353), dns(*records)))
    assert ear.full


def test_who_says_the_same_in_other_words_all_day_takes_no_room() -> None:
    ear = Hearing()
    for number in range(2_000):
        records = [("nas.local", 1, IPv4Address(NAS_IP).packed)] * (number % 200 + 1)
        ear.add(udp(NAS, NAS_IP, (5353, 5353), dns(*records)))
        ear.add(udp(NAS, NAS_IP, (1900, 1900), b"NOTIFY * HTTP/1.1\r\nSERVER: x\r\nBOOTID: %d\r\n\r\n" % number))
    (said,) = ear.devices().values()
    assert not ear.full
    assert not said.unread


def raw_mac(number: int) -> str:
    return f"{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def test_one_who_never_repeats_himself_is_bounded_and_said() -> None:
    ear = Hearing()
    for number in range(1_000):
        ear.add(asks(NAS, option(12, f"pc-{number}".encode())))
        ear.add(arp(NAS, f"10.0.{number >> 8}.{number & 255 or 1}"))
    said = ear.devices()[NAS]
    assert len((said.device.network or Network()).addresses or ()) <= hearing.MOST_ADDRESSES
    assert [line.fact for line in said.unread] == ["network.heard"]


def test_a_repetition_is_kept_once_and_one_sender_does_not_drown_the_others() -> None:
    kept = Kept()
    for number in range(MOST_EACH * 2):
        message = bytearray(dhcp(NAS, option(53, b"\1")))
        message[4:8] = number.to_bytes(4, "big")  # another transaction says nothing else
        kept.add(0, udp(NAS, "0.0.0.0", (68, 67), bytes(message)))
    assert kept.detail() == "1 frames kept"
    for number in range(MOST_EACH * 2):
        kept.add(0, asks(NAS, option(12, f"pc-{number}".encode())))
    kept.add(0, arp(PRINTER, PRINTER_IP))
    assert kept.detail() == f"{MOST_EACH + 1} frames kept, {MOST_EACH + 1} spared of who had said enough"
    assert not kept.full


def test_nobody_hides_what_it_hands_out_behind_what_it_says() -> None:
    said = [ipv6(NAS, "fe80::1", 58, bytes((135, *bytes(7))) + IPv6Address(number + 1).packed) for number in range(300)]
    said += [asks(NAS, option(12, b"pc-%d" % number)) for number in range(300)]
    reply = udp6(NAS, "fe80::1", (547, 546), b"\x07abc")
    offered = udp(NAS, NAS_IP, (67, 68), dhcp(PRINTER, option(53, b"\2"), op=2))
    kept, ear = Kept(), Hearing()
    for frame in (*said, ipv6(NAS, "fe80::1", 58, advertisement(NAS)), reply, offered):
        kept.add(0, frame)
        ear.add(frame)
    for found in (heard_in_body(kept.pcap()).devices, ear.devices()):
        network = found[NAS].device.network
        assert network is not None
        assert all((network.router_advertisement, network.dhcp6_server, network.dhcp_server))
    assert not kept.full
    for number in range(MOST_HANDED_OUT):
        kept.add(0, ipv6(NAS, "fe80::1", 58, advertisement(NAS, lifetime=number)))
    assert kept.full


def test_the_same_words_of_two_senders_are_two() -> None:
    first, second = (sift(udp(mac, NAS_IP, (5678, 5678), MNDP)) for mac in (NAS, PRINTER))
    assert isinstance(first, Packet)
    assert isinstance(second, Packet)
    assert content(first) != content(second)
