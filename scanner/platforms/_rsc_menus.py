"""Menus that RouterOS prints one by one, for whoever may not export: VLANs, WireGuard; and the name its cloud gives it.

A printed row says what an added statement of an export does, so that the same readers read both.
Source: MikroTik, "Console", "WireGuard", "Cloud"; seen on 7.x (ntc-templates).
"""

from dataclasses import replace

from inventory.gateway import Vpn
from inventory.observation import Observation
from inventory.storage import Relay
from inventory.text import clean
from scanner.platforms._reading import MAX_ITEMS, nothing
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_prints import properties, rows
from scanner.platforms._rsc_told import Bad, Told
from scanner.platforms._rsc_vlans import read_vlans as read_added_vlans

VLANS = "/interface vlan print terse"
TUNNELS = "/interface wireguard print terse"
PEERS = "/interface wireguard peers print terse"
CLOUD = "/ip cloud print"


def _added(text: str, menu: str, keys: set[str]) -> tuple[list[Statement], Bad]:
    """The rows as statements that add; one without those keys is of another table, and not read."""
    found: list[Statement] = []
    bad: Bad = []
    for place, flags, pairs, line in rows(text):
        if pairs is None or not keys <= pairs.keys() or len(found) >= MAX_ITEMS:
            bad.append((place, line))
        else:
            state = {"disabled": "yes" if "X" in flags else "no"}
            found.append(Statement(menu, "add", place, line, values={**pairs, **state}))
    return found, bad


def read_vlans(text: str) -> Observation:
    """The VLAN interfaces, in terse style or in detail.

    >>> said = ' 1 R ;;; uplink\\n     name="vlan6@bond1" mtu=1508 vlan-id=6 interface=bond1 use-service-tag=no'
    >>> read_vlans(said).device.system.vlans
    (Vlan(id=6, name='vlan6@bond1', tagged=('bond1',), untagged=None),)
    """
    told = Told()
    found, bad = _added(text, "interface vlan", {"name", "vlan-id", "interface"})
    told.doubt("vlans", bad)
    if found:
        read_added_vlans(Export({"interface vlan": found}, {}, ()), told)
    return told.observation()


def read_tunnels(text: str) -> Observation:
    """The WireGuard interfaces; how many peers each has stands in another menu.

    >>> read_tunnels("0 R name=wg1 mtu=1420 listen-port=13231 public-key=oeyO").device.system.vpn[0].enabled
    True
    """
    told = Told()
    found, bad = _added(text, "interface wireguard", {"name", "listen-port"})
    told.doubt("vpn", bad)
    if found:
        told.many("vpn", {Vpn("wireguard", clean(row.values["name"]), row.enabled): row.line for row in found})
    return told.observation()


def read_peers(text: str) -> Observation:
    """The peers of WireGuard interfaces, counted; who of them has no address to be called at must call.

    >>> said = "0 interface=wg1 public-key=dcKi endpoint-address= allowed-address=192.168.100.0/24"
    >>> read_peers(said).device.system.vpn
    (Vpn(kind='wireguard', name='wg1', enabled=None, server=True, peers=1),)
    """
    told = Told()
    rows_, bad = _added(text, "interface wireguard peers", {"interface", "public-key"})
    told.doubt("vpn", bad)
    found: dict[str, tuple[Vpn, int]] = {}
    for row in rows_:
        name = clean(row.values["interface"])
        vpn, line = found.get(name, (Vpn("wireguard", name, peers=0), row.line))
        if row.enabled and name:
            waits = vpn.server or row.values.get("endpoint-address") == ""
            called = False if "endpoint-address" in row.values else None
            found[name] = (replace(vpn, peers=(vpn.peers or 0) + 1, server=waits or called), line)
    if found:
        told.many("vpn", dict(found.values()))
    return told.observation()


def read_cloud(text: str) -> Observation:
    """Whether MikroTik's cloud gives the router a name, and which.

    >>> read_cloud("  ddns-enabled: yes\\n  dns-name: 529c0491d41c.sn.mynetname.net\\n").device.system.relays
    (Relay(kind='mikrotik_cloud', enabled=True, name='529c0491d41c.sn.mynetname.net'),)
    """
    said = properties(text)
    if "ddns-enabled" not in said:
        return nothing("system.relays", text)
    told = Told()
    (word, line), (name, _) = said["ddns-enabled"], said.get("dns-name", ("", 0))
    on = word == "yes" or (word == "auto" and bool(name))
    told.many("relays", {Relay("mikrotik_cloud", on, name or None): line} if on else {})
    told.defaults.clear()  # it was said
    return told.observation()
