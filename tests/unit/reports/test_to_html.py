import base64
import hashlib
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from ipaddress import IPv4Network
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from inventory.snapshot import Coverage
from reports import links, render, view
from reports.to_html import MAX_VALUE, document
from reports.words import LANGUAGES, Wording, table
from rules.finding import Assessment, Words
from tests.unit.reports.hostile import hostile
from tests.unit.reports.sample import bare, sample
from tests.unit.reports.sample_findings import IMAGING
from tests.unit.reports.sample_policy import CAUSES

GOLDEN = Path(__file__).parent / "golden"
VOID = {"meta", "br", "circle", "path", "use"}
TAGS = """
html head meta title style body svg symbol circle path use a header p h1 h2 h3 h4 dl div dt dd main section ul ol li
span details summary nav article bdi code table caption thead tbody tr th td footer br
"""
ATTRIBUTES = """
lang charset http-equiv content name class aria-hidden width height id viewbox cx cy r fill stroke stroke-width
stroke-dasharray stroke-linejoin d href aria-labelledby data-label tabindex role scope rel
"""
MAKERS = (sample, bare, hostile)
PAGES = [pytest.param(make(), lang, id=f"{make.__name__}-{lang}") for make in MAKERS for lang in LANGUAGES]


class Page(HTMLParser):
    """What a browser would make of the page, kept as lists; a tag that is not closed in its place is an error."""

    def __init__(self, assessment: Assessment, lang: str = "fr") -> None:
        super().__init__()
        self.source = document(assessment, Wording(lang, CAUSES)).decode()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[int] = []
        self.text: list[str] = []
        self.names: list[str] = []
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)
        if self.open[-1:] == ["bdi"]:
            self.names.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment in the page: {data}")

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_the_golden_one(lang: str) -> None:
    page, golden = document(sample(), Wording(lang, CAUSES)), GOLDEN / f"sample.{lang}.html"
    if os.environ.get("VIGIE_UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(page)
    assert golden.exists(), f"{golden.name} is missing: run this test with VIGIE_UPDATE_GOLDEN=1 and look at the page"
    assert page == golden.read_bytes(), (
        f"{golden.name} changed: if that is meant, run this test with VIGIE_UPDATE_GOLDEN=1 and look at the page"
    )


@pytest.mark.parametrize(("assessment", "lang"), PAGES)
def test_tags_are_balanced_ids_unique_and_links_lead_somewhere(assessment: Assessment, lang: str) -> None:
    page = Page(assessment, lang)
    assert page.open == []
    ids = page.values("id")
    assert sorted(set(ids)) == sorted(ids)
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)
    assert {name for value in page.values("aria-labelledby") for name in value.split()} <= set(ids)


@pytest.mark.parametrize(("assessment", "lang"), PAGES)
def test_only_our_own_markup_is_in_the_page(assessment: Assessment, lang: str) -> None:
    page = Page(assessment, lang)
    assert set(page.tags) <= set(TAGS.split())
    assert {name for _, name, _ in page.attributes} <= set(ATTRIBUTES.split())
    assert set(page.values("data-label")) <= {words[lang] for words in table()["devices"].values()}  # ours alone
    assert page.source.count("<style>") == page.source.count("</style>") == 1


@pytest.mark.parametrize(("assessment", "lang"), PAGES)
def test_nothing_is_loaded_and_only_safe_addresses_are_links(assessment: Assessment, lang: str) -> None:
    page = Page(assessment, lang)
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(page.tags)
    assert "url(" not in page.source.split("</style>")[0]
    assert "@import" not in page.source
    for href in page.values("href"):
        parts = urlsplit(href)
        assert href.startswith("#") or parts.scheme == "https" or (not parts.scheme and href.startswith("evidence/")), (
            href
        )


@pytest.mark.parametrize(("assessment", "lang"), PAGES)
def test_the_policy_allows_this_style_and_nothing_else(assessment: Assessment, lang: str) -> None:
    page = Page(assessment, lang)
    style = page.source.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = "default-src 'none'; style-src 'sha256-" + digest + "'; base-uri 'none'; form-action 'none'"
    assert policy in page.values("content")


