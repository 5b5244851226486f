"""Bad input, one row each: a one-line error with exit status 2, or an unknown verdict with its cause.

Refused logins and wrong keys are met by real servers in tests/unit/scanner/test_wire_ssh.py and test_wire_snmp.py; here
their recorded answers are judged.
"""

import hashlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rules.engine import TIMEOUT
from scanner.runs import write_manifest
from tests.lab.hosts import SECRETS
from tests.lab.site import write_site
from tests.unit.scanner.daemons import hostile, mute

VIGIE = str(Path(sys.executable).parent / "vigie")
RECORDING = Path(__file__).parent / "recordings" / "lab-practice"
ROUTER, NAS = "192.168.10.1", "192.168.10.10"


def vigie(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [VIGIE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A sound site folder, but for the secrets of its environment."""
    write_site(tmp_path / "cabinet", dict.fromkeys(SECRETS, "a-secret-of-the-test"))
    return tmp_path / "cabinet"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of the recorded practice."""
    shutil.copytree(RECORDING, tmp_path / "run")
    return tmp_path / "run"


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


# --- the site folder ---

SITE_MISTAKES: dict[str, tuple[str, str, str]] = {
    "broken YAML": ("client:", "client: [", "site.yaml:"),
    "unknown key": ("vantage:", "vantge: x\nvantage:", "unknown key 'vantge'"),
    "bad CIDR": ("192.168.10.0/24", "192.168.10.0/33", "expected an IPv4 network"),
    "a typo in a kind": ("kind: ssh", "kind: sssh", "expected one of ssh"),
    "credential of nobody": ("devices:\n  - nas\n", "devices:\n  - nsa\n", "the name of a device in inventory.yaml"),
    "missing credential": ("file:secrets/nas", "file:secrets/gone", "a secret that can be read"),
    "variable not set": ("file:secrets/nas", "env:VIGIE_NOT_SET", "is not set, expected a secret that can be read"),
    "dates the wrong way round": ("2099-12-31", "2025-12-31", "expected a date not before"),
    "an authorisation that is over": ("2099-12-31", "2026-01-02", "not scanned: authorised from"),
}


# file, its text (None: no file), what the line says
WHOLE_FILES: dict[str, tuple[str, str | None, str]] = {
    "empty": ("site.yaml", "", "site.yaml: found nothing, expected lines of the form `key: value`"),
    "no list": ("waivers.yaml", "waivers:\n  ANS-02.14: nas\n", "expected the accepted findings, one entry each"),
    "a tab": ("waivers.yaml", "waivers:\n\t- a\n", "waivers.yaml:2: found a tab: YAML is indented with spaces"),
    "missing": ("waivers.yaml", None, "waivers.yaml: found no such file, expected"),
}


@pytest.mark.parametrize(("name", "text", "message"), WHOLE_FILES.values(), ids=WHOLE_FILES)
def test_a_file_of_the_site_that_is_wrong_as_a_whole(site: Path, name: str, text: str | None, message: str) -> None:
    (site / name).unlink()
    if text is not None:
        (site / name).write_text(text, "utf-8")
    done = vigie("scan", site)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr
    assert "found found" not in done.stderr


def test_what_is_no_run_folder_is_named(tmp_path: Path, run: Path) -> None:
    assert "found no run folder, expected a folder with evidence.jsonl" in vigie("check", tmp_path).stderr
    for command in (("report", run), ("diff", run, run)):
        assert f"found a recording alone, expected one that is judged: vigie check {run} -o" in vigie(*command).stderr
    assert "found a folder, expected a file" in vigie("read", tmp_path).stderr


@pytest.mark.parametrize(("old", "new", "message"), SITE_MISTAKES.values(), ids=SITE_MISTAKES)
def test_a_mistake_in_the_site_is_one_line(site: Path, old: str, new: str, message: str) -> None:
    replaced(site / "site.yaml", old, new)
    done = vigie("scan", site)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert message in done.stderr
    assert not (site / "runs").exists()


# --- a recording ---


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 99)


RECORDING_MISTAKES: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "no index": ("evidence.jsonl", Path.unlink, "no recording"),
    "an empty index": ("evidence.jsonl", emptied, "evidence.jsonl is empty"),
    "a cut index": ("evidence.jsonl", cut, "evidence.jsonl:1: not an index line"),
    "an index of garbage": ("evidence.jsonl", garbage, "evidence.jsonl:1: not an index line"),
    "no site": ("site.json", Path.unlink, "site.json"),
    "a site of garbage": ("site.json", garbage, "site.json"),
    "a history of garbage": ("history.json", garbage, "history.json"),
}


