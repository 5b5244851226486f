"""The command line of a device that runs no command by itself (`exec`): one shell, its commands one after another.

A device that speaks like a person's terminal says neither where an answer ends nor whether it went well: its prompt,
shown twice in a row at the beginning, is what ends an answer. Pagers are answered with a blank. Whatever ends an answer
in another way ends the session too: what came next would be taken for the answer to something else.

A password is sent once, only to a device that let us in without one, and only to what it asks before its first prompt.
"""

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from inventory.snapshot import Status
from inventory.text import clean
from scanner.evidence import Answer
from scanner.wire.terminal import rendered

if TYPE_CHECKING:
    from paramiko import Channel

BEGIN_S = 30.0  # seconds until the first prompt; stops a device that greets for ever
IDLE_S = 20.0  # seconds without a byte in an answer; an old switch thinks 15 s before it shows its configuration
TOTAL_S = 90.0  # seconds for one answer; stops one that trickles for ever
QUIET_S = 0.15  # seconds of silence after which the last row is looked at: a prompt, a pager, or a slow device
MAX_OUTPUT = 1024 * 1024  # bytes of one answer; stops a device from filling memory and recording
MAX_ROW = 4096  # bytes of the last row that are looked at
MAX_SAID = 200  # characters of what a device said in a detail
NO_ECHO_LOOKS = (
    8  # times QUIET_S for the prompt of a device that does not echo: the one of an earlier line looks so too
)
MOST_PROBES = 4  # empty lines sent until a prompt comes twice

_PROMPT = re.compile(r".{0,120}[>#$%\])]")
_NAME = re.compile(r"(?i)(?:.{0,64}\s)?(?:user ?name|user|login)\s?:")
_PASSWORD = re.compile(r"(?i)(?:.{0,64}\s)?password\s?:")
_REFUSED = re.compile(
    r"(?i)fail|invalid|incorrect|denied|wrong|bad (?:pass|login|user)|reject|locked|lock-?out|too many|not authori"
    r"|try again"
)
# Cisco ` --More-- `, small business `More: <space>,  Quit: q`, DrayTek `--- MORE ---   ['q': Quit, …]`, HP `-- MORE --,
# next page: Space`, Huawei `---- More ----`, Dell and Netgear `--More-- or (q)uit`, TP-Link and HP `Press any key …`.
_PAGER = re.compile(
    r"(?i)<?-{1,5} ?(?:more|more \d{1,3}%) ?-{1,5}>?[^\n]{0,120}$|<--- more --->|more: <space>[^\n]{0,120}$"
    r"|<return>,? ?(?:for )?more[^\n]{0,80}$|press (?:any key|<?space>?)[^\n]{0,80}$|\(m\)ore[^\n]{0,60}$"
)
_ENDINGS = {
    "cut": f"answer cut at {MAX_OUTPUT} bytes",
    "late": "no end of the answer in time",
    "idle": "no end of the answer: the device fell silent",
    "dropped": "the device hung up in the middle of an answer",
}


