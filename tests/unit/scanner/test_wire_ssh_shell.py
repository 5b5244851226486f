"""The command line over SSH against real servers on loopback: what honest devices do, and what hostile ones may."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest
import yaml

from scanner.evidence import Answer
from scanner.wire import ssh_shell
from scanner.wire.ssh import HostKey, Login, Session
from scanner.wire.ssh_shell import MAX_OUTPUT
from scanner.wire.terminal import rendered
from tests.unit.scanner.consoles import PASSWORD, USER, Console, Door, Talk, console, dialogue
from tests.unit.scanner.test_wire_ssh import anyone, nobody

BY_PASSWORD = Login(USER, password=PASSWORD)
REALDATA = Path(__file__).parents[4] / "shared" / "realdata" / "configs"
CONFIG = "".join(f"interface GigabitEthernet0/{at}\n description row {at}\n!\n" for at in range(40))
PROMPT = "switch#"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for twenty seconds in a test."""
    for name, seconds in (("IDLE_S", 1.5), ("TOTAL_S", 6.0), ("BEGIN_S", 6.0)):
        monkeypatch.setattr(ssh_shell, name, seconds)


def asked(
    talk: Talk,
    *commands: str,
    none: bool = False,
    login: Login = BY_PASSWORD,
    trust: Callable[[HostKey], bool] = anyone,
) -> tuple[list[Answer], list[Door]]:
    with (
        console(talk, none=none) as (port, doors),
        Session("127.0.0.1", login, None, trust, port, interface="lo") as session,
    ):
        return [session.converse(command) for command in commands], doors


# --- honest devices ---


def test_an_answer_is_what_stands_between_the_command_and_the_prompt() -> None:
    (first, second, third), doors = asked(
        dialogue(PROMPT, {"show version": "Version 15.2\n", "show x": ""}), "show version", "show x", "show y"
    )
    assert first == Answer("done", b"Version 15.2\n")
    assert second == Answer("done", b"")
    assert third.body == b"% Invalid input detected at '^' marker.\n"
    assert len(doors) == 1
    assert doors[0].tries == [PASSWORD]
    assert doors[0].terminal == ("vt100", 511, 1000)


PAGERS = {
    "ios": (" --More-- ", "\b" * 9 + " " * 8 + "\b" * 9),
    "ios-xe": (" --More-- ", "\r          \r"),
    "s300": ("More: <space>,  Quit: q or CTRL+Z, One line: <return> ", "\r" + " " * 60 + "\r"),
    "draytek": ("--- MORE ---   ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page] ---", "\r\x1b[K"),
    "procurve": ("-- MORE --, next page: Space, next line: Enter, quit: Control-C", "\r\x1b[2K"),
    "comware": ("  ---- More ----", "\x1b[16D                \x1b[16D"),
    "dell": ("--More-- or (q)uit", "\r\x1b[K"),
    "tplink": ("Press any key to continue (Q to quit)", "\r" + " " * 37 + "\r"),
    "fortinet": ("--More-- ", "\r         \r"),
}


@pytest.mark.parametrize("name", PAGERS)
def test_a_pager_is_answered_and_leaves_no_trace(name: str) -> None:
    pager, erase = PAGERS[name]
    talk = dialogue(PROMPT, {"show run": CONFIG}, page=23, pager=pager, erase=erase)
    (answer,), _ = asked(talk, "show run")
    assert answer == Answer("done", CONFIG.encode())


def test_a_configuration_that_holds_words_of_a_pager_is_whole() -> None:
    config = "banner motd --More--\n description Password:\n description User Name:\nswitch# was here\n"
    (answer,), _ = asked(dialogue(PROMPT, {"show run": config}), "show run")
    assert answer == Answer("done", config.encode())


def test_a_greeting_that_ends_like_a_prompt_is_none() -> None:
    greeting = "### Welcome ###\nOnly for those who may #\nUser access verification: password policy in force\n"
    (answer,), _ = asked(dialogue(PROMPT, {"show x": "y\n"}, greeting=greeting), "show x")
    assert answer == Answer("done", b"y\n")


def test_a_slow_greeting_and_a_slow_answer_are_waited_for() -> None:
    def talk(at: Console) -> None:
        for part in ("\r\n### prac", "tice ###", "\r\n\r\n", "switch", "#"):
            at.say(part)
            time.sleep(0.4)
        while command := at.line() or "-":
            at.say(f"{command.strip('-')}\r\n")
            for part in ("Buil", "ding\r\n", "version ", "15\r\n") if command != "-" else ():
                at.say(part)
                time.sleep(0.4)
            at.say(PROMPT)

    (answer,), _ = asked(talk, "show run")
    assert answer == Answer("done", b"Building\nversion 15\n")