@pytest.mark.parametrize(("assessment", "lang"), PAGES)
def test_a_reader_without_sight_finds_the_way(assessment: Assessment, lang: str) -> None:
    page = Page(assessment, lang)
    assert ("html", "lang", lang) in page.attributes
    assert page.headings.count(1) == 1
    assert page.headings[0] == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)
    assert page.tags.count("table") == page.tags.count("caption")
    assert len(page.values("scope")) == page.tags.count("th")
    assert ("a", "class", "skip") in page.attributes


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_strings_are_shown_harmlessly(lang: str) -> None:
    page = Page(hostile(), lang)
    assert [char for char in page.source if not char.isprintable() and char not in "\n\u00a0"] == []
    assert "<script>alert(1)</script>" in page.words
    assert "{{7*7}}" in page.words
    assert "&lt;b&gt;&amp;" in page.words
    assert "A" * (MAX_VALUE + 1) not in page.words
    assert max(map(len, page.names)) == view.MAX_NAME
    assert "overflow-wrap: anywhere" in page.source


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        (
            "(3 à corriger, 1 à confirmer, 1 accepté), 4 inconnus",
            "fr",
        ),
        ("Aucun contrôle vérifié, 1 déclaré", "fr"),
        ("1 inconnu (matériel médical non sondé)", "fr"),
        ("Gravité critique sous 72 h", "fr"),
        ("Pas le mémento de l’ANS lui-même, mais : PGSSI-S, ANSSI, jurisprudence", "fr"),
        ("Le mémento de l’ANS (repère M2.5) ; aussi : PGSSI-S, ANSSI", "fr"),
        ("cette acceptation a expiré", "fr"),
        ("Expiré : de nouveau à corriger", "fr"),
        ("Acceptations qui ne correspondent à aucun constat : ANS-02.23 nas-ancien.", "fr"),
        ("pièce e9 (pièce absente de l’index)", "fr"),
        ("On ne sait pas encore ce que sont ces appareils : Shenzhen Example 10.77.0.66.", "fr"),
        ("Points sans contrôle automatique à ce jour : CP01, CP06, CP08, CP10.", "fr"),
        ("Questions addressed to the whole network at once: ARP", "en"),
        ("Not the ANS memento itself, but: PGSSI-S, ANSSI, case law", "en"),
        ("4 findings to correct (severity critical: 1, high: 2, medium: 1)", "en"),
        ("Fact system/port_forwards/0, evidence e5, line 33, file evidence/0005.json", "en"),
    ],
)
def test_the_page_says(words: str, lang: str) -> None:
    assert words in Page(sample(), lang).words


@pytest.mark.parametrize(
    ("basis", "mark", "words"),
    [
        (("memento",), "M2.5", "the ANS memento (mark M2.5)"),
        (("memento", "law"), None, "the ANS memento; also: law"),
        (("anssi", "good-practice"), None, "not the ANS memento itself, but: ANSSI, good practice, Vigie’s choice"),
        (("new-source",), None, "not the ANS memento itself, but: new-source"),
        ((), None, "Vigie"),
    ],
)
def test_what_is_the_mementos_and_what_is_ours(basis: tuple[str, ...], mark: str | None, words: str) -> None:
    rule = replace(sample().rules[0], basis=basis, memento_rule=mark)
    assert view.asked_by(rule, Wording("en", CAUSES)) == words


def test_a_checkpoint_without_a_rule_is_shown_for_a_person_to_check() -> None:
    page = Page(bare())
    assert page.words.count("Aucun contrôle automatique pour l’instant.") == 10
    assert page.words.count(table()["state"]["manual"]["fr"]) == 11  # ten, and the legend


def test_nothing_checked_is_not_called_nothing_to_correct() -> None:
    page = Page(bare()).words
    assert page.count("Rien n’a pu être vérifié.") == 2
    assert "Aucun contrôle n’a été fait." in page
    assert "Rien à corriger" not in page


def test_a_finding_of_a_waiver_in_force_is_not_to_correct() -> None:
    page = Page(sample()).words
    accepted = page.index("Ce qui a été accepté Ces écarts")
    assert page.index("Le NAS accepte l’ancien partage Windows (SMBv1).") > accepted


def test_a_device_that_was_not_probed_is_not_said_to_have_no_port() -> None:
    fragile = next(device for device in sample().devices if device.id == IMAGING)
    assert (
        view.ports_unseen(fragile, sample(), Wording("fr", CAUSES))
        == "volontairement non sondé (matériel médical non sondé)"
    )
    heard = replace(fragile, id="02:00:00:00:00:01", addresses=("192.168.10.9",), seen=True)
    row = Coverage("ports", "192.168.10.9", "not_met", heard.id, "heard, but it did not answer ARP")
    told = view.ports_unseen(heard, replace(sample(), coverage=(row,)), Wording("fr", CAUSES))
    assert told.replace("\u00a0", " ") == "non posé : il n’a pas répondu à l’ARP"


