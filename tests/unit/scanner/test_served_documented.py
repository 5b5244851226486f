"""Routers of which only the documents are to be had, played by a real SSH server that speaks as they say."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from inventory.device import Declared, Device
from inventory.network import Network, Port, SnmpSeen
from inventory.site import Credential
from inventory.system import System
from scanner import settings
from scanner.asking import Asking
from scanner.known_hosts import KnownHosts
from scanner.logins import Logins
from scanner.platforms import Platform, draytek_vigor, stormshield_sns
from scanner.secret_store import SecretStore
from tests.truth import cases
from tests.unit.scanner.consoles import PASSWORD, USER, Console, Talk, console, dialogue
from tests.unit.scanner.sites import SITE
from tests.unit.scanner.test_served_shell import Door, recorded

DECLARED = Declared("routeur", "router", "practice", "professional")
VIGOR = Device(
    id="00:1d:aa:00:00:02",
    declared=DECLARED,
    network=Network(ports=(Port(22, service="ssh", banner="SSH-2.0-DraySSH_2.0"),)),
)
SNS = replace(VIGOR, network=Network(snmp=SnmpSeen("v3", "NS-BSD SN160A0000A0A0A0 arm", "1.3.6.1.4.1.11256.2.0")))
# As both guides show it; DrayOS rubs it out once it is answered.
PAGER = "--- MORE ---   ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page] ---"


def answers(name: str) -> dict[str, str]:
    """What a device of a recording answers to each command."""
    (case,) = (item for item in cases() if item.name == name)
    return {item.request.ask.partition(" ")[2]: item.text for item in case.answers}


def truth(name: str) -> System:
    """What a person reads in a recording."""
    (case,) = (item for item in cases() if item.name == name)
    return case.system


def visit(device: Device, talk: Talk, folder: Path) -> tuple[System, list[str]]:
    """What a visit with one login finds, and what it asked."""
    (folder / "secret").write_text(PASSWORD)
    (folder / "secret").chmod(0o600)
    with console(talk) as (port, doors):
        credential = Credential("c", "ssh", (DECLARED.name,), user=USER, password="file:secret", port=port)
        site = replace(SITE, credentials=(credential,), devices=(DECLARED,))
        logins = Logins(site, SecretStore(folder), KnownHosts(folder), lambda *_: True, lambda: False)
        door = Door(logins, device)
        asking = Asking(site, door, device, IPv4Address("127.0.0.1"))
        settings.ssh(asking)
        logins.close()
    assert len(doors) == 1
    assert len(doors[0].tries) == 1
    assert asking.known.system is not None
    return asking.known.system, [ask.removeprefix("shell ") for ask in door.asked]


def test_a_visit_to_a_vigor_finds_what_its_guide_shows(tmp_path: Path) -> None:
    talk = dialogue("DrayTek> ", answers("draytek_vigor-forms"), greeting="\n", page=8, pager=PAGER, erase="\r\x1b[K")
    system, asked = visit(VIGOR, talk, tmp_path)
    expected = truth("draytek_vigor-forms")
    assert asked == ["host-key", *(item for item in draytek_vigor.COMMANDS if item not in draytek_vigor.INSTEAD)]
    assert system.identity == expected.identity
    assert set(system.port_forwards or ()) == set(expected.port_forwards or ())
    assert system.dmz == expected.dmz
    assert system.upnp == expected.upnp
    assert set(system.admin or ()) == set(expected.admin or ())


def of_a_shell(prompt: str, known: Mapping[str, str], unknown: str) -> Talk:
    """A device that answers every other command in its own words."""

    def talk(at: Console) -> None:
        at.say(prompt)
        while True:
            command = at.line()
            at.say(f"{command}\r\n" + known.get(command, unknown if command else "").replace("\n", "\r\n") + prompt)

    return talk


def test_the_console_of_a_firewall_is_read_at_one_stroke(tmp_path: Path) -> None:
    known = answers("stormshield_sns-console")
    system, asked = visit(SNS, of_a_shell("SN160A0000A0A0A0>", known, "Command not found.\n"), tmp_path)
    assert asked == ["host-key", stormshield_sns.CONSOLE]
    expected = truth("stormshield_sns-console")
    assert set(system.port_forwards or ()) == set(expected.port_forwards or ())
    assert system.firewall == expected.firewall


def test_serverd_is_asked_where_there_is_no_console(tmp_path: Path) -> None:
    known = answers("stormshield_sns-serverd")
    talk = of_a_shell("SRPClient>", known, '200 code=00500100 msg="Command not found"\n')
    system, asked = visit(SNS, talk, tmp_path)
    assert asked == ["host-key", *stormshield_sns.COMMANDS]
    expected = truth("stormshield_sns-serverd")
    assert replace(system, platform=None) == replace(
        expected, interfaces=system.interfaces, vpn=system.vpn, identity=system.identity
    )
    assert set(system.vpn or ()) == set(expected.vpn or ())
    assert system.identity == expected.identity
    assert system.port_forwards is None
    assert system.admin is None


@pytest.mark.parametrize(
    ("platform", "name"), [(draytek_vigor, "draytek_vigor-forms"), (stormshield_sns, "stormshield_sns-serverd")]
)
def test_recording_what_a_recording_serves_gives_the_same_recording(
    platform: Platform, name: str, tmp_path: Path
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
        recorded(platform, answers(name), folder, pager=PAGER, asks=False, prompt="cabinet>")
    first, second = (
        {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} for folder in folders
    )
    assert first == second
