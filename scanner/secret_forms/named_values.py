"""Secrets in JSON and in the attributes of XML, by the name that stands before them: APIs of boxes and of NAS.

A document stays one: a string becomes `"REDACTED"`, and empty ones, true, false and null stay what they are.
"""

import json
import re
from functools import partial

from scanner.secret_settings import MARKER, marker

_REDACTED = "REDACTED"
_KNOWN = frozenset({"", "public", "private", _REDACTED})

# A name, whose letters JSON may escape: `"pass\\u0077ord"`.
_NAME = r'"((?:[\w .-]|\\u[0-9A-Fa-f]{4}){1,64}+)"'
_COLON = r"[ \t\r\n]{0,64}+:[ \t\r\n]{0,64}+"
_STRING = r'"((?:[^"\\]|\\[\s\S])*+)(?:"|\\?\Z)'
# `"name": "value"` or a number; a string that nothing closes goes to the end of the text.
_JSON = re.compile(rf"({_NAME}{_COLON})({_STRING}|-?\d++(?![.\d]))")
# `"name": ["value", "value"]`, `"names": {"a": "value"}`: the head, then what is no object and no list of its own.
_LIST, _ITEMS = re.compile(rf"{_NAME}{_COLON}([\[{{])"), re.compile(rf"(?:[^\[\]{{}}\"]|{_STRING})*+")
_ITEM, _SEVERAL = re.compile(_STRING), re.compile(r"(?<=[A-Za-z])s$")
_MEMBER = re.compile(rf"{_STRING}({_COLON})?")
# `{"name": "password", "value": "…"}`, and the other way round, with a few short members between.
_SHORT = r'(?:"[^"\\\n]{0,128}+"|[\w.-]{1,32}+)'
_COMMA = r"[ \t\r\n]{0,64}+,[ \t\r\n]{0,64}+"
_MOST_BETWEEN = 12
_CALLS = "name|key|param|parameter|option|setting"
_CALLED, _VALUED = rf'"(?:{_CALLS})"{_COLON}{_NAME}', rf'"(?:value|val)"{_COLON}'


def _between(end: str) -> str:
    return rf'(?:{_COMMA}(?!"(?:{end})")"[\w.-]{{1,32}}+"{_COLON}{_SHORT}){{0,{_MOST_BETWEEN}}}+{_COMMA}'


_PAIR = re.compile(rf"(?i)({_CALLED}{_between('value|val')}{_VALUED}){_STRING}")
_HOLDS = re.compile(rf"(?i)({_NAME}{_COLON}\{{[ \t\r\n]{{0,64}}+{_VALUED}){_STRING}")  # `"password": {"value": "…"}`
_TURNED = re.compile(rf'(?i)({_VALUED})("[^"\\\n]{{1,1024}}+")({_between(_CALLS)}{_CALLED})')
_TAG = re.compile(r"<[A-Za-z][\w:.-]{0,64}[ \t\r\n][^<>]{0,8192}+")
_ATTRIBUTE = re.compile(r"(([\w:.-]{1,64}+)=)(\"([^\"]*+)(?:\"|\Z)|'([^']*+)(?:'|\Z))")

_ENDS = (
    "password", "passwd", "passphrase", "passcode", "pwd", "psk", "pass", "presharedkey", "secret", "token", "wepkey",
    "wpakey", "privatekey", "apikey", "authkey", "privkey", "encryptionkey", "networkkey", "sharedkey", "securitykey",
    "pin", "pincode", "puk", "sessionid", "contextid", "authsid", "challenge", "salt", "community", "keypassphrase",
    "credential", "credentials", "hexkey", "recoverycode", "wepkey1", "wepkey2", "wepkey3", "wepkey4", "cookie",
    "userdata", "fullurl",  # of a virtual machine and of a shared link, on a Freebox: each holds what opens it
)  # fmt: skip
_WHOLE = frozenset({"key", "sid", "pwd", "pass"})
# The key of a Wi-Fi network, whose length is a fact: by its name, or by one that means it where networks are listed.
_WIFI, _WIFI_WHERE = frozenset({"keypassphrase", "wpakey"}), frozenset({"key", "passphrase"})
_NETWORKS = re.compile(r'"ssid"')
# What nft's JSON calls a key is none: `{"meta": {"key": "iifname"}}`.
_NFT = frozenset({
    "iif", "iifname", "iiftype", "iifkind", "iifgroup", "oif", "oifname", "oiftype", "oifkind", "oifgroup", "mark",
    "l4proto", "nfproto", "protocol", "priority", "length", "skuid", "skgid", "rtclassid", "pkttype", "cpu", "cgroup",
    "random", "ibrname", "obrname", "ibridgename", "obridgename", "ipsec", "time", "day", "hour", "nftrace", "state",
    "direction", "status", "expiration", "helper", "label", "zone", "id", "saddr", "daddr", "classid", "nexthop", "mtu",
})  # fmt: skip


