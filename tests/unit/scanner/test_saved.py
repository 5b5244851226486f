"""`vigie read`: saved files made facts, each with its line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inventory.errors import ConfigError
from scanner.saved import facts, saved
from tests.unit.scanner.test_platforms import RECORDINGS

VIGIE = str(Path(sys.executable).parent / "vigie")


DROPS = {"table": "inet filter", "policy": "drop"}


def rows(path: Path, platform: str | None = None) -> list[dict[str, Any]]:
    found = saved(path, platform)
    return [] if found is None else [dict(row) for row in facts(path.stem, found)]


@pytest.mark.parametrize(
    ("name", "platform", "fact", "value", "text"),
    [
        ("linux-debian12/sshd.txt", "linux", "system.ssh.root_login", "prohibit-password", "permitrootlogin"),
        (
            "linux-debian12/nft.txt",
            "linux",
            "system.firewall.input.0",
            {"table": "inet filter", "policy": "drop"},
            "hook",
        ),
        ("linux-debian12/ip-route.txt", "linux", "system.interfaces.0.default_route", True, "default"),
    ],
)
def test_a_saved_output_is_read_by_whoever_understands_it(
    name: str, platform: str, fact: str, value: object, text: str
) -> None:
    found = {row["fact"]: row for row in rows(RECORDINGS / name) if "fact" in row}
    assert found[fact]["platform"] == platform
    assert found[fact]["value"] == value
    line = (RECORDINGS / name).read_text("utf-8").splitlines()[found[fact]["line"] - 1]
    assert text in line
    assert found[fact]["text"] in " ".join(line.split())


def test_an_snmp_recording_is_read() -> None:
    (path,) = (RECORDINGS / "synology_dsm-6.2").glob("*.snmprec")
    found = {row["fact"]: row["value"] for row in rows(path)}
    assert found["system.identity.model"] == "DS214se"


def test_a_walk_of_a_device_of_no_platform_goes_by_no_name_of_a_platform(tmp_path: Path) -> None:
    walk = tmp_path / "printer.snmprec"
    walk.write_text(
        "1.3.6.1.2.1.1.1.0|4|KONICA MINOLTA bizhub C250i\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.18334.1.1.1.2.1.181.2.4\n"
        "1.3.6.1.2.1.6.20.1.4.1.4.0.0.0.0.9100|66|0\n"
    )
    found = rows(walk)
    assert {row["platform"] for row in found} == {"snmp"}
    facts = {row["fact"]: row["value"] for row in found}
    assert facts["network.identification.model"] == "bizhub C250i"
    assert facts["system.services.0"]["port"] == 9100
    assert {row["platform"] for row in rows(walk, "linux")} == {"linux"}


def test_what_nobody_understands_is_nothing(tmp_path: Path) -> None:
    for body in (b"", b"# Readme\n\nA text.\n", bytes(range(256)) * 99):
        (tmp_path / "file").write_bytes(body)
        assert saved(tmp_path / "file") is None


def test_a_platform_or_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"one of .*linux"):
        saved(tmp_path, "nos")
    with pytest.raises(ConfigError, match="no such file"):
        saved(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="no regular file"):
        saved(tmp_path / "pipe")


def test_the_command_writes_one_object_a_line(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here\n")
    files = [str(RECORDINGS / "linux-debian12/sshd.txt"), str(tmp_path / "readme.txt")]
    done = subprocess.run([VIGIE, "read", *files, "--jsonl"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["case"] for line in lines} == {"sshd", "readme"}
    assert lines[-1] == {"case": "readme", "unread": "no platform reads this file"}


def test_no_secret_of_a_file_is_shown(tmp_path: Path) -> None:
    (tmp_path / "smb").write_text(
        "[global]\n\tpassword = hunter2-and-more\n[public]\n\tguest ok = maybe password hunter3x\n"
    )
    assert rows(tmp_path / "smb")
    assert "hunter" not in json.dumps(rows(tmp_path / "smb"))


@pytest.mark.parametrize(
    "body",
    [
        "routeur\n",  # a host name, or anything
        "12.11\n",
        '/* Warning: Do not remove the following line. */\n/* === vyatta-config-version: "x" === */\n',
        "/etc/passwd is a file\n/usr too\n",
        "Bridge one  Link encap:Ethernet:34:a:b:c:d:/bin/sh\n",  # seven fields, no account
        "firewall {\n    port 22\n    port 443\n}\n",
        " 0 R name=ether1 default-name=ether1 type=ether mtu=1500\n",  # a table of interfaces, no accounts
        "           name: sfp1\n         status: link-ok\n",
        "config dropbear\n\toption init dropbear\n\nconfig upnpd\n\toption init miniupnpd\n",  # ucitrack
        "[Global]\nState=1\n[Server]\nPort=1300\n",  # many programs have a section of that name
        # Junos, ArubaOS-CX, another switch, a neighbour's own words
        "version 11.4R7.5;\nsystem {\n    services {\n        telnet;\n    }\n}\ninterfaces {\n    ge-0/0/0;\n}\n",
        "!Version ArubaOS-CX PL.10.08.1010\nsnmp-server community public\n    access-level rw\nversion 10.8\n",
        " System Name        : sw1\n Serial Number      : SG1234567\n Software revision  : X\n",
        "Device ID: sw2\nCisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(55)SE10, RELEASE\n",
        ' 0 interface=ether1 address=1.2.4.5 mac-address=12:34:56:78:90:AB identity="CLEAR" platform="MikroTik"\n',
    ],
)
def test_nothing_is_made_of_what_only_looks_alike(tmp_path: Path, body: str) -> None:
    (tmp_path / "file").write_text(body)
    assert [row for row in rows(tmp_path / "file") if "fact" in row] == []


def test_a_table_of_neighbours_says_nothing_of_our_own_addresses(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(" 0 DC address=192.0.2.7 mac-address=02:00:00:00:00:01 interface=ether1\n")
    assert {row["fact"].split(".")[1] for row in rows(tmp_path / "file")} == {"neighbours"}


def test_of_a_piece_of_an_export_only_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "piece").write_text("/ip service\nset telnet disabled=yes\n")
    assert {row["fact"] for row in rows(tmp_path / "piece")} == {"system.identity.os", "system.identity.vendor"}


def test_none_is_not_said_of_what_could_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "firewall").write_text(
        "package firewall\nconfig zone\n\toption name wan\nconfig redirect\n\toption src 'wan\n"
    )
    told = rows(tmp_path / "firewall")
    assert "system.port_forwards" in {row.get("unread") for row in told}
    assert "system.port_forwards" not in {row.get("fact") for row in told}


@pytest.mark.parametrize("script", ["/etc/firewall.user", "/etc/nftables.d/10-mine.nft"])
def test_what_a_visit_asks_apart_is_unknown_to_a_file_by_itself(tmp_path: Path, script: str) -> None:
    zone = "package firewall\nconfig zone\n\toption name wan\n\toption input REJECT\n"
    include = f"config include\n\toption path {script}\n"
    (tmp_path / "firewall").write_text(zone + include)
    told = rows(tmp_path / "firewall")
    rules = {"system.port_forwards", "system.firewall", "system.admin"}
    assert {(row["unread"], row["line"]) for row in told if "unread" in row} == {(fact, 5) for fact in rules}
    assert "system.port_forwards" not in {row.get("fact") for row in told}
    (tmp_path / "firewall").write_text(f"{zone}{include}\toption enabled 0\n")
    assert not [row for row in rows(tmp_path / "firewall") if "unread" in row]


def test_a_file_that_is_not_there_does_not_hide_the_others(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hosts").write_text("root:x:0:0:root:/root:/bin/sh\n")
    files = [str(tmp_path / name / "hosts") for name in ("a", "no", "b")]
    done = subprocess.run([VIGIE, "read", *files], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == {files[0], files[2]}


def test_what_a_file_leaves_out_as_delivered_is_marked(tmp_path: Path) -> None:
    head = "# 2024-07-31 09:33:47 by RouterOS 7.15.2\n/ip address\nadd address=192.168.88.1/24 interface=bridge\n"
    (tmp_path / "export").write_text(f"{head}/system identity\nset name=r1\n")
    found = {row["fact"]: row for row in rows(tmp_path / "export")}
    assert found["system.upnp"]["default"] is True
    assert "line" not in found["system.upnp"]
    assert "default" not in found["system.identity.hostname"]
    assert found["system.interfaces.0"]["value"]["addresses"] == ["192.168.88.1"]
