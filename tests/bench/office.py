"""Who came and who went between scans of a real office, as Vigie and as ndiff say: `python -m tests.bench.office`.

The scans are the four of shared/realdata/nmap that one office had over a week. ndiff is run for real on both files of
each pair, without their script outputs: ndiff 7.93 cannot compare a port that has two (it sorts objects without an
order), and no script says whether a host is up.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scanner.identify import identities

NMAP = Path(__file__).parents[3] / "shared" / "realdata" / "nmap"
MISSING = "ndiff is MISSING: install Debian's package ndiff (apt-get install ndiff); nothing was compared"


@dataclass(frozen=True, slots=True)
class Moves:
    """Addresses that are up in the second scan alone, and in the first alone."""

    came: frozenset[str]
    went: frozenset[str]


def scans() -> list[Path]:
    """The scans of the office, in their order in time."""
    return sorted(NMAP.glob("GetPhage__nmap-*.xml"))


def ours(before: Path, after: Path) -> Moves:
    """What `vigie identify` sees of both."""
    old, new = ({row["device"] for row in identities(file) if "device" in row} for file in (before, after))
    return Moves(frozenset(new - old), frozenset(old - new))


def ndiff(before: Path, after: Path) -> Moves:
    """What ndiff says; it ends with 1 when anything differs, with 2 when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        files = [_without_scripts(file, Path(folder)) for file in (before, after)]
        done = subprocess.run(["ndiff", "--xml", *files], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)
    came, went = set[str](), set[str]()
    for difference in ET.fromstring(done.stdout).iter("hostdiff"):
        states = [_state(side) for side in difference.iter("a")], [_state(side) for side in difference.iter("b")]
        moved = {state for side in states for state in side if state}
        if moved:
            where = came if "up" in states[1] else went
            where.update(item.get("addr", "") for item in difference.iter("address"))
    return Moves(frozenset(came), frozenset(went))


def _state(side: ET.Element) -> str | None:
    status = side if side.tag == "status" else side.find(".//status")
    return None if status is None else status.get("state")


def _without_scripts(file: Path, folder: Path) -> str:
    tree = ET.parse(file)
    for parent in tree.iter():
        for script in parent.findall("script"):
            parent.remove(script)
    copy = folder / file.name
    tree.write(copy)
    return str(copy)


def rows() -> Iterator[tuple[Path, Path, Moves, Moves]]:
    """Each pair of scans, and what both say."""
    for before, after in itertools.combinations(scans(), 2):
        yield before, after, ours(before, after), ndiff(before, after)


def main() -> int:
    """Print the table; 0 when both agree on every pair."""
    if shutil.which("ndiff") is None:
        print(MISSING, file=sys.stderr)
        return 2
    agreed = []
    for before, after, vigie, other in rows():
        agreed.append(vigie == other)
        print(f"{before.stem} → {after.stem}: {'equal' if vigie == other else 'DIFFERENT'}")
        for name, moves in (("vigie", vigie), ("ndiff", other)):
            print(f"  {name}  came {', '.join(sorted(moves.came)) or '–'}  went {', '.join(sorted(moves.went)) or '–'}")
    print(f"{sum(agreed)} of {len(agreed)} pairs equal")
    return 0 if all(agreed) and agreed else 1


if __name__ == "__main__":
    sys.exit(main())
