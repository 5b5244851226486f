"""What a device could call itself to harm a reader, wherever an assessment holds a string from outside."""

from dataclasses import replace

from rules.finding import Assessment, DeviceSummary, Finding, Words
from tests.unit.reports.sample import sample

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}}{% raw %}",
    "{0.__class__}{lang}",
    "[bold red]rich[/bold red][link=http://evil.example]x[/link]",
    "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "nas\u202egnp.exe\u2066\u200b\u2028\u2029",
    "line\r\none\ttwo\x00three",
    "</style></table></details></html><!--",
    "javascript:alert(1)",
    "=HYPERLINK(1)",
    "A" * 10_000,
    "&lt;b&gt;&amp;",
)
EVERYTHING = " ".join(HOSTILE[:-2])


WORDS = Words(EVERYTHING, EVERYTHING)


def hostile() -> Assessment:
    """The sample, each of its outside strings turned against the reader."""
    whole = sample()
    return replace(
        whole,
        vigie=EVERYTHING,
        policy=EVERYTHING,
        site=replace(whole.site, client=EVERYTHING),
        authorisation=replace(whole.authorisation, by=EVERYTHING) if whole.authorisation else None,
        unused_waivers=HOSTILE,
        rules=tuple(replace(rule, title=WORDS, references=HOSTILE, memento_rule=EVERYTHING) for rule in whole.rules),
        checkpoints=tuple(replace(one, title=WORDS, principles=HOSTILE) for one in whole.checkpoints),
        findings=tuple(_finding(one, HOSTILE[n % len(HOSTILE)]) for n, one in enumerate(whole.findings)),
        devices=tuple(_device(one, HOSTILE[n % len(HOSTILE)]) for n, one in enumerate(whole.devices)),
        coverage=tuple(
            replace(entry, source=HOSTILE[n], target=EVERYTHING, cause=EVERYTHING)
            for n, entry in enumerate(whole.coverage)
        ),
        evidence=tuple(
            replace(entry, source=EVERYTHING, target=EVERYTHING, ask=EVERYTHING, file=HOSTILE[n], detail=EVERYTHING)
            for n, entry in enumerate(whole.evidence)
        ),
    )


def _finding(finding: Finding, text: str) -> Finding:
    waiver = finding.waiver
    return replace(
        finding,
        item=text,
        cause=finding.cause and EVERYTHING,
        message=WORDS,
        remedy=WORDS,
        values={text: text for text in HOSTILE},
        proofs=tuple(replace(proof, fact=EVERYTHING) for proof in finding.proofs),
        waiver=waiver and replace(waiver, by=EVERYTHING, reason=EVERYTHING, compensating=EVERYTHING),
    )


def _device(device: DeviceSummary, text: str) -> DeviceSummary:
    return replace(
        device,
        name=text,
        clues=HOSTILE,
        vendor=HOSTILE[-2],
        model=EVERYTHING,
        firmware=EVERYTHING,
        owner=EVERYTHING,
        zone=EVERYTHING,
        addresses=HOSTILE[:3],
        macs=HOSTILE[:3],
        ports=HOSTILE,
        documented=HOSTILE,
    )