def test_colours_titles_and_bells_are_no_text() -> None:
    prompt = "\x1b]0;switch\x07\x1b[1;32mswitch\x1b[0m# "
    (answer,), _ = asked(dialogue(prompt, {"show x": "\x1b[31mred\x1b[0m\x07\n\x1b[2J\x1b[1;1Hb\x1b[Kc\n"}), "show x")
    assert answer == Answer("done", b"red\nbc\n")


@pytest.mark.parametrize("family", ["cisco-ios", "aruba", "apc", "tplink", "fortigate"])
def test_recorded_dialogues_of_real_devices(family: str) -> None:
    files = sorted((REALDATA / family).glob("*/*simulation.yaml"))
    if not files:
        pytest.skip("no recordings beside this repository")
    for file in files:
        prompt, answers = recorded(file)
        assert answers, file
        found, _ = asked(dialogue(prompt, answers), *answers)
        for command, answer in zip(answers, found, strict=True):
            assert answer.status == "done", (file, command, answer.detail)
            assert answer.body.decode().rstrip("\n") == rendered(answers[command].encode()).rstrip("\n"), (
                file,
                command,
            )


def recorded(file: Path) -> tuple[str, dict[str, str]]:
    """The prompt of a recorded dialogue, and what was answered to each command."""
    # what was redacted in a block stands at its margin
    told = yaml.safe_load(re.sub(r"(?m)^(?=REDACTED|-----)", " " * 6, file.read_text()))
    commands = told["commands"]
    if isinstance(commands, list):
        commands = {command: said for item in commands for command, said in item.items()}
    prompt = _escaped(told["init_prompt"]).rsplit("\n", 1)[-1].lstrip("\r")
    answers = {}
    for command, said in commands.items():
        rows = _escaped(said or "").replace("\r", "").split("\n")
        if rows[-1].strip() == prompt.strip() and rows[0].strip() == command.strip():
            answers[command.strip()] = "".join(f"{row}\n" for row in rows[1:-1])
    return prompt, answers


def _escaped(text: str) -> str:
    return re.sub(r"\\(x20|[rt\"\\])", lambda found: {"x20": " ", "r": "\r", "t": "\t"}.get(found[1], found[1]), text)


# --- logging in ---


def in_shell(*, right: str = PASSWORD, refusal: str = "\r\nauthentication failed\r\n\r\nUser Name:") -> Talk:
    """A small business switch: SSH lets everybody in, its shell asks."""

    def talk(at: Console) -> None:
        at.say("\r\n\r\nUser Name:")
        while True:
            name = at.line()
            at.say(f"{name}\r\nPassword:")
            password = at.line()
            at.say("*" * len(password) + "\r\n")
            seen.append((name, password))
            if password == right:
                break
            at.say(refusal)
            if refusal.endswith("."):
                return
        dialogue("\r\nswitch123#", {"show version": "SW version 1.3.7.18\n"})(at)

    seen: list[tuple[str, str]] = []
    talk.seen = seen  # type: ignore[attr-defined]
    return talk


def test_a_shell_that_asks_who_we_are_is_told_once() -> None:
    talk = in_shell()
    (answer,), doors = asked(talk, "show version", none=True)
    assert answer == Answer("done", b"SW version 1.3.7.18\n")
    assert talk.seen == [(USER, PASSWORD)]  # type: ignore[attr-defined]
    assert doors[0].tries == []


@pytest.mark.parametrize(
    "refusal",
    [
        "\r\nauthentication failed\r\n\r\nUser Name:",
        "\r\n% Login invalid\r\n\r\nPassword:",
        "\r\nToo many failed attempts, locked for 300 s.",
        "\r\nThe account is locked out.",
    ],
)
def test_a_refused_password_is_never_tried_again(refusal: str) -> None:
    talk = in_shell(right="another", refusal=refusal)
    answers, doors = asked(talk, "show version", "show users", none=True)
    assert {answer.status for answer in answers} == {"credential_refused"}
    assert refusal.strip().split("\r\n")[0].rstrip(".") in answers[0].detail
    assert len(talk.seen) == 1  # type: ignore[attr-defined]
    assert len(doors) == 1


def test_a_password_that_ssh_refuses_is_never_tried_again() -> None:
    answers, doors = asked(dialogue(PROMPT, {}), "show version", "show users", login=Login(USER, password="wrong"))
    assert [answer.status for answer in answers] == ["credential_refused"] * 2
    assert [door.tries for door in doors] == [["wrong"]]


def test_a_shell_that_asks_again_after_ssh_has_asked_is_told_nothing() -> None:
    talk = in_shell()
    (answer,), _ = asked(talk, "show version")
    assert answer.status == "credential_refused"
    assert talk.seen == []  # type: ignore[attr-defined]


def test_no_password_follows_what_only_looks_like_a_question() -> None:
    typed: list[str] = []

    def talk(at: Console) -> None:
        at.say(PROMPT)
        while True:
            typed.append(at.line())
            at.say(f"{typed[-1]}\r\n" + ("line 1\r\nUser Name:" if typed[-1] else PROMPT))

    answers, _ = asked(talk, "show run", "show version", none=True)
    assert [answer.status for answer in answers] == ["silent", "silent"]
    assert typed == ["", "show run"]


