"""Freebox OS: an application that was paired on the display of the box answers a challenge with its token.

The token itself never leaves. Source: dev.freebox.fr/sdk/os/login (challenge, HMAC-SHA1, `X-Fbx-App-Auth`).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Literal

from scanner.wire.api_http import Message, Reply
from scanner.wire.api_logins import Ended, Login, Opened, Send, declined, json_of, part, refused, token

PORTS = (443, 80)
HOST: str | None = None
FORMAT: Literal["json"] = "json"
APP_ID = "fr.vigie.scanner"  # as whoever pairs it writes it
_BASE = "/api/v8/login"
_OVER = frozenset({"auth_required", "invalid_session", "invalid_token"})


def log_in(send: Send, login: Login) -> Opened:
    """The session's token, in `X-Fbx-App-Auth`."""
    challenge = token(part(_told(send(Message("GET", f"{_BASE}/"))), "result").get("challenge"))
    answer = hmac.new(login.password.encode(), challenge.encode(), hashlib.sha1).hexdigest()
    body = json.dumps({"app_id": APP_ID, "password": answer}).encode()
    reply = send(Message("POST", f"{_BASE}/session/", {"Content-Type": "application/json"}, body))
    session = token(part(_told(reply), "result").get("session_token"))
    return Opened({"X-Fbx-App-Auth": session}, secrets=(session,))


def _told(reply: Reply) -> Mapping[str, Any]:
    said = json_of(reply)
    if said.get("success") is not True:
        raise refused(str(said.get("error_code", f"HTTP {reply.status}")))
    return said


def judged(reply: Reply) -> None:
    """An answer without success names its `error_code`; that of `/api_version` has neither."""
    said = json_of(reply)
    if said.get("success", True) is True:
        return
    code = str(said.get("error_code", ""))
    raise Ended if code in _OVER else declined(code)


def goodbye(opened: Opened) -> Message | None:
    """The session is closed: a box keeps a few only."""
    return Message("POST", f"{_BASE}/logout/", opened.headers)
