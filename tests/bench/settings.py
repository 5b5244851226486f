"""How much of what a person reads in recordings of routers and NAS is read rightly: python -m tests.bench.settings

A row a platform and fact group: facts found, right, in the truth; precision and recall in per cent; and what the truth
was read from: recordings of devices, or texts written after the maker's documentation, which "(all)" leaves out.
With `-v` every fact that is wrong or missed. Exit status 1 when a bound is missed: 99 % precision, 93 % recall, for
every platform.
"""

import sys
from collections import Counter
from collections.abc import Mapping

from scanner.platforms import PLATFORMS
from tests.truth import Case, cases, facts

LEAST_PRECISION, LEAST_RECALL = 99.0, 93.0
Score = tuple[int, int, int]  # found, right, in the truth


def compared(case: Case) -> tuple[Mapping[str, Score], list[str]]:
    """Score by fact group, and a line for each fact that is wrong or missed."""
    found, truth = facts(case.read().device.system), facts(case.system)
    right = {name for name, value in found.items() if truth.get(name) == value}
    wrong = [f"{case.name}: wrong: {name} = {found[name]}, not {truth.get(name)}" for name in found.keys() - right]
    missed = [f"{case.name}: missed: {name} = {truth[name]}" for name in truth.keys() - found.keys()]
    counts = [Counter(name.split()[0] for name in names) for names in (found, right, truth)]
    return {group: (counts[0][group], counts[1][group], counts[2][group]) for group in counts[0] | counts[2]}, sorted(
        wrong + missed
    )


def percent(part: int, whole: int) -> float:
    """The share in per cent; of nothing, everything is right."""
    return 100 * part / whole if whole else 100.0


def table(scores: Mapping[tuple[str, str], Score]) -> list[str]:
    """The rows: platform, group, found, right, truth, precision, recall, source."""
    sources = {(item.ID, group): source for item in PLATFORMS for group, source in item.FACTS.items()}
    written = {item.ID for item in PLATFORMS if "recordings" not in item.FACTS.values()}
    sources |= {(platform, "(all)"): "documentation" for platform in written}
    return [
        f"{platform:<22} {group:<14} {found:>6} {right:>6} {truth:>6} {percent(right, found):>9.1f} "
        f"{percent(right, truth):>7.1f}  {sources.get((platform, group), '')}".rstrip()
        for (platform, group), (found, right, truth) in scores.items()
    ]


def main() -> None:
    """Print the table, and exit 1 when a platform misses a bound."""
    scores: dict[tuple[str, str], Score] = {}
    remarks: list[str] = []
    for case in cases():
        by_group, lines = compared(case)
        remarks += lines
        for group, (found, right, truth) in by_group.items():
            own = ((case.platform.ID, group), (case.platform.ID, "(all)"))
            for key in own if case.written else (*own, ("(all)", group), ("(all)", "(all)")):
                old = scores.get(key, (0, 0, 0))
                scores[key] = (old[0] + found, old[1] + right, old[2] + truth)
    heading = ("platform", "facts", "found", "right", "truth", "precision", "recall", "from")
    print("{:<22} {:<14} {:>6} {:>6} {:>6} {:>9} {:>7}  {}".format(*heading))
    print("\n".join(table(dict(sorted(scores.items())))))
    if "-v" in sys.argv:
        print("\n".join(remarks))
    whole = {platform: score for (platform, group), score in scores.items() if group == "(all)"}
    missed = [
        platform
        for platform, (found, right, truth) in whole.items()
        if percent(right, found) < LEAST_PRECISION or percent(right, truth) < LEAST_RECALL
    ]
    print("\n".join(f"missed: {platform}" for platform in sorted(missed)))
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
