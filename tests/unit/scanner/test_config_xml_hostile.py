"""Hostile and broken configurations of pfSense and OPNsense: nothing raises, takes long, or passes for an answer."""

import random
import time

import pytest

from scanner.platforms import opnsense, pfsense
from scanner.platforms._config_xml_reader import GROUPS
from tests.truth import cases
from tests.unit.scanner.config_xml_samples import HTTPS, WAYS, doubts
from tests.unit.scanner.test_platforms import evidence
from tests.unit.scanner.test_platforms_fuzz import MIB, ROUNDS, SECONDS, SEED, assert_sound, mutated

COMMANDS = ((pfsense, pfsense.COMMANDS), (opnsense, opnsense.COMMANDS))
SAMPLES = [
    answer.body
    for case in cases()
    if case.platform.ID in ("pfsense", "opnsense") and case.name != "opnsense-many-vlans"
    for answer in case.answers
]
MANY = " ".join(f"198.51.{at}.0/25" for at in range(250))
HEAD = f"<pfsense><system><webgui><protocol>https</protocol></webgui><ipv6allow/></system>{WAYS}"
LISTS = "<aliases>" + "".join(
    f"<alias><name>a{at}</name><type>network</type><address>{' '.join(f'a{to}' for to in range(at + 1, at + 40))}"
    f"</address></alias>" for at in range(1000)
) + f"<alias><name>many</name><type>network</type><address>{MANY}</address></alias></aliases>"  # fmt: skip
RULE = (
    "<rule><interface>wan</interface><protocol>tcp</protocol><source><address>{}</address></source>"
    "<destination><any/></destination></rule>"
)
FORWARD = (
    "<rule><interface>wan</interface><protocol>tcp/udp</protocol><source><address>many</address></source><destination>"
    "<any/><port>{}</port></destination><target>192.168.1.9</target></rule>"
)
LARGE = {
    "elements": HEAD + "<a/>" * 200_000 + "</pfsense>",
    "too many elements": HEAD + "<a/>" * 250_000 + "</pfsense>",
    "depth": "<pfsense>" + "<a>" * 300_000,
    "text": f"<pfsense><a>{'x' * MIB}</a></pfsense>",
    "cut": HEAD + "<filter>" + RULE.format("many") * 5000,
    "rules": HEAD + LISTS + "<filter>" + RULE.format("many") * 4000 + "</filter></pfsense>",
    "aliases": HEAD + LISTS + "<filter>" + RULE.format("a1") * 3000 + "</filter></pfsense>",
    "forwards": HEAD + LISTS + "<nat>" + FORWARD.format("80") * 3000 + "</nat><filter>" + RULE.format("many") * 1000
    + "</filter></pfsense>",
    "ranges that rules cut": HEAD + LISTS + "<nat>" + FORWARD.format("1-65535") * 2000
    + "<onetoone><external>203.0.113.10</external><interface>wan</interface><source><address>192.168.1.10</address>"
    "</source><destination><any/></destination></onetoone>" * 128 + "</nat><filter>"
    + "".join(RULE.format("many").replace("<any/>", f"<any/><port>{1 + at % 120}</port>") for at in range(1000))
    + "</filter></pfsense>",
    "interfaces": "<opnsense><interfaces>"
    + "".join(f"<opt{at}><enable/><if>e{at}</if><ipaddr>10.{at // 250}.{at % 250}.1</ipaddr></opt{at}>"
              for at in range(9000))
    + "</interfaces><filter>"
    + "<rule><source><any/></source><destination><any/><port>1</port></destination></rule>" * 900
    + "</filter><system><webgui/><ssh><enabled/></ssh></system></opnsense>",
    "vlans": HEAD + "<vlans>" + "<vlan><if>a</if><tag>7</tag></vlan>" * 25_000 + "</vlans></pfsense>",
    "users": "<pfsense><system>" + "<group><name>g</name><gid>1</gid><member>1</member></group>" * 2000
    + "<user><name>u</name><uid>1</uid></user>" * 8000 + "</system></pfsense>",
    "gateways": HEAD + "<gateways>" + "<gateway_item><name>g</name><interface>wan</interface></gateway_item>" * 12_000
    + "</gateways></pfsense>",
    "peers": "<pfsense><installedpackages><wireguard><tunnels>" + "<item><name>t</name></item>" * 8000
    + "</tunnels><peers>" + "<item><tun>t</tun></item>" * 20_000 + "</peers></wireguard></installedpackages></pfsense>",
}  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_mutated_files(sample: bytes) -> None:
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        body = mutated(sample, chance)
        for platform, commands in COMMANDS:
            for command in commands:
                assert_sound(platform.read(evidence(f"exec {command}", body)), body)


@pytest.mark.parametrize("name", LARGE)
def test_large_files(name: str) -> None:
    body = LARGE[name].encode()
    for platform in (pfsense, opnsense):
        began = time.process_time()
        observation = platform.read(evidence("exec cat /conf/config.xml", body))
        assert time.process_time() - began < SECONDS
        assert_sound(observation, body)
        system = observation.device.system if observation else None
        assert len((system.interfaces if system else None) or ()) <= 128
        assert len((system.port_forwards if system else None) or ()) <= 512


@pytest.mark.parametrize(
    "text",
    [
        "",
        "permission denied",
        f"<pfsense><system>{HTTPS}</system>{WAYS}",
        f"<pfsense>{WAYS}</pfsense>garbage",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><pfsense><system><hostname>&a;</hostname></system></pfsense>",
        "<html><body/></html>",
        "<pfsense>" * 40 + "</pfsense>" * 40,
    ],
)
def test_a_broken_file_says_nothing(text: str) -> None:
    for platform in (pfsense, opnsense):
        observation = platform.read_config(text)
        assert observation.device.system is None
        assert doubts(observation) == {f"system.{group}" for group in GROUPS}


def test_one_maker_does_not_read_the_other() -> None:
    assert pfsense.read_config("<opnsense><system/></opnsense>").device.system is None
