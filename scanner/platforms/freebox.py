"""Freebox (Free), from the Révolution on: the Freebox OS API, read with an application paired on its display.

Source of every answer: Freebox OS API documentation, dev.freebox.fr/sdk/os, pages `login`, `system`, `connection`,
`lan`, `wifi`, `nat`, `igd`, `dhcp`, `vpn`, `network_share`, `ftp`, and the newer one that a box itself offers. Compared
with freebox-api, free-go and a published reading of a Freebox Ultra (firmware 4.12): all but the fields of DDNS, of
which the documentation alone tells, stand there too. A list that is empty is an answer without `result`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from inventory.device import Device
from inventory.gateway import Admin, Firewall, InputChain, Vpn, Wifi
from inventory.observation import Observation
from inventory.serial import serial_number
from inventory.storage import Relay, Share, SmbSettings
from inventory.system import Identity, System, User
from scanner.evidence import Evidence
from scanner.platforms import _boxes
from scanner.platforms import _freebox as _nat
from scanner.platforms._boxes import (
    LAN,
    WAN,
    address,
    each,
    flag,
    interface,
    key_length,
    port,
    reading,
    seconds,
    text,
)
from scanner.platforms._freebox import result, results
from scanner.platforms._json import Value
from scanner.platforms._reading import Api, Maturity, Reader, UnreadableError, of_system

ID = "freebox"
SNMP: tuple[str, ...] = ()
COMMANDS: tuple[str, ...] = ()
FACTS: Mapping[str, Maturity] = {
    "identity": "documentation", "wifi": "documentation", "port_forwards": "documentation", "dmz": "documentation",
    "upnp": "documentation", "dhcp": "documentation", "leases": "documentation", "admin": "documentation",
    "relays": "documentation", "vpn": "documentation", "users": "documentation", "shares": "documentation",
    "interfaces": "documentation", "firewall": "documentation", "smb": "documentation",
}  # fmt: skip
ACCOUNT = """
An application is paired once, from the practice's own network, by whoever stands before the box:

    curl -k https://mafreebox.freebox.fr/api/v8/login/authorize/ -d '{"app_id": "fr.vigie.scanner",
      "app_name": "Vigie", "app_version": "1", "device_name": "visite"}'

The answer holds the `app_token` (keep it as a secret of the site: kind `freebox_app`); accept the demand on the display
of the box. Then, in *Freebox OS → Paramètres → Gestion des accès → Applications*, take away from Vigie every right but
*Modification des réglages de la Freebox*, without which the box does not show its settings; Vigie only sends the
questions below.
"""
LIMITS = """
Whether a newer firmware waits (the box installs it when it starts), the keys that were given to guests for its Wi-Fi,
and whether its FTP is open to the Internet. Whether a share over SMB or AFP is open to guests is not told from the
setting alone: without a disk nothing is shared; the wire shows it. Nor is it told whether SMB 1 is still spoken beside
newer versions. A Freebox Pro has another API and is not read.
"""

_API = "/api/v8"
_SECURITY: tuple[tuple[str, Literal["open", "wep", "wpa", "wpa/wpa2", "wpa2", "wpa2/wpa3", "wpa3"]], ...] = (
    ("wpa12_", "wpa/wpa2"), ("wpa23_", "wpa2/wpa3"), ("wpa2_", "wpa2"), ("wpa3_", "wpa3"), ("wpa_", "wpa"),
    ("wep", "wep"), ("none", "open"), ("open", "open"),
)  # fmt: skip
_Tunnel = Literal["openvpn", "pptp", "ipsec", "wireguard", "other"]
_VPN: Mapping[object, _Tunnel] = {
    "openvpn": "openvpn", "pptp": "pptp", "ipsec": "ipsec", "wireguard": "wireguard",
}  # fmt: skip
_OFF = ("disabled", "phy_stopped")  # states of a network that is not on the air, whatever its own switch says
_RUNNING = {"started": True, "starting": True, "error": True, "stopped": False, "stopping": False}


def recognise(device: Device) -> int:
    """Sure when it announces Free's API, likely by what its pages or its UPnP description say."""
    if device.network and any(item.kind.startswith("_fbx-api.") for item in device.network.mdns or ()):
        return 95
    said = _boxes.shown(device)
    return 80 if "freebox" in said and "player" not in said else 0


def read(evidence: Evidence) -> Observation | None:
    """What the answer to one of the questions says; None for any other evidence."""
    return _boxes.from_api(evidence, _READERS)


