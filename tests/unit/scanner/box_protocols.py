"""What the operators' boxes and NAS answer to a login, as their documentation has it: right or wrong password."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from scanner.wire.api_logins import freebox
from tests.unit.scanner.box_servers import Asked, Told

USER, PASSWORD, TOKEN = "admin", "Canari-mdp-7f3a", "canari-session-91c2d4"
Answers = Mapping[str, str]  # path, or path and body → what is answered
Box = Callable[[Asked], Told]


def _json(value: object, status: int = 200, *headers: tuple[str, str]) -> Told:
    return Told(status, json.dumps(value).encode(), (("Content-Type", "application/json"), *headers))


def _answer(answers: Answers, ask: str, missing: Told) -> Told:
    return Told(200, answers[ask].encode()) if ask in answers else missing


def livebox(answers: Answers, password: str = PASSWORD) -> Box:
    """sysbus: createContext, then calls with X-Context and the cookie."""
    denied = {"status": None, "errors": [{"error": 13, "description": "Permission denied", "info": "x"}]}

    def box(asked: Asked) -> Told:
        said = json.loads(asked.body)
        if said["method"] == "createContext":
            if asked.headers["Authorization"] != "X-Sah-Login" or said["parameters"]["password"] != password:
                return _json(denied, 401)
            return _json(
                {"status": 0, "data": {"contextID": TOKEN}}, 200, ("Set-Cookie", "abc/sessid=canari-biscuit; path=/")
            )
        if asked.headers.get("X-Context") != TOKEN or "canari-biscuit" not in asked.headers.get("Cookie", ""):
            return _json(denied, 401)
        return _answer(answers, f"POST {asked.path} {asked.body.decode()}", _json(denied))

    return box


def freebox_os(answers: Answers, password: str = PASSWORD) -> Box:
    """A challenge, its HMAC-SHA1 by the application's token, and a session."""

    def box(asked: Asked) -> Told:
        if asked.path == "/api/v8/login/":
            return _json(
                {"success": True, "result": {"logged_in": False, "challenge": "VzhbtpR4r8CLaJle2QgJBEkyd8JPb0zL"}}
            )
        if asked.path == "/api/v8/login/session/":
            said = json.loads(asked.body)
            proof = hmac.new(password.encode(), b"VzhbtpR4r8CLaJle2QgJBEkyd8JPb0zL", hashlib.sha1).hexdigest()
            if said != {"app_id": freebox.APP_ID, "password": proof}:
                return _json({"success": False, "error_code": "invalid_token", "msg": "Erreur d’authentification"}, 403)
            return _json({"success": True, "result": {"session_token": TOKEN, "permissions": {"settings": True}}})
        if asked.headers.get("X-Fbx-App-Auth") != TOKEN:
            return _json({"success": False, "error_code": "auth_required"}, 403)
        return _answer(answers, f"GET {asked.path}", _json({"success": False, "error_code": "nodev"}, 404))

    return box


def bbox(answers: Answers, password: str = PASSWORD) -> Box:
    """A form, then the cookie BBOX_ID."""

    def box(asked: Asked) -> Told:
        if asked.path == "/api/v1/login":
            if parse_qs(asked.body.decode())["password"] != [password]:
                error = {
                    "domain": "v1/api/v1/login",
                    "code": "401",
                    "errors": [{"name": "password", "reason": "invalid"}],
                }
                return _json({"exception": error}, 401)
            return Told(200, b"", (("Set-Cookie", f"BBOX_ID={TOKEN}; Path=/; HttpOnly"),))
        if asked.headers.get("Cookie") != f"BBOX_ID={TOKEN}":
            return _json({"exception": {"code": "401"}}, 401)
        return _answer(answers, f"GET {asked.path}", _json({"exception": {"code": "404"}}, 404))

    return box


