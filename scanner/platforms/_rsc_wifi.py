"""The wireless networks of a RouterOS export, of each of its three packages: wireless, wifi (wifiwave2), CAPsMAN.

Only those that the router offers itself: an interface that is a station of somebody else's network is none. Keys are
redacted before anybody reads, so that nothing is said of their length.
Source: MikroTik, "Wireless Interface", "WiFi", "CAPsMAN", "WPS".
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from inventory.gateway import Wifi
from inventory.text import clean
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_served import torn
from scanner.platforms._rsc_told import Told

Security = Literal["open", "owe", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"]
Values = Mapping[str, str]

MAX_NETWORKS = 128  # of one device; a practice has six

_PROFILES = "interface wireless security-profiles"
_ACCESS_POINTS = frozenset({"ap-bridge", "bridge", "wds-slave", "ap"})
_KINDS: dict[frozenset[str], Security] = {
    frozenset({"wpa"}): "wpa", frozenset({"wpa", "wpa2"}): "wpa/wpa2", frozenset({"wpa2"}): "wpa2",
    frozenset({"wpa2", "wpa3"}): "wpa2/wpa3", frozenset({"wpa3"}): "wpa3", frozenset({"owe"}): "owe",
    # The weakest that is taken decides; no word is for three.
    frozenset({"wpa", "wpa2", "wpa3"}): "wpa/wpa2",
}  # fmt: skip
_NEW = ("interface wifi", "interface wifiwave2")
_SECRET = frozenset({
    "passphrase", "password", "private-key", "preshared-key", "secret", "ipsec-secret", "wpa2-pre-shared-key",
    "wpa-pre-shared-key",
})  # fmt: skip
_WPS = {"disabled": False, "disable": False, "push-button": True, "push-button-virtual-only": True}

Found = dict[Wifi, tuple[int, tuple[str, ...]]]  # line, and what is not written there but as delivered


def read_wifi(export: Export, told: Told) -> None:
    """Every network with its line; none where an export of everything speaks of none, and nobody else manages it."""
    bad = torn(export, "interface wireless", _PROFILES, "caps-man configuration", *_NEW,
               *(f"{menu} {part}" for menu in _NEW for part in ("configuration", "security", "datapath")))  # fmt: skip
    found: Found = {}
    apart = _apart(export)
    _old(export, found, apart)
    for menu in _NEW:
        _new(export, menu, found, apart)
    _managed(export, found)
    caps = ("interface wireless cap", *(f"{menu} cap" for menu in _NEW))
    led = any(item.values.get("enabled") == "yes" for item in export.of(*caps))
    others = [(item.line, item.text) for item in export.of("interface wireless", *_NEW) if _led(item)]
    bad += others[:1]  # its manager knows what they are
    told.doubt("wifi", bad)
    if found or (not bad and not led and export.covers("interface wireless")):
        wifis = told.many("wifi", {wifi: line for wifi, (line, _) in list(found.items())[:MAX_NETWORKS]})
        for place, wifi in enumerate(wifis):
            _mark(told, place, wifi, *found[wifi])


def _led(item: Statement) -> bool:
    """Whether a manager decides about a radio, as the router notes above it: what stands there does not count."""
    return any(note.removeprefix("#").strip().startswith("managed by CAPsMAN") for note in item.notes)


def _mark(told: Told, place: int, wifi: Wifi, line: int, silent: tuple[str, ...]) -> None:
    """Each part of a network at its line, or as a default."""
    for part in dataclasses.fields(wifi) if silent else ():
        if getattr(wifi, part.name) is not None:
            told.mark(f"/system/wifi/{place}/{part.name}", None if part.name in silent else line)


def _merged(export: Export, menu: str) -> dict[str, tuple[dict[str, str], int]]:
    """The interfaces of a menu by the name they end with: what several statements say of one stands together.

    Those that somebody else manages are left out.
    """
    found: dict[str, tuple[dict[str, str], int]] = {}
    names: dict[str, str] = {}  # how a `set` calls it → how it is called now
    for item in export.of(menu):
        called = item.item.rpartition("=")[2].strip('"') if item.verb == "set" else ""
        name = item.values.get("name") or names.get(called, called)
        if item.verb in ("add", "set") and name and not _led(item):
            names[called or name] = name
            values, _ = found.setdefault(name, ({}, item.line))
            values.update(item.values)
    return found


def _apart(export: Export) -> set[str]:
    """Interfaces from and to which a bridge forwards nothing: how the router itself sets up a guest network."""
    sides: dict[str, set[str]] = {"in-interface": set(), "out-interface": set()}
    for item in export.of("interface bridge filter"):
        said = item.values
        if item.verb == "add" and item.enabled and said.get("action") == "drop" and said.get("chain") == "forward":
            for key, names in sides.items():
                if said.keys() - {"comment", "disabled", "log", "log-prefix"} == {"action", "chain", key}:
                    names.add(said[key])
    return sides["in-interface"] & sides["out-interface"]


def _old(export: Export, found: Found, apart: set[str]) -> None:
    """The package `wireless` (version 6, and 7 on older radios)."""
    profiles = {name: values for name, (values, _) in _merged(export, _PROFILES).items()}
    if "yes" in profiles or export.covers(_PROFILES):
        profiles.setdefault("default", profiles.get("yes", {}))  # [ find default=yes ]
    rows = _merged(export, "interface wireless")
    for name, (said, line) in rows.items():
        master, _ = rows.get(said.get("master-interface", ""), ({}, 0))
        virtual = "master-interface" in said
        mode = said.get("mode", "ap-bridge" if virtual else "station")
        ssid = clean(said.get("ssid", "MikroTik"))
        if mode not in _ACCESS_POINTS or not ssid:
            continue
        on = said.get("disabled", "yes") == "no" and (not master or master.get("disabled", "yes") == "no")
        profile = profiles.get(said.get("security-profile", "default"))
        security, enterprise = _old_security(profile) if profile is not None else (None, None)
        wifi = Wifi(
            ssid, clean(name), on, security, enterprise,
            wps=_WPS.get(said.get("wps-mode", "")), isolated=said.get("default-forwarding", "yes") == "no",
            guest=name in apart or None,
        )  # fmt: skip
        silent = (("ssid", "ssid"), ("default-forwarding", "isolated"))
        found.setdefault(wifi, (line, tuple(fact for key, fact in silent if key not in said)))


def _old_security(profile: Values) -> tuple[Security | None, bool | None]:
    mode = profile.get("mode", "none")
    if mode == "none":
        return "open", False
    if mode != "dynamic-keys":
        return "wep", False
    return _security(profile.get("authentication-types", ""))


def _security(text: str) -> tuple[Security | None, bool | None]:
    """What a list such as `wpa2-psk,wpa3-psk` comes to, and whether users have accounts.

    >>> _security("wpa2-psk,wpa3-psk"), _security("wpa2-eap")
    (('wpa2/wpa3', False), ('wpa2', True))
    """
    words = [word for word in text.split(",", 16)[:16] if word]
    kind = _KINDS.get(frozenset(word.partition("-")[0] for word in words))
    return kind, any("-eap" in word for word in words) if words else None


def _new(export: Export, menu: str, found: Found, apart: set[str]) -> None:
    """The package `wifi`: settings stand in the interface, in its profiles, or in the profiles of its profile."""
    keyless = not _keys_shown(export)
    profiles = {part: _merged(export, f"{menu} {part}") for part in ("configuration", "security", "datapath")}
    rows = _merged(export, menu)
    for name, (said, line) in rows.items():
        settings = _settings(said, profiles)
        master = rows.get(said.get("master-interface", ""))
        led = settings.get("configuration.manager", "local").startswith("capsman")
        ssid = clean(settings.get("configuration.ssid", ""))
        if settings.get("configuration.mode", "ap") not in _ACCESS_POINTS or led or not ssid:
            continue
        on = said.get("disabled", "yes") == "no" and (master is None or master[0].get("disabled", "yes") == "no")
        wifi = _wifi(ssid, clean(name), on, settings, hidden=master is not None or keyless)
        found.setdefault(replace(wifi, guest=name in apart or None), (line, _silent(settings)))
    if any(item.values.get("enabled") == "yes" for item in export.of(f"{menu} capsman")):
        own = {wifi.ssid for wifi in found}
        for said, line in profiles["configuration"].values():
            settings = _settings({"configuration": said.get("name", "")}, profiles)
            ssid = clean(said.get("ssid", ""))
            if ssid and ssid not in own and said.get("mode", "ap") in _ACCESS_POINTS:
                found.setdefault(_wifi(ssid, None, None, settings, hidden=keyless), (line, _silent(settings)))


def _keys_shown(export: Export) -> bool:
    """Whether the export shows secrets, redacted since: then a network without a key has none."""
    return any(
        value and key.rpartition(".")[2] in _SECRET
        for items in export.menus.values()
        for item in items
        for key, value in item.values.items()
    )


def _silent(said: Values) -> tuple[str, ...]:
    return () if "datapath.client-isolation" in said else ("isolated",)


def _wifi(ssid: str, name: str | None, on: bool | None, said: Values, *, hidden: bool) -> Wifi:
    kinds = said.get("security.authentication-types")
    security: Security | None
    if kinds is not None:
        security, enterprise = _security(kinds) if kinds else ("open", False)
    else:  # a virtual one may have those of its master, one with a key those that are as delivered
        closed = hidden or "security.passphrase" in said
        security, enterprise = (None, None) if closed else ("open", False)
    return Wifi(
        ssid, name, on, security, enterprise,
        wps=_WPS.get(said.get("security.wps", "")), isolated=said.get("datapath.client-isolation", "no") == "yes",
    )  # fmt: skip


def _settings(said: Values, profiles: Mapping[str, Mapping[str, tuple[dict[str, str], int]]]) -> dict[str, str]:
    """The settings that count, the nearest first: `configuration.ssid`, `security.wps`, `datapath.client-isolation`."""
    found = {key: value for key, value in said.items() if "." in key}
    chosen, _ = profiles["configuration"].get(said.get("configuration", ""), ({}, 0))
    for key, value in chosen.items():
        found.setdefault(key if "." in key else f"configuration.{key}", value)
    for part in ("security", "datapath"):
        name = said.get(part) or found.get(f"configuration.{part}", "")
        for key, value in profiles[part].get(name, ({}, 0))[0].items():
            found.setdefault(f"{part}.{key}", value)
    return found


def _managed(export: Export, found: Found) -> None:
    """The networks that the router gives its access points (CAPsMAN of the package `wireless`)."""
    if not any(item.values.get("enabled") == "yes" for item in export.of("caps-man manager")):
        return
    keep = {name: values for name, (values, _) in _merged(export, "caps-man security").items()}
    paths = {name: values for name, (values, _) in _merged(export, "caps-man datapath").items()}
    for said, line in _merged(export, "caps-man configuration").values():
        inline = {key.removeprefix("security."): value for key, value in said.items() if key.startswith("security.")}
        security = {**keep.get(said.get("security", ""), {}), **inline}
        path = paths.get(said.get("datapath", ""), {})
        between = said.get("datapath.client-to-client-forwarding", path.get("client-to-client-forwarding", "no"))
        kinds = security.get("authentication-types", "")
        kind, enterprise = _security(kinds) if kinds else ("open", False)
        if ssid := clean(said.get("ssid", "")):
            found.setdefault(Wifi(ssid, None, None, kind, enterprise, isolated=between != "yes"), (line, ()))
