"""What one of several visits holds against a device stands when they are put together, whichever comes first."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from inventory.device import Identifier, Traits
from inventory.errors import ConfigError
from inventory.network import Network, SshSeen
from inventory.site import read_site
from inventory.snapshot import History, Known
from rules.engine import EmbeddedEngine
from scanner import runs, store
from scanner.joining import MOST_APART, joined
from scanner.visit import join
from tests.unit.inventory.visits import NAS, day, device, snapshot
from tests.unit.scanner.test_week import DOCK, INVENTORY, MONDAY, SITE, Day, visit
from tests.unit.scanner.wire_samples import service

STRANGER, NEW = "00:1b:21:66:66:66", "3c:22:fb:11:22:33"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("site", SITE), ("inventory", INVENTORY), ("waivers", "waivers: []\n")):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_a_visit_of_another_season_proves_nothing_today() -> None:
    parts = [snapshot(day(0), device(NAS)), snapshot(day(0) + MOST_APART, device(NAS))]
    assert len(joined(parts).devices) == 1
    late = replace(parts[1], taken_at=parts[1].taken_at + timedelta(seconds=1))
    for order in permutations((parts[0], late)):
        with pytest.raises(ConfigError, match="30 days"):
            joined(order)


@pytest.mark.parametrize("whose", [DOCK, NEW])
def test_a_stranger_who_posed_in_one_of_them_is_told_and_nobody_owns_its_mac(folder: Path, whose: str) -> None:
    made = []
    for hour in (0, 1):
        there = Day(moment=MONDAY + timedelta(hours=hour))
        there.stands("portable", DOCK, "192.168.10.30", host="portable")
        there.stands("neuf", NEW, "192.168.10.55", host="neuf")
        if hour:
            posing = service("_workstation._tcp", f"inconnu [{whose}]", "inconnu", 9)
            there.stands("inconnu", STRANGER, "192.168.10.66", posing, host="inconnu")
        made.append(visit(folder, there).run)
    run, assessment = join(made, EmbeddedEngine(), "fr")
    (found,) = [item for item in runs.snapshot_of(run).devices if STRANGER in ((item.network or Network()).macs or ())]
    assert (found.id, [link.mac for link in found.links or ()]) == (whose, [STRANGER])
    told = {row.subject for row in assessment.findings if row.rule == "ANS-02.30" and row.verdict == "warn"}
    assert told == ({DOCK} if whose == DOCK else set())
    known = {item.id: item for item in store.devices(folder, read_site(folder), print)}[whose]
    assert [[span.value for span in spans] for spans in (known.macs, known.linked)] == [[whose], [STRANGER]]


A, B = "SHA256:a", "SHA256:b"


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ([(A, A), (B, A)], {(B, A)}),  # not the one on record
        ([(A, None), (B, None)], {(A, B), (B, A)}),  # nobody has either on record: one of them is another's
        ([(A, None), (B, B)], {(B, B)}),  # taken for its own between the two
        ([(A, A), (A, A)], {(A, A)}),
    ],
)
def test_the_key_that_changed_stands(keys: list[tuple[str, str | None]], shown: set[tuple[str, str | None]]) -> None:
    networks = [replace(device(NAS).network or Network(), ssh=SshSeen("ssh-ed25519", *key)) for key in keys]
    for order in permutations(networks):
        met = (replace(device(NAS), network=network) for network in order)
        network = joined([snapshot(day(number), item) for number, item in enumerate(met)]).devices[0].network
        assert network is not None
        assert network.ssh is not None
        assert (network.ssh.fingerprint, network.ssh.pinned) in shown


def test_the_identity_that_no_earlier_visit_knows_stands() -> None:
    engines = [Traits((Identifier("mac", NAS), Identifier("engine_id", value))) for value in ("80001f01", "80001f02")]
    history = History(1, known={NAS: Known(engines[0])})
    for order in permutations(engines):
        parts = [snapshot(day(number), replace(device(NAS), traits=item), history=history)
                 for number, item in enumerate(order)]  # fmt: skip
        assert joined(parts).devices[0].traits == engines[1]


def test_what_each_of_them_recognises_counts_and_proof_outweighs_a_word() -> None:
    said, shown = (Traits((Identifier("mac", NAS), Identifier("serial", "2130abc008231", announced=word)))
                   for word in (True, False))  # fmt: skip
    key = Identifier("host_key", "ssh-ed25519 SHA256:a")
    parts = [snapshot(day(number), replace(device(NAS), traits=item))
             for number, item in enumerate((said, shown, Traits((key,))))]  # fmt: skip
    found = joined(parts).devices[0].traits
    assert found is not None
    assert set(found.identifiers) == {*shown.identifiers, key}
