"""Bouygues Telecom Bbox: the password of its web page, then a cookie.

Source: api.bbox.fr/doc/apirouter, "Login".
"""

import json
from typing import Literal
from urllib.parse import urlencode

from scanner.wire.api_http import Message, Reply
from scanner.wire.api_logins import Ended, Login, Opened, Send, cookies, declined, refused, values
from scanner.wire.stream import Cut

PORTS = (443, 80)
# By its address it leads to this name, which is not resolved: the box itself is asked, by the name it goes by.
HOST: str | None = "mabbox.bytel.fr"
FORMAT: Literal["json"] = "json"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def log_in(send: Send, login: Login) -> Opened:
    """The cookie `BBOX_ID`."""
    reply = send(
        Message("POST", "/api/v1/login", _FORM, urlencode({"password": login.password, "remember": 0}).encode())
    )
    cookie = cookies(reply)
    if reply.status != 200 or not cookie:
        raise refused(_reason(reply))
    return Opened({"Cookie": cookie}, secrets=values(cookie))


def _reason(reply: Reply) -> str:
    """`{"exception": {"code": "401", "errors": [{"name": "password", "reason": "…"}]}}`, or the status alone."""
    try:
        errors = json.loads(reply.body)["exception"]["errors"]
        return f"HTTP {reply.status} {errors[0]['name']}: {errors[0]['reason']}"
    except (ValueError, TypeError, LookupError, RecursionError):
        return f"HTTP {reply.status}"


def judged(reply: Reply) -> None:
    """Its statuses are those of HTTP."""
    if reply.status == 401:
        raise Ended
    if reply.status != 200:
        raise declined(f"HTTP {reply.status}")
    try:
        json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise Cut("unreadable", "no JSON") from error


def goodbye(opened: Opened) -> Message | None:
    """The session is closed."""
    return Message("POST", "/api/v1/logout", opened.headers)