def test_nothing_is_said_to_a_device_whose_key_nobody_trusts() -> None:
    answers, doors = asked(in_shell(), "show version", none=True, trust=nobody)
    assert answers[0].status == "not_trusted"
    assert not any(door.opened.is_set() or door.tries for door in doors)


# --- devices that break off, and hostile ones ---


def test_a_session_dropped_between_commands_is_not_begun_again() -> None:
    def talk(at: Console) -> None:
        at.say(PROMPT)
        at.line()
        at.say(f"\r\n{PROMPT}")
        at.say(f"{at.line()}\r\nfirst\r\n{PROMPT}")
        time.sleep(0.4)

    answers: list[Answer] = []
    with (
        console(talk) as (port, doors),
        Session("127.0.0.1", BY_PASSWORD, None, anyone, port, interface="lo") as session,
    ):
        answers.append(session.converse("one"))
        time.sleep(0.8)
        answers += [session.converse("two"), session.converse("three")]
    assert answers[0] == Answer("done", b"first\n")
    assert [answer.status for answer in answers[1:]] == ["failed", "failed"]
    assert len(doors) == 1


def test_a_session_dropped_in_an_answer_keeps_what_came() -> None:
    def talk(at: Console) -> None:
        at.say(PROMPT)
        at.line()
        at.say(f"\r\n{PROMPT}")
        at.say(f"{at.line()}\r\nhalf\r\n")

    answers, doors = asked(talk, "show run", "show version")
    assert answers[0].status == "failed"
    assert answers[0].body == b"half\n"
    assert "hung up" in answers[0].detail
    assert answers[1].status == "failed"
    assert len(doors) == 1


def flood(row: bytes, rows: int) -> Talk:
    def talk(at: Console) -> None:
        at.say(PROMPT)
        at.line()
        at.say(f"\r\n{PROMPT}")
        at.say(f"{at.line()}\r\n")
        for _ in range(rows):
            at.say(row * 1000)

    return talk


def test_a_hundred_megabytes_are_cut() -> None:
    started = time.monotonic()
    (answer,), _ = asked(flood(b"interface x\r\n" * 8, 1000), "show run")
    assert answer.status == "failed"
    assert "cut" in answer.detail
    assert len(answer.body) <= MAX_OUTPUT
    assert time.monotonic() - started < 10


def test_one_endless_row_is_cut() -> None:
    (answer,), _ = asked(flood(b"x\x1b[C\b" * 20, 100), "show run")
    assert answer.status == "failed"
    assert "cut" in answer.detail


def trickle(text: str) -> Talk:
    def talk(at: Console) -> None:
        at.say(PROMPT)
        at.line()
        at.say(f"\r\n{PROMPT}")
        at.say(f"{at.line()}\r\n")
        while True:
            at.say(text)
            time.sleep(0.2)

    return talk


@pytest.mark.parametrize("text", ["x\r\n", "--More--", "still no prompt "])
def test_an_answer_without_end_ends_in_time(text: str) -> None:
    started = time.monotonic()
    answers, _ = asked(trickle(text), "show run", "show version")
    assert answers[0].status == "silent"
    assert answers[1].status == "silent"
    assert time.monotonic() - started < 12


@pytest.mark.parametrize("greeting", ["", "Welcome\r\n", "no question", "### a\r\nb#"])
def test_a_device_without_prompt_is_no_shell(greeting: str) -> None:
    def talk(at: Console) -> None:
        at.say(greeting)
        while True:
            at.line()

    (answer,), _ = asked(talk, "show run")
    assert answer.status in ("silent", "failed")
    assert answer.body == b""


def test_a_server_that_gives_no_terminal_is_reported() -> None:
    class NoShell(Door):
        def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
            return False

    def talk(at: Console) -> None:
        del at

    with (
        console(talk, door=NoShell) as (port, _),
        Session("127.0.0.1", BY_PASSWORD, None, anyone, port, interface="lo") as session,
    ):
        assert session.converse("show run").status == "failed"


def test_what_a_terminal_would_show() -> None:
    assert rendered(b"a\tb\r\nc\r\r\n") == "a\tb\nc\n"
    assert rendered(b"Routr\bers\x1b[D\x1b[K") == "Router"
    assert rendered(b"\x1b[99999999999C" + b"\x1b[4000C" * 3 + b"x").strip() == "x"
    began = time.process_time()
    for body in (
        b"\x1b[" * 500_000,
        b"\b" * (1 << 20),
        b"a\r" * 500_000,
        b"\x1b]" * 500_000,
        b"\x1b[4000Cx\x1b[K\r" * 90_000,
    ):
        rendered(body)
    assert time.process_time() - began < 10
