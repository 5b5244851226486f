"""The site folder: what a contractor writes down about a practice before scanning it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any, Literal, cast

from inventory.device import Category, Declared
from inventory.document import from_json
from inventory.errors import ConfigError
from inventory.mac import canonical
from inventory.network import Zone
from inventory.snapshot import Authorisation, Profile, SiteFacts
from inventory.store_place import StorePlace, store_place
from inventory.yaml_file import YamlFile, check, read_yaml

# A sweep of a /20 is 4,094 questions a round; a larger "network" of a small practice is a typing mistake.
WIDEST_PREFIX = 20

FILES = ("site", "inventory", "waivers")


@dataclass(frozen=True, slots=True)
class SiteNetwork:
    """A network that may be scanned."""

    network: IPv4Network
    zone: Zone


@dataclass(frozen=True, slots=True)
class AuthKey:
    """How an SNMPv3 user proves who it is."""

    protocol: Literal["md5", "sha", "sha224", "sha256", "sha384", "sha512"]
    key: str  # a reference


@dataclass(frozen=True, slots=True)
class PrivacyKey:
    """How an SNMPv3 user encrypts."""

    protocol: Literal["des", "aes", "aes192", "aes256"]
    key: str  # a reference


@dataclass(frozen=True, slots=True)
class Credential:
    """How to log in to some devices; holds references to secrets, never a secret."""

    name: str
    kind: Literal["ssh", "snmp_v2c", "snmp_v3", "http", "freebox_app"]
    devices: tuple[str, ...]
    user: str | None = None
    password: str | None = None
    key: str | None = None
    port: int | None = None
    legacy: tuple[str, ...] = ()  # those of its devices that may be spoken to with SSH's SHA-1 algorithms
    community: str | None = None
    auth: AuthKey | None = None
    privacy: PrivacyKey | None = None
    app_token: str | None = None  # of an application that was paired with a Freebox
    plain: bool = False  # it may go over plain HTTP to a device that offers nothing else

    def references(self) -> tuple[str, ...]:
        """Where its secrets are found."""
        keys = (self.auth.key if self.auth else None, self.privacy.key if self.privacy else None)
        return tuple(item for item in (self.password, self.key, self.community, self.app_token, *keys) if item)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that the practice accepts, for a time."""

    rule: str
    subject: str  # a declared name, a device id, or "site"
    reason: str
    by: str
    until: date
    item: str | None = None
    compensating: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A practice: what may be scanned, what is declared, what is accepted."""

    client: str
    profile: Profile
    size: int
    networks: tuple[SiteNetwork, ...]
    authorisation: Authorisation
    vantage: Zone
    public_allowed: bool
    exclusions: tuple[IPv4Network, ...]
    fragile: tuple[str, ...]  # MACs
    fragile_allow: tuple[str, ...]
    credentials: tuple[Credential, ...]
    devices: tuple[Declared, ...]
    waivers: tuple[Waiver, ...]
    store: StorePlace | None = None
    documents: Mapping[str, Any] = field(default_factory=dict)  # the three files as written: what a run folder freezes
    show_names: bool = False  # names of people stay in reports

    def zone(self, address: IPv4Address) -> Zone | None:
        """The zone of an authorised address, None when no authorised network holds it."""
        return next((item.zone for item in self.networks if address in item.network), None)

    def facts(self) -> SiteFacts:
        """What rules may know of the site."""
        return SiteFacts(
            client=self.client,
            profile=self.profile,
            size=self.size,
            networks=tuple(item.network for item in self.networks),
            inventory_declared=bool(self.devices),
            exclusions=self.exclusions or None,
            declared_by_serial=tuple(sorted(item.name for item in self.devices if not item.macs)) or None,
            show_names=self.show_names or None,
        )


def read_site(folder: Path) -> Site:
    """The site of a folder; ConfigError names file, line, path, what was found and what was expected."""
    if folder.is_file():
        raise ConfigError(str(folder), None, "", "a file", "the site folder that holds it")
    if not folder.is_dir():
        raise ConfigError(str(folder), None, "", "no such folder", "a site folder (vigie init makes one)")
    return _site(read_yaml(folder / f"{name}.yaml") for name in FILES)


def site_from(documents: Mapping[str, Any]) -> Site:
    """The site frozen in a run folder; checked as strictly as the files it came from."""
    return _site(YamlFile(f"{name}.yaml", documents.get(name), {}) for name in FILES)


def seen_from(site: Site, vantage: Zone) -> Site:
    """The site as looked at from elsewhere; what a run freezes says so too."""
    return site_from({**site.documents, "site": {**site.documents["site"], "vantage": vantage}})


def _site(files: Iterable[YamlFile]) -> Site:
    loaded = dict(zip(FILES, files, strict=True))
    for name, file in loaded.items():
        check(file, name)
    site, inventory, waivers = (loaded[name] for name in FILES)
    devices = _declared(inventory)
    _check_references(site, devices)
    _check_networks(site)
    data = site.data
    fragile = data.get("fragile") or {"devices": []}
    authorisation = data["authorisation"]
    declared_fragile = tuple(mac for item in devices if item.role == "medical_imaging" for mac in item.macs)
    return Site(
        client=data["client"],
        profile=from_json(Profile, data["profile"]),
        size=data["size"],
        networks=tuple(SiteNetwork(IPv4Network(item["network"]), item["zone"]) for item in data["networks"]),
        authorisation=Authorisation(
            authorisation["by"],
            date.fromisoformat(authorisation["from"]),
            date.fromisoformat(authorisation["until"]),
        ),
        vantage=data["vantage"],
        public_allowed="public_addresses" in authorisation,
        exclusions=tuple(IPv4Network(item) for item in data.get("exclusions") or ()),
        # A device declared as medical imaging is fragile whether or not somebody remembered to list it.
        fragile=tuple(sorted({canonical(item["mac"]) for item in fragile["devices"]} | set(declared_fragile))),
        fragile_allow=tuple(fragile.get("allow") or ()),
        credentials=tuple(from_json(Credential, item) for item in data.get("credentials") or ()),
        devices=devices,
        waivers=tuple(from_json(Waiver, item) for item in waivers.data["waivers"]),
        store=store_place(site),
        documents={name: file.data for name, file in loaded.items()},
        show_names=data.get("show_names", False),
    )


def _declared(file: YamlFile) -> tuple[Declared, ...]:
    devices: list[Declared] = []
    names: set[str] = set()
    macs: dict[str, str] = {}
    for index, item in enumerate(file.data["devices"]):
        if item["name"] in names:
            raise file.error(("devices", index, "name"), f"{item['name']!r} twice", "a name for one device only")
        names.add(item["name"])
        own = tuple(canonical(mac) for mac in item.get("macs", ()))
        if both := sorted(set(own) & set(map(canonical, item.get("not_same", ())))):
            raise file.error(("devices", index, "not_same"), both[0], "a MAC that is not in 'macs' as well")
        if item["role"] == "medical_imaging" and not own:
            # Only its MAC keeps it from being probed: a serial number is known after asking.
            raise file.error(("devices", index), "medical imaging without MAC", "the key 'macs'")
        for mac in own:
            if mac in macs:
                raise file.error(("devices", index, "macs"), f"{mac}, also of {macs[mac]!r}", "a MAC of one only")
            macs[mac] = item["name"]
        services = tuple(item["expected_services"]) if "expected_services" in item else None
        devices.append(
            Declared(
                name=item["name"],
                role=cast(Category, item["role"]),
                owner=item["owner"],
                use=item["use"],
                presence=item.get("presence", "permanent"),
                macs=own,
                serial=item.get("serial"),
                not_same=tuple(map(canonical, item["not_same"])) if "not_same" in item else None,
                addresses=tuple(map(IPv4Address, item["addresses"])) if "addresses" in item else None,
                maintainer=item.get("maintainer"),
                stores_health_data=item.get("stores_health_data"),
                expected_services=services,
                until=date.fromisoformat(item["until"]) if "until" in item else None,
            )
        )
    return tuple(devices)


def _check_references(file: YamlFile, devices: tuple[Declared, ...]) -> None:
    known = {item.name: item for item in devices}
    seen: set[str] = set()
    for index, item in enumerate(file.data.get("credentials") or ()):
        if item["name"] in seen:
            raise file.error(("credentials", index, "name"), f"{item['name']!r} twice", "a name for one only")
        seen.add(item["name"])
        for place, name in enumerate(item["devices"]):
            if name not in known:
                raise file.error(
                    ("credentials", index, "devices", place), repr(name), "the name of a device in inventory.yaml"
                )
            if not known[name].macs:
                # A serial number is known after logging in: until then the secret would go to whoever is there.
                raise file.error(
                    ("credentials", index, "devices", place), f"{name!r}, declared without MAC", "a device with 'macs'"
                )
        for place, name in enumerate(item.get("legacy", ())):
            if name not in item["devices"]:
                raise file.error(
                    ("credentials", index, "legacy", place), repr(name), "one of this credential's devices"
                )


def _check_networks(file: YamlFile) -> None:
    public_allowed = "public_addresses" in file.data["authorisation"]
    for index, item in enumerate(file.data["networks"]):
        network, place = IPv4Network(item["network"]), ("networks", index, "network")
        if network.prefixlen < WIDEST_PREFIX:
            raise file.error(place, str(network), f"a network of a small practice, at most a /{WIDEST_PREFIX}")
        if network.is_loopback or network.is_multicast or network.is_reserved or network.is_unspecified:
            raise file.error(place, str(network), "a network of the practice")
        if not private(network) and not public_allowed:
            raise file.error(
                place,
                f"the public network {network}",
                "private addresses, or authorisation/public_addresses saying in words that they are the practice's own",
            )
    nets = [IPv4Network(item["network"]) for item in file.data["networks"]]
    for index, network in enumerate(nets):
        if other := next((item for item in nets[:index] if item.overlaps(network)), None):
            raise file.error(("networks", index, "network"), f"{network}, which overlaps {other}", "networks apart")
    start, end = (file.data["authorisation"][key] for key in ("from", "until"))
    if end < start:
        raise file.error(("authorisation", "until"), end, f"a date not before {start}")


# RFC 1918 and RFC 3927. `is_private` of ipaddress also holds documentation and benchmark networks, which nobody owns.
_PRIVATE = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"))


def private(network: IPv4Network) -> bool:
    """Whether the network is one of those a practice may use without owning it.

    >>> private(IPv4Network("192.168.1.0/24")), private(IPv4Network("8.8.8.0/24"))
    (True, False)
    """
    return any(network.subnet_of(known) for known in _PRIVATE)