def sfr_box(answers: Answers, password: str = PASSWORD) -> Box:
    """auth.getToken, then auth.checkToken with the hashes of user and password."""
    token = "fe5be7az1v9cb45zeogger8b4re145g3"

    def hashed(word: str) -> str:
        return hmac.new(token.encode(), hashlib.sha256(word.encode()).hexdigest().encode(), hashlib.sha256).hexdigest()

    def told(inner: str, stat: str = "ok") -> Told:
        return Told(
            200, f'<?xml version="1.0" encoding="UTF-8"?>\n<rsp stat="{stat}" version="1.0">{inner}</rsp>'.encode()
        )

    def box(asked: Asked) -> Told:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        if query["method"] == "auth.getToken":
            return told(f'<auth token="{token}" method="all"/>')
        if query["method"] == "auth.checkToken":
            if query["hash"] != hashed(USER) + hashed(password):
                return told('<err code="204" msg="Invalid login and/or password"/>', "fail")
            return told(f'<auth token="{token}"/>')
        if query.get("token") != token:
            return told('<err code="115" msg="Authentication needed"/>', "fail")
        missing = told('<err code="112" msg="Method not found"/>', "fail")
        return _answer(answers, f"GET /api/1.0/?method={query['method']}", missing)

    return box


def synology(answers: Answers, password: str = PASSWORD) -> Box:
    """SYNO.API.Auth, then _sid."""

    def box(asked: Asked) -> Told:
        said = parse_qs(asked.body.decode()) if asked.method == "POST" else parse_qs(urlsplit(asked.path).query)
        if said["method"] == ["login"]:
            if (said["account"], said["passwd"]) != ([USER], [password]):
                return _json({"error": {"code": 400}, "success": False})
            return _json({"data": {"sid": TOKEN}, "success": True})
        if said.get("_sid") != [TOKEN]:
            return _json({"error": {"code": 119}, "success": False})
        return _answer(
            answers, f"GET {asked.path.partition('&_sid')[0]}", _json({"error": {"code": 102}, "success": False})
        )

    return box


def qnap(answers: Answers, password: str = PASSWORD) -> Box:
    """authLogin.cgi, then sid."""

    def told(inner: str) -> Told:
        return Told(
            200, f'<?xml version="1.0" encoding="UTF-8" ?>\n<QDocRoot version="1.0">{inner}</QDocRoot>'.encode()
        )

    def box(asked: Asked) -> Told:
        if asked.path == "/cgi-bin/authLogin.cgi" and asked.method == "POST":
            said = parse_qs(asked.body.decode())
            if (said["user"], said["pwd"]) != ([USER], [base64.b64encode(password.encode()).decode()]):
                return told("<authPassed><![CDATA[0]]></authPassed>")
            return told(f"<authPassed><![CDATA[1]]></authPassed><authSid><![CDATA[{TOKEN}]]></authSid>")
        if f"sid={TOKEN}" not in asked.path:
            return told("<authPassed><![CDATA[0]]></authPassed>")
        return _answer(answers, f"GET {re.sub('[?&]sid=.*', '', asked.path)}", Told(404, b""))

    return box


def truenas(answers: Answers, password: str = PASSWORD) -> Box:
    """An API key as bearer."""

    def box(asked: Asked) -> Told:
        if asked.headers.get("Authorization") != f"Bearer {password}":
            return Told(401, b"{}")
        if asked.path == "/api/v2.0/system/version":
            return _json("TrueNAS-13.0-U6.1")
        return _answer(answers, f"GET {asked.path}", Told(404, b"{}"))

    return box


LOGINS: dict[str, Callable[[Answers, str], Box]] = {
    "livebox": livebox, "freebox": freebox_os, "bbox": bbox, "sfr_box": sfr_box, "synology": synology, "qnap": qnap,
    "truenas": truenas,
}  # fmt: skip
# A question to which each answers something short.
ASKS = {
    "livebox": ('POST /ws {"service": "UPnP-IGD", "method": "get", "parameters": {}}', '{"status": {"Enable": true}}'),
    "freebox": ("GET /api/v8/fw/dmz/", '{"success": true, "result": {"enabled": false, "ip": ""}}'),
    "bbox": ("GET /api/v1/nat/dmz", '[{"nat": {"dmz": {"enable": 0}}}]'),
    "sfr_box": ("GET /api/1.0/?method=system.getInfo", '<rsp stat="ok" version="1.0"><system/></rsp>'),
    "synology": ("GET /webapi/entry.cgi?api=SYNO.DSM.Info&version=2&method=getinfo", '{"data": {}, "success": true}'),
    "qnap": ("GET /cgi-bin/management/x.cgi?subfunc=sysinfo", "<QDocRoot><authPassed>1</authPassed></QDocRoot>"),
    "truenas": ("GET /api/v2.0/system/info", '{"version": "TrueNAS-13.0-U6.1"}'),
}  # fmt: skip
