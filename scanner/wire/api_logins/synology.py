"""Synology DSM: SYNO.API.Auth gives a session id, and takes it back at the end.

Source: Synology, "DSM Login Web API Guide".
"""

from typing import Literal
from urllib.parse import urlencode

from scanner.wire.api_http import Message, Reply
from scanner.wire.api_logins import Ended, Login, Opened, Send, declined, json_of, part, refused, token

PORTS = (5001, 5000)
HOST: str | None = None
FORMAT: Literal["json"] = "json"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_AUTH = "/webapi/entry.cgi"
_REASONS = {
    400: "no such account or wrong password", 401: "disabled account", 402: "permission denied",
    403: "a second factor is asked for", 404: "wrong second factor", 406: "a second factor must be set up",
    407: "this address is blocked", 408: "expired password", 409: "expired password", 410: "password must be changed",
}  # fmt: skip
_OVER = frozenset({106, 107, 119})  # session timeout, interrupted by another login, SID not found


def log_in(send: Send, login: Login) -> Opened:
    """The session id, in the query of each question."""
    asked = {
        "api": "SYNO.API.Auth", "version": 6, "method": "login", "session": "Vigie", "format": "sid",
        "account": login.user or "", "passwd": login.password,
    }  # fmt: skip
    said = json_of(send(Message("POST", _AUTH, _FORM, urlencode(asked).encode())))
    if said.get("success") is not True:
        code = part(said, "error").get("code")
        raise refused(_REASONS.get(code, f"error {code}") if isinstance(code, int) else "not accepted")
    session = token(part(said, "data").get("sid"))
    return Opened(query=urlencode({"_sid": session}), secrets=(session,))


def judged(reply: Reply) -> None:
    """`{"success": false, "error": {"code": 105}}` is no answer."""
    said = json_of(reply)
    if said.get("success") is True:
        return
    code = part(said, "error").get("code")
    raise Ended if code in _OVER else declined(f"error {code}")


def goodbye(opened: Opened) -> Message | None:
    """The session is closed."""
    asked = "api=SYNO.API.Auth&version=6&method=logout&session=Vigie"
    return Message("GET", f"{_AUTH}?{asked}&{opened.query}")