@pytest.mark.parametrize(("name", "spoil", "message"), RECORDING_MISTAKES.values(), ids=RECORDING_MISTAKES)
def test_a_recording_that_cannot_be_read_is_one_line(
    run: Path, name: str, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(run / name)
    done = vigie("check", run)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert message in done.stderr


def answered(run: Path, source: str, target: str, status: str, changed: Callable[[bytes], bytes | None]) -> None:
    """The recording with other answers to what a source asked a target; as if they had been recorded."""
    lines = [json.loads(line) for line in (run / "evidence.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        if (line["source"], line["target"]) != (source, target):
            continue
        line["status"] = status
        body = changed((run / line["file"]).read_bytes()) if "file" in line else None
        if body is None:
            line.pop("file", None)
            line.pop("sha256", None)
        else:
            (run / line["file"]).write_bytes(body)
            line["sha256"] = hashlib.sha256(body).hexdigest()
    (run / "evidence.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def zeros(_body: bytes) -> bytes:
    return bytes(999)


def gone(_body: bytes) -> None:
    return None


# what was answered: source, target, status, body made of the old one; rule, subject (MAC), cause of its unknown
Answered = tuple[str, str, str, Callable[[bytes], bytes | None], str, str, str]
ROUTER_MAC, NAS_MAC = "00:0d:b9:41:aa:01", "00:11:32:24:f9:eb"
ANSWERS: dict[str, Answered] = {
    "truncated nmap XML": ("ports", NAS, "done", half, "ANS-02.19", NAS_MAC, "unreadable"),
    "no nmap XML at all": ("ports", NAS, "done", zeros, "ANS-02.19", NAS_MAC, "unreadable"),
    "wrong SNMP key": ("snmp", NAS, "credential_refused", gone, "ANS-02.23", NAS_MAC, "credential_refused"),
    "silent SNMP": ("snmp", NAS, "silent", gone, "ANS-02.23", NAS_MAC, "silent"),
    "refused SSH": ("ssh", ROUTER, "refused", gone, "ANS-03.02", ROUTER_MAC, "refused"),
    "wrong SSH password": ("ssh", ROUTER, "credential_refused", gone, "ANS-03.02", ROUTER_MAC, "credential_refused"),
}


@pytest.mark.parametrize("row", ANSWERS.values(), ids=ANSWERS)
def test_a_bad_answer_is_an_unknown_with_its_cause(run: Path, row: Answered) -> None:
    source, target, status, changed, rule, subject, cause = row
    answered(run, source, target, status, changed)
    done = vigie("check", run, "--json")
    assert done.returncode in (1, 3), done.stderr
    assessment = json.loads(done.stdout)
    rows = [row for row in assessment["findings"] if (row["rule"], row["subject"]) == (rule, subject)]
    assert {(row["verdict"], row.get("cause")) for row in rows} == {("unknown", cause)}


# --- the OPA server ---


@contextmanager
def server(answer: bytes, pause: float = 0.0) -> Iterator[str]:
    """A web server that is no OPA: it gives every request the same answer, after a pause."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(pause)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()


def test_no_opa_server_is_one_line(run: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = vigie("check", run, "--opa", f"http://127.0.0.1:{port}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "connection refused" in done.stderr


@pytest.mark.parametrize("answer", [b"{}", b"[]", b"not json", b'{"result": []}', b'{"result": {}}'])
def test_an_opa_server_that_answers_nonsense_is_one_line(run: Path, answer: bytes) -> None:
    with server(answer) as url:
        done = vigie("check", run, "--opa", url)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "OPA" in done.stderr


def test_an_opa_server_that_never_answers_is_one_line_in_bounded_time(run: Path) -> None:
    started = time.monotonic()
    with hostile(mute) as port:
        done = vigie("check", run, "--opa", f"http://127.0.0.1:{port}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert f"OPA cannot be used: answer too slow: not whole after {TIMEOUT:g} s" in done.stderr
    assert time.monotonic() - started < TIMEOUT + 20  # seconds: one request, not tried again


def test_a_refused_visit_leaves_nothing_and_says_only_why(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network of the site is here: nothing is sent."""
    for name in SECRETS:
        monkeypatch.setenv(name, "a-secret-of-the-test")
    done = vigie("scan", site)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "192.168.10.0/24: not scanned" in done.stderr
    assert not (site / "runs").exists()


# --- a run that somebody changed, waivers of nothing ---


def finished(run: Path) -> Path:
    """The recording as a run folder, with its conclusions and its manifest."""
    assert vigie("check", run, "-o", run).returncode == 1
    write_manifest(run, {})
    return run


def test_a_changed_piece_of_evidence_is_told_in_the_terminal(run: Path) -> None:
    body = next((run / "evidence").glob("smb-*"))
    body.write_bytes(body.read_bytes() + b" ")
    done = vigie("check", run)
    (line,) = [line for line in done.stdout.splitlines() if "Modifié depuis la visite" in line]
    assert f"evidence/{body.name}" in line


@pytest.mark.parametrize("name", ["assessment.json", "snapshot.json"])
def test_changed_conclusions_are_told_by_report_and_diff(run: Path, name: str) -> None:
    finished(run)
    for command in (("report", run), ("diff", run, run)):
        assert vigie(*command).stderr == ""
    replaced(run / name, "poste-accueil", "poste-acueil")
    for command in (("report", run), ("diff", run, run)):
        done = vigie(*command)
        assert f"{run / name}: changed after the visit" in done.stderr


def test_a_waiver_of_nothing_is_told(run: Path) -> None:
    document = json.loads((run / "site.json").read_text("utf-8"))
    common = {"reason": "remplacé au printemps", "by": "la titulaire", "until": "2099-12-31"}
    document["waivers"]["waivers"] = [
        {"rule": "ANS-02.41", "subject": "nas", **common},
        {"rule": "ANS-02.14", "subject": "naz", **common},
        {"rule": "ANS-02.14", "subject": "nas", **common},
    ]
    (run / "site.json").write_text(json.dumps(document), "utf-8")
    first, second = vigie("check", run).stderr.splitlines()
    assert "'ANS-02.41', which is no rule, the id of a rule (did you mean 'ANS-02." in first
    assert "'naz', which is no device, the name or id of a device, or site (did you mean 'nas'?)" in second


def test_no_visit_begins_with_a_waiver_of_no_rule(site: Path) -> None:
    (site / "waivers.yaml").write_text(
        "waivers:\n  - {rule: ANS-99.99, subject: nas, reason: bientôt ôté, by: la titulaire, until: 2099-12-31}\n",
        "utf-8",
    )
    done = vigie("scan", site)
    assert done.returncode == 2
    assert "waivers.yaml: found 'ANS-99.99', which is no rule, expected the id of a rule" in done.stderr
    assert not (site / "runs").exists()


def test_the_recording_itself_is_sound(run: Path) -> None:
    assert vigie("check", run).returncode == 1
