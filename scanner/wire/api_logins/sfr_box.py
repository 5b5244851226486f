"""SFR box (Neufbox 4 and later): a token that hashes of user and password make valid; neither leaves as it is.

Source: SFR, "API REST de la box SFR", module auth (`auth.getToken`, `auth.checkToken`; HMAC-SHA256 of the hexadecimal
SHA-256 of each, with the token as key).
"""

import hashlib
import hmac
from typing import Literal

from scanner.wire.api_http import Message, Reply
from scanner.wire.api_logins import Ended, Login, Opened, Send, declined, refused, token
from scanner.wire.api_logins._xml import elements

PORTS = (443, 80)
HOST: str | None = None
FORMAT: Literal["xml"] = "xml"
_BASE = "/api/1.0/?method=auth."
_OVER = frozenset({"115", "201", "202"})  # authentication needed, invalid session, pre-session timeout


def log_in(send: Send, login: Login) -> Opened:
    """The token, in the query of each question."""
    first = send(Message("GET", f"{_BASE}getToken"))
    key = _auth(first)
    if elements(first)["auth"][0].get("method", "all") not in ("all", "passwd"):
        raise refused("it takes no password, only its button")
    proof = "".join(_hashed(key, word) for word in (login.user or "admin", login.password))
    session = _auth(send(Message("GET", f"{_BASE}checkToken&token={key}&hash={proof}")))
    return Opened(query=f"token={session}", secrets=(session,))


def _hashed(key: str, word: str) -> str:
    return hmac.new(key.encode(), hashlib.sha256(word.encode()).hexdigest().encode(), hashlib.sha256).hexdigest()


def _auth(reply: Reply) -> str:
    """The token of `<rsp stat="ok"><auth token="…"/></rsp>`."""
    found = elements(reply)
    if found.get("rsp", ({}, ""))[0].get("stat") != "ok":
        raise refused(_error(reply)[1])
    said = token(found.get("auth", ({}, ""))[0].get("token"))
    if not said.isalnum():
        raise refused("a token that is none")
    return said


def _error(reply: Reply) -> tuple[str, str]:
    said = elements(reply).get("err", ({}, ""))[0]
    return said.get("code", ""), said.get("msg", f"HTTP {reply.status}")


def judged(reply: Reply) -> None:
    """`<rsp stat="fail"><err code="115" msg="…"/></rsp>` is no answer."""
    if elements(reply).get("rsp", ({}, ""))[0].get("stat") == "ok":
        return
    code, reason = _error(reply)
    raise Ended if code in _OVER else declined(reason)


def goodbye(_opened: Opened) -> Message | None:
    """A token ends by itself."""
    return None
