"""TrueNAS: an API key as bearer where the site names no user, else user and password; nothing is opened or closed.

The key is first sent with the first question. Source: TrueNAS REST API 2.0, "Authentication".
"""

import base64
import json
from typing import Literal

from scanner.wire.api_http import Message, Reply
from scanner.wire.api_logins import Login, Opened, Send, declined, refused
from scanner.wire.stream import Cut

PORTS = (443, 80)
HOST: str | None = None
FORMAT: Literal["json"] = "json"
_FIRST = "/api/v2.0/system/version"


def log_in(send: Send, login: Login) -> Opened:
    """The header that goes with each question, once it was accepted."""
    hidden = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
    said = f"Basic {hidden}" if login.user else f"Bearer {login.password}"
    if any(sign in said for sign in "\r\n"):
        raise Cut("no_credential", "a key of several lines")
    opened = Opened({"Authorization": said}, secrets=(hidden,) if login.user else ())
    reply = send(Message("GET", _FIRST, opened.headers))
    if reply.status in (401, 403):
        raise refused(f"HTTP {reply.status}")
    judged(reply)
    return opened


def judged(reply: Reply) -> None:
    """Its statuses are those of HTTP."""
    if reply.status != 200:
        raise declined(f"HTTP {reply.status}")
    try:
        json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise Cut("unreadable", "no JSON") from error


def goodbye(_opened: Opened) -> Message | None:
    """There is no session."""
    return None
