"""A recording is a device: its command line, played by a real SSH server and recorded again, gives the same one."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from inventory.device import Declared, Device
from inventory.network import Network, Port
from inventory.observation import attributed, merge
from inventory.site import Credential
from scanner import settings
from scanner.asking import Asking
from scanner.evidence import Evidence, Request
from scanner.known_hosts import KnownHosts
from scanner.logins import Logins
from scanner.platforms import Platform, cisco_ios, cisco_s300, fortinet
from scanner.secret_store import SecretStore
from scanner.transport import BODIES, INDEX, Recording, Replay
from scanner.wire.ssh import Login, Session
from tests.unit.scanner.consoles import PASSWORD, USER, Console, console, dialogue
from tests.unit.scanner.sites import SITE
from tests.unit.scanner.test_wire_ssh import anyone

RECORDINGS = Path(__file__).parents[2] / "recordings"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TARGET = "192.0.2.1"


class Served:
    """The questions put to the server on loopback, and its answers as a visit would keep them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def send(self, request: Request) -> Evidence:
        answer = self._session.converse(request.ask.removeprefix("shell "))
        body = SecretStore(Path()).redacted(answer.body.decode()).encode()
        return Evidence(request, answer.status, NOW, body, answer.detail)


def recorded(
    platform: Platform, answers: dict[str, str], folder: Path, *, pager: str, asks: bool, prompt: str
) -> list[Request]:
    """Record a device that answers so; one that `asks` who comes in its shell, as small switches do."""
    play = dialogue(prompt, answers, greeting="Authorised staff only\n", page=24, pager=pager, erase="\r\x1b[K")

    def talk(at: Console) -> None:
        if asks:
            at.say("\r\n\r\nUser Name:")
            at.say(f"{at.line()}\r\nPassword:")
            assert at.line() == PASSWORD
            at.say("\r\n\r\n")
        play(at)

    requests = [Request("ssh", TARGET, f"shell {command}") for command in platform.COMMANDS if command in answers]
    with (
        console(talk, none=asks) as (port, _),
        Session("127.0.0.1", Login(USER, password=PASSWORD), None, anyone, port, interface="lo") as session,
    ):
        recording = Recording(Served(session), folder)
        for request in requests:
            recording.send(request)
        recording.finish()
    return requests


@pytest.mark.parametrize(
    ("platform", "name", "pager", "asks", "prompt"),
    [
        (cisco_ios, "cisco_ios-c9200l-17.09", " --More-- ", False, "device#"),
        (cisco_s300, "cisco_s300-1.3.7", "More: <space>,  Quit: q or CTRL+Z, One line: <return> ", True, "device#"),
        # Of an administrator who may only read, the prompt ends in a dollar sign.
        (fortinet, "fortinet-91g-7.4.7", "--More-- ", False, "TEST-FW1234 $ "),
    ],
)
def test_recording_what_a_recording_serves_gives_the_same_recording(
    platform: Platform, name: str, pager: str, asks: bool, prompt: str, tmp_path: Path
) -> None:
    folder = RECORDINGS / name
    texts = {file.stem: file for file in folder.iterdir() if file.suffix in (".txt", ".conf")}
    answers = {command: texts[stem].read_text() for command in platform.COMMANDS
               if (stem := command.replace(" ", "-")) in texts}  # fmt: skip
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    requests = recorded(platform, answers, first, pager=pager, asks=asks, prompt=prompt)
    kept = {item.ask.removeprefix("shell "): Replay(first).send(item) for item in requests}
    assert {evidence.status for evidence in kept.values()} == {"done"}
    again = {command: evidence.text for command, evidence in kept.items()}
    recorded(platform, again, second, pager=pager, asks=asks, prompt=prompt)
    assert (second / INDEX).read_text() == (first / INDEX).read_text()
    for body in (first / BODIES).iterdir():
        assert body.read_bytes() == (second / BODIES / body.name).read_bytes()
    read = [(item, platform.read(item)) for item in map(Replay(second).send, requests)]
    found = merge(attributed(told, item.id) for item, told in read if told is not None).device.system
    assert found is not None
    assert found.identity is not None
    assert found.identity.serial is not None


class Door:
    """The door of a visit, with nothing before the logins; it also keeps what it was asked."""

    def __init__(self, logins: Logins, device: Device) -> None:
        self._logins, self._device = logins, device
        self.asked: list[str] = []

    def send(self, request: Request) -> Evidence:
        self.asked.append(request.ask)
        answer = self._logins.answer(request, self._device, "lo")
        return Evidence(request, answer.status, NOW, answer.body, answer.detail)


def test_a_visit_types_the_commands_of_a_platform_with_a_shell(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PASSWORD)
    (tmp_path / "secret").chmod(0o600)
    declared = Declared("commutateur", "switch", "practice", "professional")
    device = Device(
        id="00:11:32:00:00:02",
        declared=declared,
        network=Network(ports=(Port(22, service="ssh", banner="SSH-2.0-Cisco-1.25"),)),
    )
    answers = {
        command: (RECORDINGS / "cisco_ios-c9200l-17.09" / f"{command.replace(' ', '-')}.txt").read_text()
        for command in ("show version", "show running-config")
    }
    with console(dialogue("LAB-SW123_9200L#", answers)) as (port, doors):
        credential = Credential("c", "ssh", (declared.name,), user=USER, password="file:secret", port=port)
        site = replace(SITE, credentials=(credential,), devices=(declared,))
        logins = Logins(site, SecretStore(tmp_path), KnownHosts(tmp_path), lambda *_: True, lambda: False)
        door = Door(logins, device)
        visit = Asking(site, door, device, IPv4Address("127.0.0.1"))
        settings.ssh(visit)
        logins.close()
    assert door.asked == ["host-key", *(f"shell {command}" for command in cisco_ios.COMMANDS)]
    assert len(doors) == 1
    system = visit.known.system
    assert system is not None
    assert system.platform == "cisco_ios"
    assert system.identity is not None
    assert system.identity.model == "C9200L-24P-4G"
    assert system.snmp is not None
    assert system.snmp.writable is True
