"""1:1 NAT, the battery, and the copies of the configuration, in config.xml of both makers."""

from typing import Any

import pytest

from inventory.document import to_json
from inventory.storage import Ups
from tests.unit.scanner.config_xml_samples import HTTPS, alias, doubts, rule, seen, told

OUTER = "<external>203.0.113.10</external><interface>wan</interface>"
INNER = "<source><address>192.168.1.10</address></source><destination><any/></destination>"
PAIR = f"<onetoone>{OUTER}{INNER}<descr>serveur</descr></onetoone>"
NEWER = (
    "<OPNsense><Firewall><Filter><onetoone><rule uuid='a'><enabled>1</enabled><interface>wan</interface>"
    "<type>binat</type><source_net>192.168.1.10/32</source_net><destination_net>any</destination_net>"
    "<external>203.0.113.10</external></rule></onetoone></Filter></Firewall></OPNsense>"
)
HOST = "<address>192.168.1.10</address>"


def pairs(pair: str, rules: str, product: str = "pfsense", more: str = "") -> list[str]:
    found = told(f"<nat>{pair}</nat><filter>{rules}</filter>{more}", product).port_forwards or ()
    return [
        f"{item.external}>{item.target}{'' if item.enabled else ' off'}"
        f"{''.join(f' from {one}' for one in item.source_filter or ())}"
        f" to {' '.join(map(str, item.destination_filter or ()))}"
        for item in found
    ]


OFF = [f"{kind}/1-65535>192.168.1.10 off to 203.0.113.10/32" for kind in ("tcp", "udp")]


@pytest.mark.parametrize(
    ("pair", "rules", "expected"),
    [
        (PAIR, rule(HOST, "443"), ["tcp/443>192.168.1.10 to 203.0.113.10/32"]),
        (PAIR, rule(HOST, "5000-5001"), ["tcp/5000-5001>192.168.1.10 to 203.0.113.10/32"]),
        (PAIR, rule("<any/>").replace("<protocol>tcp</protocol>", ""),
         [f"{kind}/1-65535>192.168.1.10 to 203.0.113.10/32" for kind in ("tcp", "udp")]),
        (PAIR, rule(HOST, "443", "<address>198.51.100.7</address>"),
         ["tcp/443>192.168.1.10 from 198.51.100.7/32 to 203.0.113.10/32"]),
        (PAIR, "", OFF),
        (PAIR, rule(HOST, "443", more="<disabled/>"), OFF),
        (PAIR, rule(HOST, more="<type>block</type>") + rule(HOST, "443"), OFF),
        (PAIR, rule(HOST, "443", interface="lan"), OFF),
        (PAIR.replace("<descr>", "<disabled/><descr>"), rule(HOST, "443"), OFF),
        ("<onetoone/>", rule(HOST, "443"), []),
        # What keeps out some ports only leaves the rest of a rule's open.
        (PAIR, rule(HOST, "1-1024", more="<type>block</type>") + rule(HOST),
         ["tcp/1025-65535>192.168.1.10 to 203.0.113.10/32"]),
        (PAIR, rule(HOST, "1", more="<type>block</type>") + rule(HOST, "1-65535"),
         ["tcp/2-65535>192.168.1.10 to 203.0.113.10/32"]),
        (PAIR, rule("<address>192.168.1.11</address>", "1-1024", more="<type>block</type>") + rule(HOST),
         ["tcp/1-65535>192.168.1.10 to 203.0.113.10/32"]),
        (PAIR, rule(HOST, "80", more="<type>block</type>") + rule(HOST, "79-81", "<address>198.51.100.7</address>"),
         ["tcp/79>192.168.1.10 from 198.51.100.7/32 to 203.0.113.10/32",
          "tcp/81>192.168.1.10 from 198.51.100.7/32 to 203.0.113.10/32"]),
    ],
)  # fmt: skip
def test_an_outer_address_that_is_an_inner_host(pair: str, rules: str, expected: list[str]) -> None:
    assert pairs(pair, rules) == expected


def test_the_pairs_of_the_newer_interface() -> None:
    assert pairs("", rule(HOST, "443"), "opnsense", NEWER) == ["tcp/443>192.168.1.10 to 203.0.113.10/32"]
    off = NEWER.replace("<enabled>1", "<enabled>0")
    assert pairs("", rule(HOST, "443"), "opnsense", off) == OFF


