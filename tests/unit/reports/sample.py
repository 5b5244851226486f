"""A rich assessment of a made-up practice, as the typed document that reports are rendered from."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import IPv4Address, IPv4Network

from inventory.device import Category
from inventory.snapshot import Authorisation, Coverage, Profile, SiteFacts, Status, Vantage
from rules.finding import Assessment, CheckpointResult, DeviceSummary, EvidenceEntry, State, Words
from tests.unit.reports.sample_findings import (
    CHAIR,
    DESK,
    FINDINGS,
    IMAGING,
    LAPTOP,
    NAS,
    PHONE,
    PRINTER,
    ROUTER,
    STRANGER,
)
from tests.unit.reports.sample_policy import CAUSES, CHECKPOINTS, RULES

TAKEN_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a{:02x}"


def _device(mac: str, name: str, category: Category, address: str, **more: object) -> DeviceSummary:
    summary = DeviceSummary(
        id=mac,
        name=name,
        category=category,
        certain=True,
        clues=(),
        addresses=(address,) if address else (),
        macs=() if mac.startswith("declared:") else (mac,),
        mac_randomised=False,
        declared=True,
        fragile=False,
        owner="practice",
        zone="professional",
    )
    return replace(summary, **more)  # type: ignore[arg-type]


# Nine devices, one of them declared and not met.
DEVICES: tuple[DeviceSummary, ...] = (
    _device(
        ROUTER,
        "Routeur du cabinet",
        "router",
        "10.77.0.1",
        model="Debian GNU/Linux 12",
        ports=("tcp/22 ssh", "tcp/53"),
        clues=("l’appareil dit être un routeur Linux", "passerelle du réseau"),
    ),
    _device(
        NAS,
        "NAS du cabinet",
        "nas",
        "10.77.0.10",
        vendor="Synology",
        model="DS920+",
        firmware="DSM 7.2-64570",
        ports=("tcp/22 ssh", "tcp/139 smb", "tcp/445 smb", "tcp/5001 https"),
        clues=("SNMP : DSM", "partages Windows"),
        documented=("admin", "auto_block"),
    ),
    _device(
        PRINTER,
        "Imprimante de l’accueil",
        "printer",
        "10.77.0.20",
        vendor="HP",
        model="LaserJet Pro M404",
        ports=("tcp/23 telnet", "tcp/631"),
        clues=("SNMP : HP LaserJet",),
    ),
    _device(
        DESK,
        "Poste d’accueil",
        "workstation",
        "10.77.0.31",
        ports=("tcp/80 http", "tcp/445 smb"),
        clues=("partage Windows",),
    ),
    _device(CHAIR, "Poste du fauteuil 1", "workstation", "10.77.0.32", ports=("tcp/445 smb",)),
    _device(
        PHONE,
        "Téléphone de l’assistante",
        "phone",
        "10.77.0.87",
        certain=False,
        mac_randomised=True,
        owner="personal",
        zone="wifi",
        clues=("adresse MAC aléatoire", "nom d’hôte de téléphone"),
    ),
    _device(
        IMAGING,
        "Panoramique dentaire",
        "medical_imaging",
        "10.77.0.40",
        fragile=True,
        vendor="Example Imaging",
        clues=("déclaré imagerie",),
    ),
    _device(
        STRANGER,
        "Shenzhen Example 10.77.0.66",
        "unknown",
        "10.77.0.66",
        certain=False,
        declared=False,
        owner=None,
        vendor="Shenzhen Example",
    ),
    _device(LAPTOP, "Portable du remplaçant", "workstation", "", seen=False, zone=None),
)


def checkpoints() -> tuple[CheckpointResult, ...]:
    """The ten, half of them with rules, counted over the findings."""
    return tuple(
        _checkpoint(f"CP{number:02}", Words(fr, en), principles, state, tuple(mapped.split()))
        for number, (fr, en, principles, state, mapped) in enumerate(CHECKPOINTS, 1)
    )


def _checkpoint(key: str, title: Words, principles: str, state: State, mapped: tuple[str, ...]) -> CheckpointResult:
    behind = [finding for finding in FINDINGS if finding.rule in mapped]
    counts: Counter[str] = Counter(finding.verdict for finding in behind)
    causes = Counter(finding.cause for finding in behind if finding.verdict == "unknown" and finding.cause)
    return CheckpointResult(key, title, tuple(principles.split()), state, mapped, counts, causes)


def evidence() -> tuple[EvidenceEntry, ...]:
    """Five pieces of evidence, the last one without a file."""

    def entry(number: int, source: str, target: str, ask: str, file: str) -> EvidenceEntry:
        time = TAKEN_AT.replace(minute=30 + number)
        return EvidenceEntry(f"e{number}", source, target, ask, "done", time, f"evidence/{file}", _SHA.format(number))

    return (
        entry(1, "arp", "10.77.0.0/24", "who-has, five rounds", "0001.pcap"),
        entry(2, "ports", "10.77.0.0/24", "nmap -sT --top-ports 100", "0002.xml"),
        entry(3, "scripts", "10.77.0.0/24", "nmap --script smb-protocols -p 445", "0003.xml"),
        entry(4, "snmp", "10.77.0.10", "1.3.6.1.4.1.6574.1.5", "0004.snmprec"),
        entry(5, "ssh", "10.77.0.1", "nft --json list ruleset", "0005.json"),
        EvidenceEntry(
            "e6", "ssh", "10.77.0.10", "cat /etc/VERSION", "refused", TAKEN_AT, detail="Authentication failed."
        ),
    )


def coverage() -> tuple[Coverage, ...]:
    """How the sources ended: not all of them well."""

    def ended(
        source: str, target: str, status: Status, evidence: str | None = None, cause: str | None = None
    ) -> Coverage:
        return Coverage(source, target, status, None, cause, evidence)

    return (
        ended("arp", "10.77.0.0/24", "done", "e1"),
        ended("ports", "10.77.0.0/24", "done", "e2"),
        ended("ports", "10.77.0.40", "excluded", cause="excluded"),
        ended("scripts", "10.77.0.0/24", "done", "e3"),
        ended("snmp", "10.77.0.10", "done", "e4"),
        ended("snmp", "10.77.0.20", "silent"),
        ended("ssh", "10.77.0.1", "done", "e5"),
        ended("ssh", "10.77.0.10", "refused", "e6"),
    )


def sample() -> Assessment:
    """The whole document."""
    return Assessment(
        taken_at=TAKEN_AT,
        vigie="0.1.0",
        policy="b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
        site=SiteFacts(
            client="Cabinet dentaire de démonstration",
            profile=Profile("assisted", "shared", "local"),
            size=2,
            networks=(IPv4Network("10.77.0.0/24"),),
            inventory_declared=True,
        ),
        vantages=(Vantage("professional", "eth0", IPv4Address("10.77.0.250"), IPv4Network("10.77.0.0/24")),),
        checkpoints=checkpoints(),
        findings=FINDINGS,
        rules=RULES,
        devices=DEVICES,
        coverage=coverage(),
        evidence=evidence(),
        authorisation=Authorisation("le titulaire du cabinet", date(2026, 11, 1), date(2026, 12, 31)),
        causes=CAUSES,
        unused_waivers=("ANS-02.23 nas-ancien",),
    )


def bare() -> Assessment:
    """A document with nothing in it: no device, no finding, no rule, nobody who authorised."""
    empty = tuple(replace(one, state="incomplete", rules=(), counts={}, causes={}) for one in checkpoints())
    return replace(
        sample(),
        checkpoints=empty,
        findings=(),
        rules=(),
        devices=(),
        coverage=(),
        evidence=(),
        vantages=(),
        authorisation=None,
        unused_waivers=(),
    )
