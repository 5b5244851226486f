"""The Vigie site folder of the lab practice: what its owner would have written down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.lab.hosts import HOSTS, NETWORK, Declared, Host


def write_site(folder: Path, secrets: Mapping[str, str]) -> None:
    """Write site.yaml, inventory.yaml, waivers.yaml and secrets/nas (mode 0600) into `folder`, which may exist."""
    (folder / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = folder / "secrets/nas"
    secret.touch(mode=0o600)
    secret.chmod(0o600)
    secret.write_text(secrets["VIGIE_LAB_NAS_PASSWORD"] + "\n")
    _write(folder / "site.yaml", _site())
    _write(folder / "inventory.yaml", {"devices": [_device(host, host.declared) for host in HOSTS if host.declared]})
    _write(folder / "waivers.yaml", {"waivers": []})


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8")


def _site() -> dict[str, Any]:
    fragile = [{"mac": host.mac, "note": host.name} for host in HOSTS if host.fragile]
    credentials = [
        {"name": entry["name"], "kind": entry["kind"], "devices": [host.name]}
        | {key: value for key, value in entry.items() if key not in ("name", "kind")}
        for host in HOSTS
        for entry in host.credentials
    ]
    return {
        "vigie": 1,
        "client": "Cabinet dentaire de démonstration",
        "profile": {"exercise": "group", "software": "shared", "hosting": "local"},
        "size": sum(host.category == "workstation" for host in HOSTS),
        "networks": [{"network": NETWORK, "zone": "professional"}],
        "authorisation": {"by": "Titulaire du cabinet (laboratoire)", "from": "2026-01-01", "until": "2099-12-31"},
        "exclusions": [],
        "fragile": {"devices": fragile, "allow": []},
        "vantage": "professional",
        "credentials": credentials,
    }


def _device(host: Host, declared: Declared) -> dict[str, Any]:
    serial = {"serial": declared.serial} if declared.serial else {}
    return {
        "name": host.name,
        "macs": [host.mac],
        **serial,
        "role": host.category,
        "owner": declared.owner,
        "use": declared.use,
        "maintainer": declared.maintainer,
        "stores_health_data": declared.stores_health_data,
        "presence": declared.presence,
        "expected_services": list(declared.expected_services),
    }