@pytest.mark.parametrize(
    "pair",
    [
        PAIR.replace("192.168.1.10", "192.168.1.0/24"),
        PAIR.replace("192.168.1.10", "2001:db8::1"),
        PAIR.replace("<interface>wan", "<interface>opt9"),
        PAIR.replace("<address>192.168.1.10", "<not/><address>192.168.1.10"),
        f"<onetoone>{OUTER}</onetoone>",
    ],
)
def test_pairs_that_are_not_told(pair: str) -> None:
    found = seen(f"<nat>{pair}</nat><filter>{rule(HOST, '443')}</filter>")
    assert doubts(found) == {"system.port_forwards"}
    assert found.device.system is not None
    assert found.device.system.port_forwards is None


def test_a_pair_whose_rule_is_about_names_is_not_told() -> None:
    named = f"<aliases>{alias('qui', 'host', 'support.example.net')}</aliases>"
    rules = rule(HOST, "443", "<address>qui</address>")
    assert "system.port_forwards" in doubts(seen(f"<nat>{PAIR}</nat><filter>{rules}</filter>{named}"))


@pytest.mark.parametrize(
    ("body", "product", "expected"),
    [
        ("<installedpackages><nut><config><type>local_usb</type><name>ups</name></config></nut></installedpackages>",
         "pfsense", Ups(connected=True, shutdown=True)),
        ("<installedpackages><nut><config><type>disabled</type></config></nut></installedpackages>",
         "pfsense", Ups(connected=False)),
        ("<installedpackages><nut><config><monitor>local</monitor></config></nut></installedpackages>",
         "pfsense", Ups(connected=True, shutdown=True)),
        ("", "pfsense", None),
        ("<OPNsense><Nut><general><enable>1</enable></general><usbhid><enable>1</enable></usbhid></Nut></OPNsense>",
         "opnsense", Ups(connected=True, shutdown=True)),
        ("<OPNsense><Nut><general><enable>1</enable></general><usbhid><enable>0</enable></usbhid></Nut></OPNsense>",
         "opnsense", Ups(connected=False)),
        ("<OPNsense><Nut><general><enable>0</enable></general><usbhid><enable>1</enable></usbhid></Nut></OPNsense>",
         "opnsense", Ups(connected=False)),
    ],
)  # fmt: skip
def test_the_battery(body: str, product: str, expected: Ups | None) -> None:
    assert told(body, product).ups == expected


def test_the_package_that_pfsense_had_for_copies() -> None:
    config = "<config><enable_acb>enabled</enable_acb><password>Soleil</password></config>"
    found = told(f"<installedpackages><autoconfigbackup>{config}</autoconfigbackup></installedpackages>").backups
    assert to_json(found[0] if found else None) == {
        "name": "AutoConfigBackup", "target": "portal.pfsense.org", "enabled": True, "encrypted": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "product", "expected"),
    [
        ("<acb><enable>yes</enable><frequency>cron</frequency><minute>5</minute><hours>2</hours></acb>", "pfsense",
         {"name": "AutoConfigBackup", "target": "acb.netgate.com", "enabled": True, "encrypted": True,
          "schedule": "5 2 * * *"}),
        ("<acb><enable>no</enable><frequency>every</frequency></acb>", "pfsense",
         {"name": "AutoConfigBackup", "target": "acb.netgate.com", "enabled": False, "encrypted": True,
          "schedule": "every"}),
        ("<remotebackup><GDriveEnabled>on</GDriveEnabled><GDrivePassword>Soleil</GDrivePassword></remotebackup>",
         "opnsense", {"name": "Google Drive", "target": "drive.google.com", "enabled": True, "encrypted": True}),
        ("<backup><nextcloud><enabled>1</enabled><url>https://u:Soleil2024@nuage.example.net/</url></nextcloud></backup>",
         "opnsense", {"name": "nextcloud", "target": "nuage.example.net", "enabled": True}),
        ("<backup><git><enabled>0</enabled><url>ssh://[</url></git></backup>",
         "opnsense", {"name": "git", "enabled": False}),
        ("<acb/><backup/><remotebackup/>", "opnsense", None),
    ],
)  # fmt: skip
def test_copies_of_the_configuration(settings: str, product: str, expected: dict[str, Any] | None) -> None:
    found = told("", product, HTTPS + settings).backups
    assert to_json(found[0] if found else None) == expected