class Shell:
    """The command line behind an open channel; `begin` first. An answer that is not "done" is its last one."""

    def __init__(self, channel: "Channel") -> None:
        self._channel = channel
        self._prompt = ""
        self._read = bytearray()

    def begin(self, user: str, password: str | None, *, proven: bool) -> Answer:
        """Wait for the first prompt; on the way there, log in to a device that has not asked who we are (`proven`)."""
        until = time.monotonic() + BEGIN_S
        named = sent = False
        while True:
            ending = self._until(bool, until)
            row, said = self._row(), self._said()
            if sent and (ending == "dropped" or _NAME.fullmatch(row) or _PASSWORD.fullmatch(row) or _refused(said)):
                return Answer(
                    "credential_refused", b"", f"credential refused: {said}" if said else "credential refused"
                )
            if ending:
                return _ended(ending, said)
            if proven and (_NAME.fullmatch(row) or _PASSWORD.fullmatch(row)):
                return Answer("credential_refused", b"", "the device asks again who logs in; it is not told twice")
            if not named and not sent and _NAME.fullmatch(row):
                named = self._say(user)
            elif _PASSWORD.fullmatch(row):
                if password is None:
                    return Answer("no_credential", b"", "the device asks for a password")
                sent = self._say(password)
            elif _is_prompt(row):
                return self._settled(row, until)
            elif _NAME.fullmatch(row):
                return Answer("credential_refused", b"", "the device asks twice for a user name")
            else:
                self._quiet_until_more(until)

    def run(self, command: str) -> Answer:
        """What the device wrote between the command and its next prompt: rows, each with its `\\n`."""
        self._read.clear()
        while self._channel.recv_ready():  # a remark that nobody asked for
            self._read += self._channel.recv(MAX_ROW)
            if len(self._read) > MAX_OUTPUT:
                return _ended("cut", "")
        if self._channel.closed or self._channel.eof_received:
            return Answer("failed", b"", "the device has hung up; nobody logs in a second time")
        self._say(command)
        ending = self._until(self._over(command), time.monotonic() + TOTAL_S)
        body = _body(rendered(bytes(self._read[:MAX_OUTPUT])), command, complete=not ending)
        return Answer("done", body) if not ending else _ended(ending, "", body)

    def _settled(self, row: str, until: float) -> Answer:
        """Take a row for the prompt once an empty line brings it again: a greeting may end in `#` too."""
        for _ in range(MOST_PROBES):
            self._say("")
            ending = self._until(_is_prompt, until)
            if ending:
                return _ended(ending, self._said())
            again = self._row()
            if again == row:
                self._prompt = row
                return Answer("done")
            row = again
        return Answer("failed", b"", f"no prompt: {clean(self._said(), MAX_SAID)}")

    def _over(self, command: str) -> Callable[[str], bool]:
        """Whether a row is the prompt behind an answer; a device that echoes has first shown the command."""
        looks = 0

        def ends(row: str) -> bool:
            nonlocal looks
            looks += 1
            return row == self._prompt and (command.encode() in self._read[:MAX_ROW] or looks >= NO_ECHO_LOOKS)

        return ends

    def _say(self, line: str) -> bool:
        """Send a line as the Enter key ends it; what was read before is forgotten."""
        self._read.clear()
        self._channel.sendall(f"{line}\r".encode())
        return True

    def _until(self, ends: Callable[[str], bool], until: float) -> str:
        """Read until the device is quiet behind a last row that `ends`: "", else what ended it before."""
        heard = time.monotonic()
        self._channel.settimeout(QUIET_S)
        while True:
            try:
                data = self._channel.recv(MAX_ROW * 16)
            except TimeoutError:
                if self._answered_pager():
                    heard = time.monotonic()
                elif ends(self._row()):
                    return ""
                elif time.monotonic() - heard > IDLE_S:
                    return "idle"
                data = None
            if data == b"":
                return "dropped"
            if data:
                heard = time.monotonic()
                self._read += data
            if len(self._read) > MAX_OUTPUT:
                return "cut"
            if time.monotonic() > until:
                return "late"

    def _quiet_until_more(self, until: float) -> None:
        """Wait until something comes behind a row that is no question, or for as long as silence may last."""
        begun = time.monotonic()
        while not self._channel.recv_ready() and not self._channel.closed and not self._channel.eof_received:
            if time.monotonic() > min(until, begun + IDLE_S):
                self._read.clear()  # `_until` then says that it fell silent
                return
            time.sleep(QUIET_S / 3)

    def _answered_pager(self) -> bool:
        """Whether the last row is a pager's; it is taken off what was read, and answered."""
        start = self._start()
        last = bytes(self._read[start:])
        if not (found := _PAGER.search(rendered(last).rstrip())):
            return False
        kept = rendered(last)[: found.start()]
        self._read[start:] = kept.encode()
        self._channel.sendall(b" ")
        return True

    def _start(self) -> int:
        return max(self._read.rfind(b"\n") + 1, len(self._read) - MAX_ROW)

    def _row(self) -> str:
        """The row on which the cursor stands."""
        return rendered(bytes(self._read[self._start() :])).strip()

    def _said(self) -> str:
        """The last words of the device, without what it asks."""
        rows = [clean(row, MAX_SAID) for row in rendered(bytes(self._read[-MAX_ROW:])).split("\n")]
        return next(
            (row for row in reversed(rows) if row and not _NAME.fullmatch(row) and not _PASSWORD.fullmatch(row)), ""
        )


def _is_prompt(row: str) -> bool:
    return _PROMPT.fullmatch(row) is not None


def _refused(said: str) -> bool:
    return bool(_REFUSED.search(said)) and not _is_prompt(said)


def _ended(ending: str, said: str, body: bytes = b"") -> Answer:
    status: Status = "silent" if ending in ("late", "idle") else "failed"
    return Answer(status, body, f"{_ENDINGS[ending]}: {said}" if said else _ENDINGS[ending])


def _body(text: str, command: str, *, complete: bool) -> bytes:
    """The rows between the echo of the command and the prompt."""
    rows = text.split("\n")
    if complete:
        rows = rows[:-1]
    echo = next((at for at, row in enumerate(rows[:3]) if row.strip()), None)
    if echo is not None and rows[echo].rstrip().endswith(command):
        rows = rows[echo + 1 :]
    text = "\n".join(rows)
    text = text.rstrip("\n") if complete else text  # a prompt that begins with an empty row
    return (f"{text}\n" if complete and text else text).encode()
