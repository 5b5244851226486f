"""A recording is a device: served by a real SSH server and a real SNMP agent, and recorded again, it is the same."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from inventory.device import Device
from inventory.observation import Merged, attributed, merge
from scanner.evidence import Evidence, Request
from scanner.platforms import Platform, linux, synology_dsm
from scanner.transport import BODIES, INDEX, Recording, Replay, Transport
from scanner.wire import snmp
from scanner.wire.ssh import Session
from tests.truth import Case
from tests.unit.scanner import test_wire_snmp as real_snmp
from tests.unit.scanner import test_wire_ssh as real_ssh
from tests.unit.scanner.daemons import free_port, serving

RECORDED = Path(__file__).parents[2] / "recordings" / "lab-practice"
COMMUNITY = "served"
keys = real_ssh.keys
# What a forced command runs instead of what was asked: it says what the recording holds for that.
ANSWERING = """#!/bin/sh
at=/run/served/$(printf %s "$SSH_ORIGINAL_COMMAND" | sha256sum | cut -c 1-64)
cat $at.out; cat $at.err >&2; exit $(cat $at.code)
"""


def questions(target: str, source: str, folder: Path = RECORDED) -> Iterator[tuple[Request, Evidence]]:
    """What the recording's target was asked of a source, and its answers; the host key apart, which is the server's."""
    replay = Replay(folder)
    for line in replay.lines.values():
        if (line["target"], line["source"]) == (target, source) and line["ask"] != "host-key":
            request = Request(line["source"], target, line["ask"])
            yield request, replay.send(request)


class Served:
    """The recorded questions put to the servers on loopback; an answer bears the time of the recorded one."""

    def __init__(self, session: Session | None, agent: int | None, times: dict[str, datetime]) -> None:
        self._session, self._agent, self._times = session, agent, times

    def send(self, request: Request) -> Evidence:
        if self._session is not None:
            answer = self._session.execute(request.ask.removeprefix("exec "))
        else:
            login = snmp.Community(COMMUNITY)
            answer = snmp.read("127.0.0.1", login, request.ask, interface="lo", port=self._agent or 0)
        return Evidence(request, answer.status, self._times[request.id], answer.body, answer.detail)


@contextmanager
def shell(target: str, keys: Path, asked: Iterable[tuple[Request, Evidence]] | None = None) -> Iterator[Session]:
    """A real SSH server that answers as the target did, or as somebody else's answers have it, and a visitor."""
    served = keys / f"served-{target}"
    served.mkdir()
    for request, evidence in asked or questions(target, "ssh"):
        at = str(served / hashlib.sha256(request.ask.removeprefix("exec ").encode()).hexdigest())
        status, _, said = evidence.detail.removeprefix("exit ").partition(": ")
        Path(f"{at}.out").write_bytes(evidence.body)
        Path(f"{at}.err").write_text(said)
        Path(f"{at}.code").write_text(status or "0")
    (served / "answer").write_text(ANSWERING)
    copied = f"cp -r {served} /run/served; chmod -R a+rX /run/served"
    settings = real_ssh.SSHD + "ForceCommand /bin/sh /run/served/answer\n"
    port = free_port()
    script = real_ssh.sshd(keys, f"serving-{target}", settings, copied).format(port=port)
    with (
        serving(script, port),
        Session("127.0.0.1", real_ssh.BY_PASSWORD, None, real_ssh.anyone, port, interface="lo") as session,
    ):
        yield session


@contextmanager
def agent(target: str, asked: Iterable[tuple[Request, Evidence]] | None = None) -> Iterator[int]:
    """A real SNMP agent that holds the rows that the target showed; it gives up root, so its folders are open."""
    rows = {line for _, evidence in asked or questions(target, "snmp") for line in evidence.text.splitlines()}
    ordered = sorted(rows, key=lambda row: tuple(map(int, row.partition("|")[0].split("."))))
    with tempfile.TemporaryDirectory() as name:
        for path in (Path(name), Path(name, "data"), Path(name, "cache")):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)
        Path(name, "data", f"{COMMUNITY}.snmprec").write_text("".join(f"{row}\n" for row in ordered))
        port = real_snmp.free_port()
        command = [real_snmp.program("snmpsimd", "snmpsim"), f"--data-dir={name}/data", f"--cache-dir={name}/cache"]
        command += [f"--agent-udpv4-endpoint=127.0.0.1:{port}", "--process-user=nobody", "--process-group=nogroup"]
        with real_snmp.serving([*command, "--logging-method=null"], port) as bound:
            yield bound


def again(served: Transport, asked: Mapping[Request, Evidence], folder: Path) -> list[Evidence]:
    """The questions put to the servers and recorded: every one is answered as it was, with the very same bytes."""
    recording = Recording(served, folder)
    for request in asked:
        recording.send(request)
    recording.finish()
    told = [Replay(folder).send(request) for request in asked]
    assert [(item.status, item.body) for item in told] == [(item.status, item.body) for item in asked.values()]
    assert asked
    return told


def answered(asked: Mapping[Request, Evidence], target: str, keys: Path, folder: Path) -> list[Evidence]:
    """The answers of a real SSH server that says what was recorded, recorded again."""
    times = {request.id: item.time for request, item in asked.items()}
    with shell(target, keys, asked.items()) as session:
        return again(Served(session, None, times), asked, folder)


def merged(platform: Platform, told: Iterable[Evidence]) -> Merged:
    """What the platform reads of the answers, together."""
    seen = ((item.id, platform.read(item)) for item in told)
    return merge(attributed(observation, name) for name, observation in seen if observation is not None)


def assert_same(case: Case, told: list[Evidence]) -> None:
    """All was answered, and the device and the lines that were not read are those of the case."""
    assert [item.status for item in told] == ["done"] * len(told)
    found, expected = merged(case.platform, told), case.read()
    assert found.device == expected.device
    assert found.unread == expected.unread


def facts(platform: Platform, folder: Path, asked: list[Request]) -> Device:
    return merged(platform, map(Replay(folder).send, asked)).device


@pytest.mark.parametrize(
    ("platform", "target", "source"),
    [
        (linux, "192.168.10.1", "ssh"),
        (synology_dsm, "192.168.10.10", "ssh"),
        (synology_dsm, "192.168.10.10", "snmp"),
    ],
)
def test_recording_what_a_recording_serves_gives_the_same_recording(
    platform: Platform, target: str, source: str, keys: Path, tmp_path: Path
) -> None:
    recorded = dict(questions(target, source))
    with ExitStack() as stack:
        session = stack.enter_context(shell(target, keys)) if source == "ssh" else None
        port = stack.enter_context(agent(target)) if source == "snmp" else None
        again(Served(session, port, {item.id: recorded[item].time for item in recorded}), recorded, tmp_path)
    ids = {request.id for request in recorded}
    lines = [line for line in (RECORDED / INDEX).read_text().splitlines() if any(f'"{item}"' in line for item in ids)]
    assert len(lines) == len(recorded) > 0
    assert (tmp_path / INDEX).read_text().splitlines() == lines
    for body in (tmp_path / BODIES).iterdir():
        assert body.read_bytes() == (RECORDED / BODIES / body.name).read_bytes()
    found = facts(platform, tmp_path, list(recorded))
    assert found.system is not None
    assert found == facts(platform, RECORDED, list(recorded))