def test_a_device_is_a_card_where_its_columns_have_no_room() -> None:
    page = render(sample(), "html", "fr").decode()
    table_of_devices = page[page.index('<table class="devices">') :].partition("</table>")[0]
    cells = len(re.findall(r"<td\b", table_of_devices))
    assert len(re.findall(r'<td data-label="\w', table_of_devices)) == cells == 4 * len(sample().devices)
    assert ".devices td::before { content: attr(data-label)" in page


def test_ports_that_were_all_closed_were_looked_at() -> None:
    closed = replace(sample().devices[0], ports=())
    assert view.ports_unseen(closed, sample(), Wording("fr", CAUSES)) == "aucun n’est ouvert, de ceux essayés"


def test_rules_devices_and_evidence_that_the_document_does_not_list_are_named_bare() -> None:
    lost = Page(replace(sample(), rules=(), devices=(), evidence=())).words
    assert "ANS-03.02" in lost
    assert "02:77:00:00:00:10" in lost


def test_only_https_references_become_links() -> None:
    page = Page(sample())
    outside = {href for href in page.values("href") if urlsplit(href).scheme}
    assert outside == {"https://cyber.gouv.fr/publications/guide-dhygiene-informatique"}
    assert "http://not-a-link.example/" in page.words


@pytest.mark.parametrize(
    "file",
    [
        "../site.yaml",
        "/etc/passwd",
        "evidence//x",
        "evidence/../x",
        "file:x",
        "https://x",
        "a\\b",
        ".hidden",
        "",
        "a" * 256,
        "x?y",
        "x#y",
    ],
)
def test_a_file_outside_the_run_folder_is_no_link(file: str) -> None:
    assert links.safe_file(file) is None


@pytest.mark.parametrize(
    "reference",
    [
        "http://x.fr",
        "https://",
        "https://u:p@x.fr/",
        "https://x.fr/ y",
        "HTTPS",
        "//x.fr",
        "https://[x",
        "https://é.fr",
        "data:,x",
    ],
)
def test_a_reference_that_is_no_plain_https_address_is_no_link(reference: str) -> None:
    assert links.safe_url(reference) is None


def test_text_stands_out_from_its_ground() -> None:
    colours = dict(re.findall(r"--(\w+): #(\w{6});", Page(bare()).source))
    grounds = [_luminance(colours.pop(name)) for name in ("paper", "wash")]
    colours.pop("line")  # rules between rows, never text
    for name, colour in colours.items():
        for ground in grounds:
            assert (ground + 0.05) / (_luminance(colour) + 0.05) >= 4.5, name


def _luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_render_uses_the_causes_of_the_assessment() -> None:
    spoken = {**CAUSES, "no_credential": Words("Mot de l’époque.", "Word of the day.")}
    page = render(replace(sample(), causes=spoken), "html").decode()
    assert "Mot de l’époque" in page.replace("\u00a0", " ")


def test_an_exclusion_is_said_in_the_limits() -> None:
    site = replace(sample().site, exclusions=(IPv4Network("10.77.0.32/32"),))
    page = render(replace(sample(), site=site), "html").decode().replace("\u00a0", " ")
    assert "Exclu à la demande du cabinet, donc jamais interrogé : 10.77.0.32/32." in page


@pytest.mark.parametrize(
    ("lang", "words"),
    [("fr", "valeur par défaut de RouterOS 6.44.5"), ("en", "default of RouterOS 6.44.5")],
)
def test_a_proof_that_is_a_default_says_of_what(lang: str, words: str) -> None:
    made = sample()
    proven = next(finding for finding in made.findings if finding.verdict == "fail" and finding.proofs)
    proof = replace(proven.proofs[0], line=None, default=True)
    findings = tuple(replace(item, proofs=(proof,)) if item is proven else item for item in made.findings)
    devices = tuple(replace(device, os="routeros", firmware="6.44.5") for device in made.devices)
    assert words in render(replace(made, findings=findings, devices=devices), "html", lang).decode()
    nameless = tuple(replace(device, os=None) for device in made.devices)
    bare_words = {"fr": "valeur par défaut", "en": "default value"}[lang]
    assert bare_words in render(replace(made, findings=findings, devices=nameless), "html", lang).decode()
