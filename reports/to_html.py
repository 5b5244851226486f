"""The report as one HTML page: no script, no external resource, everything escaped.

Every value passes `harmless` and then Jinja's escaping; the only markup that enters unescaped is our own style sheet,
whose hash the page's content security policy names.
"""

import base64
import hashlib
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import guests, links, remarks, touched, view
from reports.attachment import attached
from reports.words import Wording, plain, product, sentence
from rules.finding import Assessment

# Longer than any reason or command a person wrote; stops one value from filling the page.
MAX_VALUE = 2000
_NO_BREAK = "\u00a0\u202f"


def document(assessment: Assessment, say: Wording) -> bytes:
    """The page, UTF-8."""
    entries = {entry.id: f"evidence-{number}" for number, entry in enumerate(assessment.evidence, 1)}
    sections = view.view(assessment)
    page = _environment().get_template("report.html.j2")
    text = page.render(
        a=assessment,
        v=sections,
        clear=say("guests.unjudged") if guests.alone(assessment) else view.clear(sections, say),
        guests=guests.counted(assessment, say),
        alone=guests.alone(assessment),
        severities=view.severities(sections, say),
        checkpoints=sorted(assessment.checkpoints, key=lambda checkpoint: checkpoint.key),
        say=say,
        style=_style(),
        policy=content_policy(_style()),
        anchors=entries,
        broadcasts=view.broadcasts(assessment, say),
        message=partial(view.message, say=say),
        place=partial(view.place, say=say),
        precisely=partial(view.precisely, say=say),
        asked_by=partial(view.asked_by, say=say),
        coverage=partial(view.coverage, say=say),
        causes=partial(view.causes, say=say),
        clue=partial(remarks.clue, say=say),
        ended=partial(remarks.ended, say=say),
        detail=partial(remarks.detail, say=say),
        values=partial(remarks.values, say=say),
        attached=partial(attached, say=say),
        ports_unseen=partial(view.ports_unseen, assessment=assessment, say=say),
    )
    return text.encode("utf-8", "replace")


def content_policy(style: str) -> str:
    """The page's content security policy: nothing loads, only this style applies."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def harmless(value: object) -> object:
    """A value that can be shown: text without control characters or direction tricks, at most MAX_VALUE long.

    >>> harmless("NAS\\u202e\\x1b[31m")
    'NAS  [31m'
    """
    if value is None:
        raise TypeError("a report never prints None: the template must say what is missing")
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    shown = value if len(value) <= MAX_VALUE else value[: MAX_VALUE - 1] + "…"
    return "".join(char if char.isprintable() or char in _NO_BREAK else " " for char in shown)


def _style() -> Markup:
    return Markup((files("reports") / "templates" / "report.css").read_text("utf-8"))  # noqa: S704 — our own file


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"plain": plain, "sentence": sentence, "shortened": view.shortened}
    environment.globals |= {
        "addresses": view.addresses,
        "altered": touched.altered,
        "product": product,
        "removed": touched.removed,
        "outcomes": view.outcomes,
        "safe_file": links.safe_file,
        "safe_url": links.safe_url,
        "state": view.state,
        "support": view.support,
        "total": view.total,
    }
    return environment
