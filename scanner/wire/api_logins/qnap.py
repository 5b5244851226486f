"""QNAP QTS: authLogin.cgi gives a session id.

Source: QNAP, "File Station API", section Authentication (password in base64 of its UTF-8, in XML `authPassed`,
`authSid`).
"""

import base64
from typing import Literal
from urllib.parse import urlencode

from scanner.wire.api_http import Message, Reply
from scanner.wire.api_logins import Ended, Login, Opened, Send, declined, refused, token
from scanner.wire.api_logins._xml import elements

PORTS = (443, 8080)
HOST: str | None = None
FORMAT: Literal["xml"] = "xml"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def log_in(send: Send, login: Login) -> Opened:
    """The session id, in the query of each question."""
    hidden = base64.b64encode(login.password.encode()).decode()
    body = urlencode({"user": login.user or "", "pwd": hidden}).encode()
    said = elements(send(Message("POST", "/cgi-bin/authLogin.cgi", _FORM, body)))
    if said.get("authPassed", ({}, ""))[1] != "1":
        asked = said.get("need_2sv", ({}, ""))[1] == "1"
        raise refused("a second factor is asked for" if asked else "user or password not accepted")
    session = token(said.get("authSid", ({}, ""))[1])
    return Opened(query=urlencode({"sid": session}), secrets=(session, hidden))


def judged(reply: Reply) -> None:
    """An answer of a session that is over has `<authPassed>0</authPassed>`, and nothing of what was asked.

    So says authLogin.cgi of whoever does not log in there again, and tells who the NAS is all the same.
    """
    if reply.status != 200:
        raise declined(f"HTTP {reply.status}")
    said = elements(reply)
    if said.get("authPassed", ({}, "1"))[1] == "0" and "firmware" not in said:
        raise Ended


def goodbye(opened: Opened) -> Message | None:
    """The session is closed."""
    return Message("GET", f"/cgi-bin/authLogout.cgi?{opened.query}")