def _system(said: Value) -> Observation:
    """Model, serial number, firmware and uptime of `GET /system/`."""
    said = result(said)
    model = said.at("model_info", "pretty_name") if said.has("model_info") else said.at("board_name")
    firmware, serial, uptime = (said.at(name) for name in ("firmware_version", "serial", "uptime_val"))
    values: dict[str, Any] = {
        "model": text(model), "serial": serial_number(text(serial)), "firmware": text(firmware),
        "uptime_s": seconds(uptime),
    }  # fmt: skip
    if values["firmware"] is None:
        raise UnreadableError("no firmware")
    lines = _boxes.placed("identity", model=model, serial=serial, firmware=firmware, uptime_s=uptime)
    return of_system(System(identity=Identity(vendor="Free", **values)), _boxes.of(values, lines, "identity"))


def _connection(said: Value) -> Observation:
    """The outer address of `GET /connection/`."""
    said = result(said)
    if not said.has("state"):
        raise UnreadableError("no state")
    outer = interface(WAN, address(said.at("ipv4")), default_route=True)
    return of_system(System(interfaces=(outer,)), {"/system/interfaces/0": said.at("ipv4").line})


def _lan(said: Value) -> Observation:
    """The inner address of `GET /lan/config/`; a box that is a mere bridge has no inner side."""
    said = result(said)
    if said.at("mode").data not in ("router", "bridge"):
        raise UnreadableError("no mode")
    if said.at("mode").data == "bridge":
        return of_system(System(), {})
    inner = interface(LAN, address(said.at("ip")), default_route=False)
    return of_system(System(interfaces=(inner,)), {"/system/interfaces/0": said.at("ip").line})


def _access(said: Value) -> Observation:
    """Who may administer the box from the Internet, of `GET /connection/config/`; on its own network everybody may."""
    said = result(said)
    remote, api = flag(said.at("remote_access")), flag(said.at("api_remote_access"))
    if remote is None:
        raise UnreadableError("no remote_access")
    ways = [Admin("http", "lan", 80, encrypted=False), Admin("https", "lan", 443, encrypted=True)]
    lines: dict[str, int] = {}
    if remote:
        lines[f"/system/admin/{len(ways)}"] = said.at("remote_access").line
        ways.append(Admin("http", "wan", port(said.at("remote_access_port")), encrypted=False))
    if api:
        lines[f"/system/admin/{len(ways)}"] = said.at("api_remote_access").line
        ways.append(Admin("api", "wan", None, encrypted=True))
    return of_system(System(admin=tuple(ways)), lines)


def _incoming(said: Value) -> Observation:
    """Its own page over TLS from the Internet, of `GET /fw/incoming/`: open when it is allowed and at work."""
    for value in results(said):
        if text(value.at("id")) is None:
            raise UnreadableError("no name of a service")
        if value.at("id").data == "https" and flag(value.at("enabled")) and flag(value.at("active")):
            way = Admin("https", "wan", port(value.at("in_port")), encrypted=True)
            return of_system(System(admin=(way,)), {"/system/admin/0": value.at("in_port").line})
    return of_system(System(), {})


def _ipv6(said: Value) -> Observation:
    """`GET /connection/ipv6/config/`: whether what nobody inside asked for is kept out; without IPv6 nothing comes."""
    said = result(said)
    used, shut = flag(said.at("ipv6_enabled")), flag(said.at("ipv6_firewall"))
    if used is None or (used and shut is None):
        raise UnreadableError("neither on nor off")
    if not used:
        return of_system(System(), {})
    chain = InputChain("ipv6_firewall", "drop" if shut else "accept", "wan", ipv6=True)
    return of_system(System(firewall=Firewall((chain,))), {"/system/firewall/input/0": said.at("ipv6_firewall").line})


def _wifi(said: Value) -> Observation:
    """The networks of `GET /wifi/bss/`: one on each radio."""
    found = each(results(said), "system.wifi", _bss)
    return of_system(System(wifi=found.items), found.lines, found.unread)


def _bss(value: Value) -> Iterable[Wifi]:
    config = value.at("config")
    name, said = text(config.at("ssid")), config.at("encryption").data
    security = next((kind for head, kind in _SECURITY if isinstance(said, str) and said.startswith(head)), None)
    if name is None or security is None:
        raise UnreadableError("no name or an encryption that is not known")
    radio = text(value.at("phy_id"))
    yield Wifi(
        name,
        f"phy{radio}" if radio else None,
        False if value.at("status", "state").data in _OFF else flag(config.at("enabled")),
        security,
        enterprise=False,
        wps=flag(config.at("wps_enabled")),
        psk_length=key_length(config.at("key")) if security.startswith("wpa") else None,
    )


def _servers(said: Value) -> Observation:
    """The VPN servers of `GET /vpn/`, which are all there, most of them stopped."""
    found = each(results(said), "system.vpn", _server)
    return of_system(System(vpn=found.items), found.lines, found.unread)


