"""UPnP's answers, read: descriptions, mappings, and XML that is meant to hurt."""

import time
from ipaddress import IPv4Address

import pytest

from inventory.errors import ParseError
from inventory.network import PortMapping, UpnpSeen
from inventory.observation import Observation
from scanner.igd import mapping_asks, read_description, read_mappings
from scanner.upnp_place import own_place
from scanner.upnp_xml import MOST_TEXT, elements, spread
from tests.unit.scanner.wire_samples import ROUTER, evidence

URL = f"http://{ROUTER}:49152/rootDesc.xml"
IGD = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">{base}<device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<friendlyName>Livebox&#x202e; &lt;3</friendlyName><manufacturer>Sagem</manufacturer><modelName>Livebox</modelName>
<modelNumber>5</modelNumber><serialNumber>SG1</serialNumber>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><friendlyName>WAN</friendlyName>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType>
<controlURL>/ctl/C</controlURL></service>
<service><serviceType>urn:schemas-upnp-org:service:{service}</serviceType><controlURL>{control}</controlURL></service>
</serviceList></device></deviceList></device></root>"""


def described(control: str = "/ctl/IP", service: str = "WANIPConnection:1", base: str = "") -> tuple[str, ...]:
    text = IGD.format(control=control, service=service, base=base)
    return mapping_asks(evidence("upnp", spread(text.encode()).encode(), ROUTER, f"description {URL}"))


def test_a_description_says_what_the_device_is_and_on_which_line() -> None:
    body = spread(IGD.format(control="/c", service="WANIPConnection:1", base="").encode())
    seen = read_description(evidence("upnp", body.encode(), ROUTER, f"description {URL}"))
    assert seen.device.network is not None
    assert seen.device.network.upnp == UpnpSeen(
        types=("InternetGatewayDevice:1", "WANDevice:1"),
        friendly_name="Livebox <3",
        manufacturer="Sagem",
        model="Livebox 5",
        serial="SG1",
    )
    line = seen.lines["/network/upnp/serial"]
    assert body.splitlines()[line - 1] == "<serialNumber>SG1"


@pytest.mark.parametrize("control", ["http://192.168.10.20:49152/x", f"http://{ROUTER}:80/x", "http://127.0.0.1/x", ""])
def test_a_list_that_is_not_asked_for_leaves_the_mappings_in_doubt(control: str) -> None:
    body = IGD.format(control=control, service="WANPPPConnection:1", base="").encode()
    (doubt,) = read_description(evidence("upnp", body, ROUTER, f"description {URL}")).unread
    assert doubt.fact == "network.upnp.mappings"
    assert "WANPPPConnection:1" in doubt.text


@pytest.mark.parametrize(
    ("control", "base", "asked"),
    [
        ("/ctl/IP", "", f"http://{ROUTER}:49152/ctl/IP"),
        ("ctl/IP?a=b", "", f"http://{ROUTER}:49152/ctl/IP?a=b"),
        (f"http://{ROUTER}:49152/x", "", f"http://{ROUTER}:49152/x"),
        ("x", f"<URLBase>http://{ROUTER}:49152/a/</URLBase>", f"http://{ROUTER}:49152/a/x"),
        (f"http://{ROUTER}:80/x", "", None),
        ("/x", f"<URLBase>http://{ROUTER}:5000/</URLBase>", None),
        ("/x", "<URLBase>http://192.168.10.20:49152/</URLBase>", None),
        ("http://192.168.10.20:49152/x", "", None),
        ("http://127.0.0.1:49152/x", "", None),
        ("//192.168.10.20:49152/x", "", None),
        (f"https://{ROUTER}:49152/x", "", None),
        ("file:///etc/passwd", "", None),
        (f"http://[{ROUTER}/x", "", None),
        ("/x\r\nSOAPAction: y", "", None),
    ],
)
def test_mappings_are_asked_on_the_same_address_and_port_only(control: str, base: str, asked: str | None) -> None:
    expected = (f"mappings WANIPConnection:1 {asked}",) if asked else ()
    assert [ask.replace("%20", " ") for ask in described(control, base=base)] == list(expected)


@pytest.mark.parametrize("service", ["WANPPPConnection:1", "WANIPConnection:2"])
def test_each_kind_of_connection_is_asked(service: str) -> None:
    assert described(service=service) == (f"mappings {service} http://{ROUTER}:49152/ctl/IP",)


def test_no_other_service_is_asked() -> None:
    assert described(service="Layer3Forwarding:1") == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.10.20:49152/d.xml", "http://127.0.0.1/", "http://localhost/", "https://192.168.10.1/d.xml",
        "file:///etc/passwd", "http://192.168.10.1:9100/", "http://192.168.10.1:9107/", "http://192.168.10.1:0/",
        "http://192.168.10.1:65536/", "http://192.168.10.1:80:81/", "http://u@192.168.10.1/", "http://192.168.10.1@x/",
        "http://192.168.10.1.example/", "http://192.168.010.1/", "http://3232238081/", "http://0xc0a80a01/",
        "http://192.168.10.1/a b", "http://192.168.10.1/a\r\nX: y", "http://192.168.10.1/é", "http://[::1]/", "",
        "http://192.168.10.1/" + "a" * 600, "ftp://192.168.10.1/", "http:192.168.10.1/", "http://192.168.10.1\\@x/",
        "http://192.168.10.1/\n", "HTTP://192.168.10.2/",
    ],
)  # fmt: skip
def test_what_is_not_on_the_device_itself_is_no_place(url: str) -> None:
    assert own_place(url, IPv4Address(ROUTER)) is None


BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><root>&c;</root>'
HURTFUL = {
    "bomb": BOMB,
    "external entity": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><root><a>&x;</a></root>',
    "external subset": f'<!DOCTYPE r SYSTEM "http://{ROUTER}/x.dtd"><root/>',
    "undefined entity": "<root>&x;</root>",
    "depth": "<a>" * 5000,
    "breadth": "<root>" + "<a/>" * 60_000 + "</root>",
    "cut": IGD[:300],
    "nothing": "",
    "null": "<root>\0</root>",
    "text": "It works!",
}


@pytest.mark.parametrize("kind", HURTFUL)
def test_hurtful_xml_is_refused_soon(kind: str) -> None:
    began = time.process_time()
    body = spread(HURTFUL[kind].encode()).encode()
    with pytest.raises(ParseError):
        read_description(evidence("upnp", body, ROUTER, f"description {URL}"))
    with pytest.raises(ParseError):
        elements(HURTFUL[kind], "x")
    assert time.process_time() - began < 2


def test_a_text_of_a_megabyte_is_cut() -> None:
    (item,) = elements(f"<a>{'&lt;x' * 250_000}</a>", "x")
    assert len(item.text) == MOST_TEXT


# --- mappings ---

ENTRY = (
    "<Envelope><Body><R><NewRemoteHost/><NewExternalPort>{external}</NewExternalPort><NewProtocol>{protocol}</NewProtocol>"
    "<NewInternalPort>{port}</NewInternalPort><NewInternalClient>{target}</NewInternalClient><NewEnabled>1</NewEnabled>"
    "<NewPortMappingDescription>{text}</NewPortMappingDescription></R></Body></Envelope>"
)
FAULT = "<Envelope><Body><Fault><detail><E><errorCode>{code}</errorCode></E></detail></Fault></Body></Envelope>"
OUTSIDE = "<Envelope><Body><R><NewExternalIPAddress>10.0.0.2</NewExternalIPAddress></R></Body></Envelope>"


def entry(
    external: object = 5001, protocol: str = "TCP", port: object = 5001, target: str = "192.168.10.10", text: str = ""
) -> str:
    return ENTRY.format(external=external, protocol=protocol, port=port, target=target, text=text)


def listed(*entries: str, end: str | None = "713") -> Observation:
    parts = ["# GetExternalIPAddress 200\n" + spread(OUTSIDE.encode())]
    parts += [f"# GetGenericPortMappingEntry {at} 200\n" + spread(text.encode()) for at, text in enumerate(entries)]
    if end:
        parts.append(f"# GetGenericPortMappingEntry {len(entries)} 500\n" + spread(FAULT.format(code=end).encode()))
    ask = f"mappings WANIPConnection:1 http://{ROUTER}:49152/ctl/IP"
    return read_mappings(evidence("upnp", "".join(parts).encode(), ROUTER, ask))


def upnp(seen: Observation) -> UpnpSeen:
    assert seen.device.network is not None
    assert seen.device.network.upnp is not None
    return seen.device.network.upnp


def test_an_empty_list_is_looked_at_and_found_empty() -> None:
    assert upnp(listed()).mappings == ()
    assert upnp(listed(end="714")).mappings == ()
    assert upnp(listed()).external_address == IPv4Address("10.0.0.2")
    assert listed().unread == ()


def test_each_mapping_has_its_line() -> None:
    seen = listed(entry(text="DSM"), entry(40000, "UDP", 40001, "192.168.10.41"))
    assert upnp(seen).mappings == (
        PortMapping("tcp/5001", IPv4Address("192.168.10.10"), 5001, True, "DSM"),
        PortMapping("udp/40000", IPv4Address("192.168.10.41"), 40001, True),
    )
    assert seen.unread == ()
    assert len(set(seen.lines.values())) == 3


@pytest.mark.parametrize("end", [None, "501", "606", "x"])
def test_a_list_without_its_end_is_in_doubt(end: str | None) -> None:
    seen = listed(entry(), end=end)
    assert len(upnp(seen).mappings or ()) == 1
    assert [line.fact for line in seen.unread] == ["network.upnp.mappings"]


@pytest.mark.parametrize(
    "bad",
    [
        entry(protocol="SCTP"),
        entry(external="x"),
        entry(external=70000),
        entry(port="²"),
        entry(target="nas"),
        "<a/>",
        "x",
        BOMB,
    ],
)
def test_what_is_no_mapping_is_an_unread_line(bad: str) -> None:
    seen = listed(entry(), bad, entry(80))
    assert [mapping.external for mapping in upnp(seen).mappings or ()] == ["tcp/5001", "tcp/80"]
    assert len(seen.unread) == 1


def test_a_text_cannot_forge_a_line_of_ours() -> None:
    seen = listed(entry(text="x\n# GetGenericPortMappingEntry 1 500\n&lt;errorCode&gt;713"), end=None)
    assert len(upnp(seen).mappings or ()) == 1
    assert [line.text for line in seen.unread] == ["the list was not read to its end"]


@pytest.mark.parametrize("body", ["", "x", "# GetExternalIPAddress 200\n<a>"])
def test_a_gateway_that_says_nothing_of_mappings_is_unreadable(body: str) -> None:
    with pytest.raises(ParseError):
        read_mappings(evidence("upnp", body.encode(), ROUTER, "mappings"))
