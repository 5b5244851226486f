"""check(): a snapshot and a policy make an assessment. Pure, but for an engine that is an OPA server."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from inventory.device import Device
from inventory.errors import ParseError
from inventory.names import impersonal
from inventory.network import Port
from inventory.site import Waiver
from inventory.snapshot import Authorisation, GuestView, Snapshot, snapshot_schema
from rules.engine import Engine
from rules.finding import Assessment, Attached, DeviceSummary, EvidenceEntry, Finding, GuestCount, Words
from rules.needs import is_seen
from rules.places import asked_at
from rules.rollup import checkpoints
from rules.rule import Policy
from rules.verdict import findings
from rules.waivers import waived

_SEVERITIES = ("critical", "high", "medium", "low")


def check(
    snapshot: Snapshot,
    policy: Policy,
    engine: Engine,
    *,
    waivers: Iterable[Waiver] = (),
    evidence: Iterable[EvidenceEntry] = (),
    authorisation: Authorisation | None = None,
    version: str = "",
) -> Assessment:
    """The assessment of a snapshot; ParseError where it does not fit the schema, PolicyError when the engine fails."""
    document = snapshot.to_json()
    _validate(document)
    judged = findings(snapshot, policy, engine.evaluate(document, policy))
    shown = str if snapshot.site.show_names else impersonal
    names = {device.id: shown(device.name or device.id) for device in snapshot.devices}
    asked = asked_at(snapshot)
    rows, unused = waived(judged, waivers, snapshot.devices, snapshot.taken_at.date())
    return Assessment(
        taken_at=snapshot.taken_at,
        vigie=version,
        policy=policy.sha256,
        site=snapshot.site,
        vantages=snapshot.vantages,
        checkpoints=checkpoints(policy, rows),
        findings=tuple(sorted(rows, key=_order)),
        rules=tuple(rule.text() for rule in policy.rules),
        devices=tuple(
            replace(summary(device, names, shown), asked_at=asked[device.id])
            for device in sorted(snapshot.devices, key=_place)
        ),
        coverage=tuple(replace(row, cause=row.cause and shown(row.cause)) for row in snapshot.coverage),
        evidence=tuple(replace(row, detail=row.detail and shown(row.detail)) for row in evidence),
        authorisation=authorisation,
        causes=_named(policy, rows, snapshot),
        unused_waivers=unused,
        guests=None if snapshot.guest_views is None else tuple(map(_guests, snapshot.guest_views)),
    )


def _guests(view: GuestView) -> GuestCount:
    return GuestCount(view.network, view.zone, view.answered, None if view.reached is None else len(view.reached))


def _named(policy: Policy, rows: Iterable[Finding], snapshot: Snapshot) -> Mapping[str, Words]:
    """The words of the causes and statuses that the assessment names: a report of it needs no policy beside it."""
    used = {row.cause for row in rows} | {entry.status for entry in snapshot.coverage}
    return {cause: policy.causes[cause] for cause in sorted(filter(None, used)) if cause in policy.causes}


def exit_status(assessment: Assessment) -> int:
    """0 when all is settled and nothing fails, 1 when anything fails, 3 when nothing fails but something is open."""
    verdicts = {finding.verdict for finding in assessment.findings}
    if "fail" in verdicts:
        return 1
    return 3 if verdicts & {"unknown", "warn"} else 0


def summary(device: Device, names: Mapping[str, str], shown: Callable[[str], str] = impersonal) -> DeviceSummary:
    """What a report says of a device: what it says of itself before what the wire suggests.

    `names` are those of all devices by id; `shown` is what a report may show of a text from the wire.
    """
    network, declared = device.network, device.declared
    identity = device.system.identity if device.system else None
    seen = network.identification if network else None  # whoever logged in knows better than whoever looked
    maker = (identity.vendor if identity else None) or (seen.vendor if seen else None)
    classification = device.classification
    return DeviceSummary(
        id=device.id,
        name=device.name or device.id,
        category=classification.category if classification else "unknown",
        certain=classification is not None and classification.certain,
        clues=tuple(_shown_clue(clue.reason, shown) for clue in classification.clues) if classification else (),
        addresses=tuple(map(str, (network.addresses if network else None) or ())),
        macs=(network.macs if network else None) or (declared.macs if declared else ()),
        mac_randomised=bool(network and network.mac_randomised),
        declared=declared is not None,
        fragile=bool(device.fragile),
        vendor=maker or (network.vendor if network else None),
        model=(identity.model if identity else None) or (seen.model if seen else None),
        firmware=identity.firmware if identity else None,
        os=identity.os if identity else None,
        owner=declared.owner if declared else None,
        zone=network.zone if network else None,
        seen=is_seen(device),
        links=tuple(replace(link, value=shown(link.value)) for link in device.links or ()),
        ports=None if network is None or network.ports is None else tuple(map(_port, network.ports)),
        attached=_attached(device, names),
        documented=(device.system.documented if device.system else None) or (),
    )


def _shown_clue(reason: str, shown: Callable[[str], str]) -> str:
    """A clue with what a report may show of each value in it: what is in front of a value are words of ours.

    >>> _shown_clue("declared as phone", impersonal), _shown_clue("identified host_name Marie-PC; port 80", impersonal)
    ('declared as phone', 'identified host_name …-PC; port 80')
    """
    field, _, value = reason.partition(" ")
    if field == "declared":
        return reason
    if field != "identified":
        return f"{field} {shown(value)}".strip()
    said = (part.partition(" ") for part in value.split("; "))
    return f"{field} {'; '.join(f'{source} {shown(text)}'.strip() for source, _, text in said)}".strip()


def _attached(device: Device, names: Mapping[str, str]) -> Attached | None:
    """The switch port that a device shares with the fewest others: every other switch has it behind a busier one."""
    listed = (device.network.listed if device.network else None) or ()
    ports = ((item.sharing or 0, item.device, item.port, item.vlan) for item in listed if item.table == "forwarding")
    sharing, switch, port, vlan = min(ports, key=lambda item: item[:3], default=(0, "", "", None))
    return Attached(names.get(switch, switch), port, sharing, vlan) if sharing else None


def _port(port: Port) -> str:
    return f"{port.protocol}/{port.port}" + (f" {port.service}" if port.service else "")


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return (_SEVERITIES.index(finding.severity), *finding.identity)


def _place(device: Device) -> tuple[int, str]:
    """Devices by their lowest address, those without one last."""
    addresses = (device.network.addresses if device.network else None) or ()
    return (min(map(int, addresses), default=1 << 32), device.id)


@cache
def _validator() -> Any:  # noqa: ANN401 — jsonschema's validators share no useful type
    from jsonschema import Draft202012Validator

    published = files("inventory") / "schema" / "snapshot.schema.json"
    schema = json.loads(published.read_text("utf-8")) if published.is_file() else snapshot_schema()
    return Draft202012Validator(schema)


def _validate(document: Mapping[str, Any]) -> None:
    """Refuse what the schema does not allow: on a wrong type the two engines no longer agree."""
    for error in _validator().iter_errors(document):
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        raise ParseError(f"snapshot{pointer}", None, error.message[:300])
