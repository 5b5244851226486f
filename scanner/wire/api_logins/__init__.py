"""How each kind of box or NAS is logged in to over HTTP: one small module a dialect.

A dialect sends its few login messages itself, by the `Send` it is given: what is asked afterwards is not its business.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from inventory.text import clean
from scanner.wire.api_http import Message, Reply
from scanner.wire.stream import Cut

Send = Callable[[Message], Reply]


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in; its repr shows no secret."""

    user: str | None
    password: str = field(repr=False)  # a password, an API key, or the token of a paired application


@dataclass(frozen=True, slots=True)
class Opened:
    """A session: what goes with each later question. Its repr shows no secret."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = field(default="", repr=False)  # "sid=…", put behind each path
    secrets: tuple[str, ...] = field(default=(), repr=False)  # what nobody may see of it


class Dialect(Protocol):
    """What a module of this folder holds."""

    PORTS: tuple[int, int]  # encrypted, plain
    HOST: str | None  # what it wants to be called, None: by its address
    FORMAT: Literal["json", "xml"]  # of its answers

    def log_in(self, send: Send, login: Login) -> Opened:
        """The session; Cut "credential_refused" when there is none."""

    def judged(self, reply: Reply) -> None:
        """Nothing when the answer is one; Cut when the device says in its own way that it is none."""

    def goodbye(self, opened: Opened) -> Message | None:
        """What ends the session on the device, None where nothing does."""


class Ended(Cut):
    """The device no longer knows the session: nobody logs in again."""

    def __init__(self) -> None:
        super().__init__("refused", "it ended the session; nobody logs in twice")


def refused(reason: str) -> Cut:
    """The end of a login that was not accepted; the reason is the device's word, without what was sent."""
    return Cut("credential_refused", clean(reason, 120) or "not accepted")


def declined(reason: str) -> Cut:
    """The end of one question that the device does not answer: it costs that question only."""
    return Cut("refused", clean(reason, 120) or "not answered")


def json_of(reply: Reply) -> Mapping[str, Any]:
    """The JSON object of an answer; Cut "unreadable" when it is another thing, a web page for one."""
    try:
        said = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise Cut("unreadable", f"no JSON (HTTP {reply.status})") from error
    if not isinstance(said, dict):
        raise Cut("unreadable", f"no JSON object (HTTP {reply.status})")
    return said


def part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name, an empty one where there is none."""
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def cookies(reply: Reply) -> str:
    """The cookies set, as they are sent back: `sid=1f; lang=fr`."""
    pairs = (item.partition(";")[0].strip() for item in reply.headers.get_all("Set-Cookie") or ())
    return "; ".join(pair for pair in pairs if _COOKIE.fullmatch(pair))


_COOKIE = re.compile(r"[!-:<>-~]{1,256}=[!-:<-~]{0,1024}")


def values(cookie: str) -> tuple[str, ...]:
    """The values of cookies, which nobody may see."""
    return tuple(filter(None, (pair.partition("=")[2] for pair in cookie.split("; "))))


def token(value: object) -> str:
    """A session's token, as it may stand in a header or a query; Cut when it is none."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,1024}", value):
        raise Cut("unreadable", "no session in its answer")
    return value
