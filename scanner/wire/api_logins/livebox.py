"""Orange Livebox (sysbus): a context is created with the password of its web page, and named in a header.

Source: the projects sysbus and aiosysbus, which document what Orange's own page and application send.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from scanner.wire.api_http import Message, Reply
from scanner.wire.api_logins import Ended, Login, Opened, Send, cookies, declined, json_of, part, refused, token, values

PORTS = (443, 80)
HOST: str | None = None
FORMAT: Literal["json"] = "json"
_CALL = "application/x-sah-ws-4-call+json"


def log_in(send: Send, login: Login) -> Opened:
    """The context, in `X-Context`, and the cookie that goes with it."""
    body = {
        "service": "sah.Device.Information",
        "method": "createContext",
        "parameters": {"applicationName": "webui", "username": login.user or "admin", "password": login.password},
    }
    headers = {"Content-Type": _CALL, "Authorization": "X-Sah-Login"}
    reply = send(Message("POST", "/ws", headers, json.dumps(body).encode()))
    said = json_of(reply)
    if not part(said, "data"):
        raise refused(_reason(said) or f"HTTP {reply.status}")
    context, cookie = token(part(said, "data").get("contextID")), cookies(reply)
    headers = {"Content-Type": _CALL, "X-Context": context, "Authorization": f"X-Sah {context}"}
    return Opened(headers | ({"Cookie": cookie} if cookie else {}), secrets=(context, *values(cookie)))


def judged(reply: Reply) -> None:
    """A call that is not allowed, or not known to this model, is answered in `errors`, one of an old context too."""
    if reply.status == 401:
        raise Ended
    said = json_of(reply)
    said = part(said, "result") or said
    if said.get("errors"):
        raise declined(_reason(said))


def goodbye(_opened: Opened) -> Message | None:
    """A context ends by itself."""
    return None


def _reason(said: Mapping[str, Any]) -> str:
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("description", "")) if isinstance(first, dict) else ""
