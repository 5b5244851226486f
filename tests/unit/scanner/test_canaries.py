"""Secrets planted in configurations: none of them is anywhere in a run folder, a log, a report or a terminal."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inventory.device import Device
from inventory.observation import attributed, merge
from inventory.snapshot import Coverage, History, Snapshot
from reports import render
from rules import check, load_policy
from rules.engine import EmbeddedEngine
from scanner.cli import app
from scanner.evidence import Answer, Evidence, Request
from scanner.keeping import Keeping
from scanner.platforms import PLATFORMS
from scanner.secret_store import SecretStore
from scanner.transport import Recording
from scanner.visit import write
from tests.unit.scanner.sites import SITE

ROUTER = "192.168.10.1"
MOMENT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
KEY = "-----BEGIN {0} PRIVATE KEY-----\nMIIEpAIBAAKCAQEA{1}\n-----END {0} PRIVATE KEY-----"

# platform, what is asked, the configuration; `CANARY` stands where each secret does, numbered when it is planted.
PLANTED: list[tuple[str, str, str]] = [
    ("mikrotik_routeros", "exec /export", """# 2026-11-01 10:00:00 by RouterOS 7.21.1
/interface wireless security-profiles
set [ find default=yes ] wpa-pre-shared-key=CANARY wpa2-pre-shared-key="CANARY x"
/interface wifi security
add authentication-types=wpa2-psk name=s passphrase=CANARY
/interface pppoe-client
add interface=ether1 name=pppoe-out1 password=CANARY user=fti/x
/interface wireguard
add listen-port=13231 name=wg1 private-key="CANARY="
/interface wireguard peers
add interface=wg1 preshared-key="CANARY=" public-key="abc="
/ppp secret
add name=medecin password=CANARY
/ip ipsec identity
add peer=x secret=CANARY
/snmp community
set [ find default=yes ] name=CANARY
/radius
add address=192.168.10.9 secret=CANARY service=login
/ip dns
set use-doh-server=https://dns.example/CANARY
/tool e-mail
set password=CANARY
/system script
add name=bot source=":local t \\"CANARY\\"; /tool fetch url=\\"https://api.telegram.org/bot1234567:CANARY\\""
"""),
    ("openwrt", "exec cat /etc/config/wireless", """package wireless

config wifi-iface 'a'
\toption ssid 'cabinet'
\toption encryption 'psk2'
\toption key 'CANARY'

config wifi-iface 'b'
\toption encryption 'wep'
\toption key '1'
\toption key1 'CANARY'
\toption auth_secret 'CANARY'
\toption sae_password "CANARY"

package network

config interface 'wan'
\toption proto 'pppoe'
\toption username 'fti/x'
\toption password 'CANARY'

config interface 'wg0'
\toption proto 'wireguard'
\toption private_key 'CANARY='

config wireguard_wg0
\toption preshared_key 'CANARY='

package snmpd

config com2sec 'private'
\toption community 'CANARY'

package ddns

config service 'home'
\toption password 'CANARY'

config interface 'lte'
\toption pincode 'CANARY'
"""),
    ("linux", "exec getent passwd", "root:$6$salt$CANARY:0:0:root:/root:/bin/bash\n"
     "vpn:$y$j9T$CANARY$x:1000:1000::/home/vpn:/bin/sh\n"),
    ("linux", "exec cat /etc/hostapd.conf", "wpa_passphrase=CANARY\nrocommunity CANARY 192.168.10.0/24\n"
     f"{KEY.format('RSA', 'CANARY')}\n{KEY.format('OPENSSH', 'CANARY')}\n"
     "url=https://vigie:CANARY@192.168.10.10/dav\n"),
    ("stormshield_sns", "shell CONFIG SNMP SHOW", '101 code=00a01000 msg="Begin" format="section"\n[Access]\n'
     'AuthPass=CANARY\nPrivPass="CANARY x"\nCommunity=CANARY\n[dialup0]\nAuthPassword=CANARY\n'),
    ("draytek_vigor", "shell show status", "System Uptime:1:0:0\nRouter Model: Vigor2927    Version: 4.4.0\n"
     "% Pre-Shared Key         : CANARY\nUser Password:CANARY\n Get Community set to CANARY\n"
     "    [1] sys passwd CANARY CANARY\nDrayTek> mngt snmp -e 1 -g CANARY -s CANARY\n"),
]  # fmt: skip


def planted() -> Iterator[tuple[str, str, str, list[str]]]:
    """The configurations, each secret another one, and the secrets."""
    numbers = count(10)
    for platform, ask, text in PLANTED:
        parts = text.split("CANARY")
        secrets = [f"Zq7Canari{next(numbers)}Zq" for _ in parts[1:]]
        yield platform, ask, parts[0] + "".join(map("".join, zip(secrets, parts[1:], strict=True))), secrets


class Answering:
    """A network whose one device answers each question with a planted configuration, as the door lets it through."""

    def __init__(self) -> None:
        self._keeping = Keeping(SecretStore(Path()))
        self._answers = {ask: text for _, ask, text, _ in planted()}

    def send(self, request: Request) -> Evidence:
        return self._keeping.kept(request, Answer("done", self._answers[request.ask].encode()), MOMENT)


def test_no_planted_secret_is_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [secret for *_, found in planted() for secret in found]
    assert len(secrets) >= 30
    platforms = {item.ID: item for item in PLATFORMS}
    run = tmp_path / "run"
    run.mkdir()
    recording, seen = Recording(Answering(), run), []
    for platform, ask, _, _ in planted():
        evidence = recording.send(Request("ssh", ROUTER, ask))
        for item in platforms.values():  # whoever's it is taken for
            if (observation := item.read(evidence)) is not None:
                seen.append(attributed(observation, evidence.id))
        assert platform in platforms
    recording.finish()
    device = Device(id="00:00:5e:00:53:01", system=merge(seen).device.system)
    coverage = (Coverage("ssh", ROUTER, "done", device.id),)
    snapshot = Snapshot(MOMENT, SITE.facts(), (), (device,), coverage, History(), {})
    write(run, snapshot, check(snapshot, load_policy(), EmbeddedEngine()), "fr")
    (run / "report.en.html").write_bytes(render(check(snapshot, load_policy(), EmbeddedEngine()), "html", "en"))
    shown = [str(record.__dict__) for record in caplog.records]
    for number, (_, _, text, _) in enumerate(planted()):
        file = tmp_path / f"{number}.txt"
        file.write_text(text)
        for options in ([], ["--jsonl"]):
            shown.append(CliRunner().invoke(app, ["read", *options, str(file)]).output)
    kept = [path.read_bytes().decode("utf-8", "replace") for path in run.rglob("*") if path.is_file()]
    assert len(kept) >= len(PLANTED) + 4
    assert [secret for secret in secrets if any(secret in text for text in (*kept, *shown))] == []


def test_the_planted_configurations_are_read_all_the_same() -> None:
    """Else nothing would be shown by their absence."""
    network, platforms = Answering(), {item.ID: item for item in PLATFORMS}
    (ask,) = [ask for platform, ask, *_ in planted() if platform == "mikrotik_routeros"]
    observation = platforms["mikrotik_routeros"].read(network.send(Request("ssh", ROUTER, ask)))
    assert observation is not None
    assert observation.device.system is not None
    assert observation.device.system.identity is not None
    assert observation.device.system.identity.firmware == "7.21.1"