def _server(value: Value) -> Iterable[Vpn]:
    kind, state = value.at("type").data, value.at("state").data
    if not isinstance(state, str) or state not in _RUNNING:
        raise UnreadableError("a state that is not known")
    known: _Tunnel = _VPN.get(kind, "other") if isinstance(kind, str) else "other"
    yield Vpn(known, text(value.at("name")), _RUNNING[state], server=True)


def _callers(said: Value) -> Observation:
    """Who may call by VPN, of `GET /vpn/user/`."""
    found = each(results(said), "system.users", _caller)
    return of_system(System(users=found.items), found.lines, found.unread)


def _caller(value: Value) -> Iterable[User]:
    name = text(value.at("login"))
    if name is None:
        raise UnreadableError("no name")
    yield User(name, administrator=False, role="vpn")


def _relay(provider: str) -> Callable[[Value], Observation]:
    def relay(said: Value) -> Observation:
        said = result(said)
        enabled = flag(said.at("enabled"))
        if enabled is None:
            raise UnreadableError("neither on nor off")
        entry = Relay("ddns", enabled, text(said.at("hostname")))
        if not enabled and entry.name is None:
            return of_system(System(relays=()), {})
        return of_system(System(relays=(entry,)), {"/system/relays/0": said.at("enabled").line})

    relay.__doc__ = f"The name kept up to date at {provider}."
    return relay


def _shares(
    said: Value, name: str, protocol: Literal["smb", "afp", "ftp"], guest: bool | None, writable: bool | None = None
) -> Observation:
    """A share where the protocol is on; whether guests get in is only told when they do not."""
    said = result(said)
    enabled = flag(said.at(name))
    if enabled is None:
        raise UnreadableError("neither on nor off")
    share = Share("Freebox", protocol, guest=guest, writable=writable)
    lines = {"/system/shares/0": said.at(name).line} if enabled else {}
    return of_system(System(shares=(share,) if enabled else ()), lines)


def _samba(said: Value) -> Observation:
    asked, newer = (result(said).at(name) for name in ("logon_enabled", "smbv2_enabled"))
    shares = _shares(said, "file_share_enabled", "smb", False if flag(asked) else None)
    if shares.device.system is None or not shares.device.system.shares or flag(newer) is not False:
        return shares
    old = System(shares=shares.device.system.shares, smb=SmbSettings(minimum_protocol="NT1"))
    return of_system(old, {**shares.lines, "/system/smb/minimum_protocol": newer.line})


def _afp(said: Value) -> Observation:
    guest = flag(result(said).at("guest_allow"))
    return _shares(said, "enabled", "afp", None if guest else guest)


def _ftp(said: Value) -> Observation:
    guest = flag(result(said).at("allow_anonymous"))
    write = flag(result(said).at("allow_anonymous_write")) if guest else None
    return _shares(said, "enabled", "ftp", guest, writable=write)


_DDNS = ("ovh", "dyndns", "noip")
_READERS: dict[str, Reader] = {
    f"GET {_API}{path}": reading([f"system.{fact}" for fact in facts.split()], read_answer)
    for path, facts, read_answer in (
        ("/system/", "identity", _system), ("/connection/", "interfaces", _connection),
        ("/connection/config/", "admin", _access), ("/fw/incoming/", "admin", _incoming),
        ("/connection/ipv6/config/", "firewall", _ipv6), ("/lan/config/", "interfaces", _lan),
        ("/fw/redir/", "port_forwards", _nat.forwards), ("/upnpigd/redir/", "port_forwards", _nat.mapped),
        ("/fw/dmz/", "dmz", _nat.dmz), ("/upnpigd/config/", "upnp", _nat.upnp), ("/dhcp/config/", "dhcp", _nat.dhcp),
        ("/dhcp/dynamic_lease/", "leases", _nat.leases), ("/wifi/bss/", "wifi", _wifi), ("/vpn/", "vpn", _servers),
        ("/vpn/user/", "users", _callers), ("/netshare/samba/", "shares smb", _samba),
        ("/netshare/afp/", "shares", _afp), ("/ftp/config/", "shares", _ftp),
        *((f"/connection/ddns/{name}/", "relays", _relay(name)) for name in _DDNS),
    )
}  # fmt: skip
API = Api("freebox", tuple(_READERS))
# Lists that several answers make up: half of one is none.
DOUBTS: Mapping[str, tuple[str, ...]] = {
    f"GET {_API}{path}": (f"system.{fact}",)
    for path, fact in (
        ("/connection/", "interfaces"), ("/lan/config/", "interfaces"), ("/connection/config/", "admin"),
        ("/fw/incoming/", "admin"), ("/fw/redir/", "port_forwards"),
        ("/upnpigd/redir/", "port_forwards"), ("/netshare/samba/", "shares"), ("/netshare/afp/", "shares"),
        ("/ftp/config/", "shares"), *((f"/connection/ddns/{name}/", "relays") for name in _DDNS),
    )
}  # fmt: skip
