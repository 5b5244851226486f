"""How to tell it: one assessment document in, the bytes of one report out. Pure; no network, no browser, no clock."""

from collections.abc import Callable, Mapping

from reports import to_html, to_json
from reports.words import LANGUAGES, Wording
from rules.finding import Assessment

FORMATS: Mapping[str, Callable[[Assessment, Wording], bytes]] = {
    "html": to_html.document,
    "json": to_json.document,
}

__all__ = ["FORMATS", "LANGUAGES", "render"]


def render(assessment: Assessment, format: str, lang: str = "fr") -> bytes:
    """The assessment as a report: FORMATS names the formats, LANGUAGES the languages; ValueError for any other."""
    if format not in FORMATS:
        raise ValueError(f"no report format {format!r}: choose one of {', '.join(sorted(FORMATS))}")
    return FORMATS[format](assessment, Wording(lang, assessment.causes))