def without(text: str) -> str:
    r"""The text without the values that their name calls a secret.

    >>> without('{"ssid": "Cabinet", "key": "Soleil2024!", "password_set": true, "password": ""}')
    '{"ssid": "Cabinet", "key": "REDACTED-11", "password_set": true, "password": ""}'
    >>> without('<wl0 ssid="NEUF_0060" wpakey="Soleil2024" wepkey=""/>')
    '<wl0 ssid="NEUF_0060" wpakey="REDACTED-10" wepkey=""/>'
    """
    wifi = _WIFI | _WIFI_WHERE if _NETWORKS.search(text) else _WIFI
    text = _without_lists(_TURNED.sub(_turned, _HOLDS.sub(_pair, _PAIR.sub(_pair, text))))
    text = _JSON.sub(lambda match: _json(match, wifi), text)
    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(_attribute, tag[0]), text)


def secret(name: str, value: str) -> bool:
    """Whether the value of that name is one to keep from everybody."""
    plain = re.sub(r"[ _.:-]", "", json.loads(f'"{name}"') if "\\u" in name else name).lower()
    if value in _KNOWN or MARKER.fullmatch(value) or plain.endswith(("publickey", "pubkey")):
        return False
    if plain.rstrip("0123456789").endswith(_ENDS) or (plain in _WHOLE and value not in _NFT):
        return True
    return plain.endswith("pw") and not plain.endswith("txpw")  # `bindpw`; the other is a power


def _pair(match: re.Match[str]) -> str:
    if not secret(match[2], match[3]):
        return match[0]
    return f'{match[1]}"{_REDACTED}"' + "\n" * match[3].count("\n")


def _turned(match: re.Match[str]) -> str:
    return f'{match[1]}"{_REDACTED}"{match[3]}' if secret(match[4], match[2][1:-1]) else match[0]


def _without_lists(text: str) -> str:
    """The text without the strings of lists that their name, one secret or several, calls secret."""
    parts: list[str] = []
    at = 0
    while head := _LIST.search(text, at):
        parts.append(text[at : head.end()])
        at = head.end()
        if (name := _of_items(head[1], head[2])) and (items := _ITEMS.match(text, at)):
            said = _ITEM.sub if head[2] == "[" else _MEMBER.sub
            parts.append(said(partial(_item, name), items[0]))
            at = items.end()
    return "".join((*parts, text[at:]))


def _of_items(name: str, opens: str) -> str | None:
    """What one of the items is called where it is a secret; an object holds several only where its name says so.

    The plural of a word that means something else as well (`keys`) is mostly of what is public.
    """
    one = _SEVERAL.sub("", name)
    if opens == "[" and secret(name, "x"):
        return name
    return one if one != name and one.lower() not in _WHOLE and secret(one, "x") else None


def _item(name: str, match: re.Match[str]) -> str:
    if (match.re is _MEMBER and match[2]) or not secret(name, match[1]):
        return match[0]
    return f'"{_REDACTED}"' + "\n" * match[1].count("\n")


def _json(match: re.Match[str], wifi: frozenset[str]) -> str:
    value = match[3] if match[4] is None else match[4]
    if not secret(match[2], value) or (match[4] is None and value in ("0", "1")):
        return match[0]
    return f'{match[1]}"{_instead(match[2], value, wifi)}"' + "\n" * match[3].count("\n")


def _instead(name: str, value: str, wifi: frozenset[str]) -> str:
    """What stands in its place; of a Wi-Fi key that is written without escapes, with its number of characters."""
    return marker("key", value) if name.lower() in wifi and not set(value) & set("\\&\n") else _REDACTED


def _attribute(match: re.Match[str]) -> str:
    value = match[4] if match[4] is not None else match[5]
    sign = match[3][0]
    if not secret(match[2], value):
        return match[0]
    return f"{match[1]}{sign}{_instead(match[2], value, _WIFI)}{sign}" + "\n" * value.count("\n")
