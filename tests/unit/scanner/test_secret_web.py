"""What devices show to everybody may hold secrets too: none is kept, and every capture stays one."""

import struct
from ipaddress import IPv4Address

import dpkt
import pytest

from scanner.announced import read_mdns, read_ssdp
from scanner.evidence import Evidence, Request
from scanner.frames.saved import written
from scanner.secret_places import Places
from scanner.secret_settings import without_accounts
from scanner.secret_web import masked_capture, without_page_secrets
from scanner.upnp_place import own_place
from tests.unit.scanner.wire_samples import NOW, PRINTER, ROUTER, address, evidence, found, heard, response, service

SECRET = "Soleil2024"


@pytest.mark.parametrize(
    "text",
    [
        f"Set-Cookie: session={SECRET}; Path=/",
        f"Location: https://192.168.10.1/?token={SECRET}&v=1",
        f"Location: http://admin:{SECRET}@192.168.10.1/",
        f'WWW-Authenticate: Basic realm="psk={SECRET}"',
        f"X-Session-Token: {SECRET}",
        f"<title>Box password={SECRET}</title>",
        f"<title>Mot de passe : {SECRET}</title>",
        f'<input name="wlPskKey" value="{SECRET}">',
        f"<input value={SECRET} type=password>",
        f"<INPUT type='hidden' value='{SECRET}' name='x'>",
        f'var wifi_password="{SECRET}";',
        f"wifiPassword : '{SECRET}'",
        f'{{"wpaKey":"{SECRET}","channel":6}}',
        f'"{{\\"password\\":\\"{SECRET}\\"}}"',
        f"password=&quot;{SECRET}&quot;",
        f'<a href="/cfg?pw={SECRET}">',
    ],
)
def test_a_page_keeps_no_secret(text: str) -> None:
    page = f"HTTP/1.1 200 OK\r\n{text}\r\nlast"
    kept = without_page_secrets(page)
    assert SECRET not in kept
    assert kept.startswith("HTTP/1.1 200 OK\r\n")
    assert kept.endswith("last")


@pytest.mark.parametrize(
    "text",
    [
        "Server: nginx/1.22.1",
        "Location: https://192.168.10.1:8443/login.html?lang=fr",
        'WWW-Authenticate: Basic realm="Livebox"',
        "<title>NAS - Password required</title>",
        '<input type="text" name="user" value="admin">',
        "Strict-Transport-Security: max-age=31536000",
    ],
)
def test_what_a_page_says_of_its_device_stays(text: str) -> None:
    assert without_page_secrets(text) == text


def test_a_capture_of_announcements_keeps_no_secret_and_its_lengths() -> None:
    parts = service("_ipp._tcp", "Imprimante", "imp", 631, f"password={SECRET}", "ty=Brother", "note=key")
    body = heard((PRINTER, 5353, response(*parts, address("imp", PRINTER))))
    kept = masked_capture(body, "mdns")
    assert SECRET.encode() not in kept
    assert len(kept) == len(body)
    network = read_mdns(evidence("mdns", kept))[IPv4Address(PRINTER)].observation.device.network
    assert network is not None
    assert network.mdns is not None
    assert network.mdns[0].text == ("password=" + "*" * len(SECRET), "ty=Brother", "note=key")


def test_a_torn_announcement_keeps_no_secret() -> None:
    torn = response(*service("_ipp._tcp", "x", "imp", 631, f"password={SECRET}"), count=9)
    assert SECRET.encode() not in masked_capture(heard((PRINTER, 5353, torn)), "mdns")


def test_a_search_answer_keeps_no_secret() -> None:
    body = heard((ROUTER, 1900, found(f"http://{ROUTER}:80/d.xml?pw={SECRET}", server=f"Box/1 psk={SECRET}")))
    kept = masked_capture(body, "ssdp")
    assert SECRET.encode() not in kept
    assert len(kept) == len(body)


def test_a_place_is_asked_as_it_is_and_told_as_it_is_kept() -> None:
    """The question that is kept shows no secret, and is the one that a replay of what is kept asks."""
    real = f"http://{ROUTER}:80/d.xml?pw={SECRET}"
    body = heard((ROUTER, 1900, found(real)))
    heard_, kept = evidence("ssdp", body), evidence("ssdp", masked_capture(body, "ssdp"))
    places = Places()
    places.announced(heard_, kept)
    (url,) = read_ssdp(kept)[IPv4Address(ROUTER)].locations
    place = own_place(url, IPv4Address(ROUTER))
    ask = f"description {place}"
    assert SECRET not in ask
    assert places.real(ask) == f"description {real}"
    assert places.real("description http://192.168.10.1:80/") == "description http://192.168.10.1:80/"

    control = f"/ctl?token={SECRET}"
    lines = (
        "<root>", "<device>", "<serviceList>", "<service>",
        "<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>",
        f"<controlURL>{control}</controlURL>", "</service>", "</serviceList>", "</device>", "</root>",
    )  # fmt: skip
    said = "\n".join(lines)
    request = Request("upnp", ROUTER, ask)
    places.described(
        Evidence(Request("upnp", ROUTER, f"description {real}"), "done", NOW, said.encode()),
        Evidence(request, "done", NOW, without_page_secrets(said).encode()),
    )
    shown = f"mappings WANIPConnection:1 http://{ROUTER}:80/ctl?token=REDACTED"
    assert places.real(shown) == f"mappings WANIPConnection:1 http://{ROUTER}:80{control}"


