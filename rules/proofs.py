"""Where the facts of a finding were read: looks pointers up in a snapshot's provenance."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from inventory.identifiers import TRAIT_FACTS
from inventory.snapshot import Snapshot, Source
from rules.finding import Proof

MAX_PROOFS = 8  # enough to show; the evidence itself holds the rest


class Provenance:
    """The provenance of a snapshot, by device and fact."""

    def __init__(self, snapshot: Snapshot) -> None:
        indexes = {str(index): device.id for index, device in enumerate(snapshot.devices)}
        self._sources: dict[str, dict[str, Source]] = defaultdict(dict)  # device id → fact → source
        for pointer, source in snapshot.provenance.items():
            _, root, index, *fact = [*pointer.split("/", 3), "", ""][:4]
            if root == "devices" and index in indexes:
                self._sources[indexes[index]][fact[0]] = source
        self._asked = tuple(entry for entry in snapshot.coverage if entry.evidence)

    def of_fact(self, device: str, fact: str) -> tuple[Proof, ...]:
        """The proofs of one fact ("system/port_forwards/0"): at it and below it, else at the nearest above it.

        Of a group ("system/identity") its fields tell more than the group, whose source may know only some of them; of
        a list that was read as a whole the items tell no more.
        """
        sources = self._sources.get(device, {})
        fact = fact.strip("/")
        below = {name: source for name, source in sources.items() if name.startswith(f"{fact}/")}
        if (own := sources.get(fact)) is None:
            return _proofs(below) if below else _above(fact, sources)
        fields = {name: source for name, source in below.items() if not name[len(fact) + 1 :][0].isdigit()}
        told = own.evidence in {source.evidence for source in fields.values()}
        return _proofs(fields if told else {fact: own, **fields})

    def of_paths(self, device: str, paths: Iterable[str]) -> tuple[Proof, ...]:
        """The proofs of what a rule's needs name: facts ("device.network.smb"), sources ("coverage.arp")."""
        paths = tuple(paths)
        named = [path.removeprefix("device.") for path in paths if path.startswith("device.")]
        # Traits are read of no evidence: they are worked out of facts that were.
        facts = [path.replace(".", "/") for name in named for path in (TRAIT_FACTS if name == "traits" else (name,))]
        found = dict.fromkeys(proof for fact in facts for proof in self.of_fact(device, fact))
        names = [path.removeprefix("coverage.") for path in paths if path.startswith("coverage.")]
        for entry in self._asked:  # what a whole network answered speaks of a device that did not
            if entry.source in names and entry.evidence:
                found[Proof(f"coverage/{entry.source}", entry.evidence)] = None
        return tuple(sorted(found, key=_order)[:MAX_PROOFS])


def _above(fact: str, sources: Mapping[str, Source]) -> tuple[Proof, ...]:
    """The proof of a fact that stands in no place of its own, but in what holds it."""
    above = fact
    while above := above.rpartition("/")[0]:
        if above in sources:
            return _proofs({fact: sources[above]})
    return ()


def _proofs(sources: Mapping[str, Source]) -> tuple[Proof, ...]:
    proofs = [Proof(fact, source.evidence, source.line, source.default) for fact, source in sources.items()]
    return tuple(sorted(proofs, key=_order)[:MAX_PROOFS])


def _order(proof: Proof) -> list[tuple[int, str]]:
    """Facts in reading order: item 10 of a list after item 9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in proof.fact.split("/")]
