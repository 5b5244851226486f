"""Where the store of a site is, and how long it keeps what: the `store` of site.yaml. Needs no database."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from inventory.yaml_file import YamlFile

# The file of a store that has no URL, beside site.yaml.
STORE = "vigie.sqlite"


@dataclass(frozen=True, slots=True)
class Keep:
    """How long the store keeps what."""

    sightings: timedelta = timedelta(days=30)  # each sighting, and strangers that show an invented MAC
    findings: timedelta = timedelta(days=366)  # runs and findings


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where devices and findings over time are kept; without it, in `vigie.sqlite` beside `site.yaml`."""

    url: str | None = None  # "postgresql://vigie@192.0.2.5/vigie", never with a password in it
    password: str | None = None  # a reference
    schema: str | None = None  # of this practice alone: one server may serve several
    keep: Keep = Keep()


# What a store's URL may ask of libpq: a key like `password` or `passfile` would put a secret into site.yaml.
_URL_OPTIONS = {"host", "port", "sslmode", "sslrootcert"}


def store_place(file: YamlFile) -> StorePlace | None:
    """What site.yaml says of the store, None when nothing; ConfigError when its URL may hold a secret."""
    data = file.data.get("store")
    if data is None:
        return None
    keep = data.get("keep") or {}
    usual = Keep()
    days = timedelta(days=keep["sightings_days"]) if "sightings_days" in keep else usual.sightings
    months = timedelta(days=keep["findings_months"] * 366 / 12) if "findings_months" in keep else usual.findings
    if "url" in data:
        parts = urlsplit(data["url"])
        if parts.password is not None or not {key for key, _ in parse_qsl(parts.query)} <= _URL_OPTIONS:
            known = ", ".join(sorted(_URL_OPTIONS))
            expected = f"no password there (a reference under 'password'), and of options only {known}"
            raise file.error(("store", "url"), "a URL that may hold a secret (not shown)", expected)
    return StorePlace(data.get("url"), data.get("password"), data.get("schema"), Keep(days, months))