def test_the_same_answer_twice_keeps_no_secret_twice() -> None:
    answer = found(f"http://{ROUTER}:80/d.xml?token={SECRET}")
    for source in ("ssdp", "capture"):
        assert SECRET.encode() not in masked_capture(heard((ROUTER, 1900, answer), (ROUTER, 1900, answer)), source)


MAC, OTHER = b"\x02\0\0\0\0\1", b"\x02\0\0\0\0\2"
URL = f"http://admin:{SECRET}@192.168.10.1/boot".encode()


def udp4(port: int, payload: bytes) -> bytes:
    udp = dpkt.udp.UDP(sport=port, dport=port, data=payload, ulen=8 + len(payload))
    packet = dpkt.ip.IP(src=b"\xc0\xa8\x0a\x01", dst=b"\xff" * 4, p=17, data=udp)
    packet.len = 28 + len(payload)
    return OTHER + MAC + b"\x08\0" + bytes(packet)


def udp6(port: int, payload: bytes) -> bytes:
    datagram = struct.pack(">HHHH", port, port, 8 + len(payload), 0) + payload
    return OTHER + MAC + b"\x86\xdd\x60\0\0\0" + struct.pack(">HBB", len(datagram), 17, 1) + b"\xfe\x80" * 16 + datagram


@pytest.mark.parametrize(
    "frame",
    [
        udp4(67, bytes(236) + b"\x63\x82\x53\x63\x35\x01\x05\x42" + bytes((len(URL),)) + URL + b"\x0c\x03nas\xff"),
        udp4(3702, f"<XAddrs>http://192.168.10.7/onvif?token={SECRET}</XAddrs>".encode()),
        udp6(1900, found(f"http://[fe80::1]/d.xml?pw={SECRET}")),
        b"\x01\x80\xc2\0\0\x0e" + MAC + b"\x88\xcc\x0c\x19" + f"password={SECRET}".encode() + b"\0\0",
        OTHER + MAC + b"\x81\0\0\x0a" + udp4(1900, f"X: password={SECRET}".encode())[12:],
    ],
    ids=["dhcp", "ws-discovery", "ssdp6", "lldp", "vlan"],
)  # fmt: skip
def test_a_capture_keeps_no_secret_of_any_protocol(frame: bytes) -> None:
    body = written([(1.0, frame)])
    kept = masked_capture(body, "capture")
    assert SECRET.encode() in body
    assert SECRET.encode() not in kept
    assert len(kept) == len(body)
    assert kept[:40] == body[:40]


@pytest.mark.parametrize("cut", range(0, 120, 7))
def test_a_capture_cut_anywhere_is_masked_all_the_same(cut: int) -> None:
    body = written([(1.0, udp4(1900, f"X: password={SECRET}".encode()))] * 2)
    assert len(masked_capture(body[:cut], "capture")) == cut
    assert SECRET.encode() not in masked_capture(body[: len(body) - cut], "capture")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("ftp://cabinet:So@leil@192.168.10.1/x", "ftp://REDACTED@192.168.10.1/x"),
        ("ftp://cabinet:So/leil@192.168.10.1/x", "ftp://REDACTED@192.168.10.1/x"),
        ("smb://cabinet:S/o@leil@nas/partage", "smb://REDACTED@nas/partage"),
        (r"https:\/\/cabinet:So\/leil@nas\/", r"https:\/\/REDACTED@nas\/"),
        ("ftp://a:Soleil@b,ftp://c:Lune@d", "ftp://REDACTED@b,ftp://REDACTED@d"),
        ("http://a:Soleil@b/mail/c@d http://b?m=e", "http://REDACTED@b/mail/c@d http://b?m=e"),
        ("http://nas:5001/mail/a@b", "http://nas:5001/mail/a@b"),
        ("http://[fe80::1]/mail/a@b", "http://[fe80::1]/mail/a@b"),
    ],
)
def test_an_account_in_a_url_goes_whatever_its_password_holds(url: str, kept: str) -> None:
    assert without_accounts(url) == kept
    assert without_accounts(kept) == kept
