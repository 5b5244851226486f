"""The lab itself: it is closed, it is real, it cleans up, it writes everything down."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import time
from pathlib import Path

import pytest
import yaml

from tests.lab.fixture import Lab, child_of, settled_capture, started_lab
from tests.lab.hosts import GATEWAY, HOSTS, LAPTOP, NETWORK, host

PYTHON = "/usr/bin/python3"
PCAP_HEADER_BYTES, RECORD_HEADER_BYTES = 24, 16
OUTSIDE = "import socket; socket.create_connection(('{}', 443), 5)"
BURST = """\
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("eth0", 0))
mac = s.getsockname()[4]
for number in range(1000):
    s.send(b"\\xff" * 6 + mac + b"\\x88\\xb5" + struct.pack("!I", number) + b"vigie burst".ljust(46, b"\\0"))
"""


# Closed


def test_only_lab_interfaces_are_reachable_from_every_namespace(lab: Lab) -> None:
    for item in (*HOSTS, LAPTOP):
        answer = lab.run(["ip", "-j", "link"]) if item is LAPTOP else lab.exec(item.name, ["ip", "-j", "link"])
        names = {link["ifname"] for link in json.loads(answer.stdout)}
        assert names == {"lo", "eth0"} | ({"wan0"} if item.name == "routeur" else set()), item.name
    assert set(lab.run(["ls", "/sys/class/net"]).stdout.split()) == {"lo", "eth0"}


def test_the_lab_is_not_the_real_network_namespace(lab: Lab) -> None:
    real = Path("/proc/self/ns/net").readlink()
    inside = {lab.exec(item.name, ["readlink", "/proc/self/ns/net"]).stdout.strip() for item in HOSTS}
    inside.add(lab.run(["readlink", "/proc/self/ns/net"]).stdout.strip())
    inside.add(str(Path(f"/proc/{lab.first}/ns/net").readlink()))
    assert str(real) not in inside
    assert len(inside) == len(HOSTS) + 2


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "169.254.169.254"])
def test_no_way_out(lab: Lab, address: str) -> None:
    answer = lab.run([PYTHON, "-c", OUTSIDE.format(address)])
    assert "Network is unreachable" in answer.stderr, answer.stderr


def test_the_default_route_stays_inside(lab: Lab) -> None:
    routes = json.loads(lab.run(["ip", "-j", "route", "show", "default"]).stdout)
    assert [(route["gateway"], route["dev"]) for route in routes] == [(GATEWAY, "eth0")]
    assert lab.run(["getent", "hosts", "example.com"]).returncode == 2
    assert lab.run(["getent", "hosts", "nas.cabinet.lan"]).stdout.split()[0] == host("nas").address


# Real


@pytest.mark.parametrize("name", ["routeur", "nas", "ancien-commutateur", "inconnu"])
def test_ssh_banner(lab: Lab, name: str) -> None:
    assert read_first(lab, host(name).address, 22).startswith(b"SSH-2.0-OpenSSH_")


def test_the_old_switch_only_knows_old_algorithms(lab: Lab) -> None:
    ssh = ["ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    target = f"admin@{host('ancien-commutateur').address}"
    assert "no matching key exchange method found" in lab.run([*ssh, target]).stderr
    old = ["KexAlgorithms=diffie-hellman-group14-sha1", "HostKeyAlgorithms=ssh-rsa", "Ciphers=aes128-cbc",
           "MACs=hmac-sha1"]  # fmt: skip
    answer = lab.run([*ssh, *(part for option in old for part in ("-o", option)), target])
    assert "Permission denied (publickey,password" in answer.stderr


def test_telnet_negotiates(lab: Lab) -> None:
    assert read_first(lab, host("ancien-commutateur").address, 23).startswith(b"\xff")  # IAC, RFC 854


def test_snmp_v3_of_the_router(lab: Lab) -> None:
    keys = lab.environment
    answer = lab.run(["snmpget", "-v3", "-l", "authPriv", "-u", "vigie", "-a", "SHA", "-x", "AES",
                      "-A", keys["VIGIE_LAB_ROUTER_SNMP_AUTH"], "-X", keys["VIGIE_LAB_ROUTER_SNMP_PRIVACY"],
                      GATEWAY, "1.3.6.1.2.1.1.1.0"])  # fmt: skip
    assert 'STRING: "Linux routeur ' in answer.stdout, answer.stderr


@pytest.mark.parametrize(
    ("name", "community", "oid", "value"),
    [
        ("routeur", "ROUTER", "1.3.6.1.2.1.1.5.0", "routeur"),
        ("nas", "NAS", "1.3.6.1.4.1.6574.1.5.3.0", "DSM 6.2-25426"),
        ("nas", "NAS", "1.3.6.1.4.1.6574.1.5.4.0", "1"),
        ("imprimante", "PRINTER", "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.17.0", "1.16"),
        ("imprimante", "PRINTER", "1.3.6.1.2.1.2.2.1.6.1", "00 80 77 3A 5C 10"),
    ],
)  # fmt: skip
def test_snmp_v2c(lab: Lab, name: str, community: str, oid: str, value: str) -> None:
    secret = lab.environment[f"VIGIE_LAB_{community}_COMMUNITY"]
    answer = lab.run(["snmpget", "-v2c", "-Oqv", "-c", secret, host(name).address, oid])
    assert answer.stdout.strip(' "\n') == value, answer.stderr


def test_smb_version_1_only_on_the_nas(lab: Lab) -> None:
    old = ["smbclient", "-N", "-m", "NT1", "--option=client min protocol=NT1", "-L"]
    shares = lab.run([*old, f"//{host('nas').address}"]).stdout
    assert "public" in shares
    assert "patients" in shares
    for name in ("poste-accueil", "poste-soin"):
        refused = lab.run([*old, f"//{host(name).address}"])
        assert "No compatible protocol" in refused.stdout + refused.stderr
        assert "ACCESS_DENIED" in lab.run(["smbclient", "-N", "-L", f"//{host(name).address}"]).stdout


def test_upnp_mappings(lab: Lab) -> None:
    listing = lab.run(["upnpc", "-l"]).stdout
    assert "TCP  3389->192.168.10.31:3389" in listing
    assert "UDP 40000->192.168.10.41:40000" in listing


def test_forwards_are_in_the_ruleset(lab: Lab) -> None:
    rules = lab.exec("routeur", ["nft", "list", "ruleset"]).stdout
    assert 'iifname "wan0" tcp dport 5001 dnat to 192.168.10.10:5001' in rules
    assert 'iifname "eth0" ip daddr 44.128.10.2 tcp dport 443 dnat to 192.168.10.10:5001' in rules
    assert "dnat ip to 192.168.10.31:3389" in rules


def test_dicom_echo(lab: Lab) -> None:
    assert lab.run(["echoscu", "-aec", "RADIO", host("radio-panoramique").address, "104"]).returncode == 0


def test_dsm_version_file(lab: Lab) -> None:
    assert 'buildnumber="25426"' in lab.exec("nas", ["cat", "/etc.defaults/VERSION"]).stdout
    assert not Path("/etc.defaults").exists()


def test_every_daemon_listens_where_it_says(lab: Lab) -> None:
    for item in HOSTS:
        answer = lab.exec(item.name, ["ss", "-Hlntu"]).stdout.splitlines()
        ports = {f"{line.split()[0]}/{line.split()[4].rpartition(':')[2]}" for line in answer}
        said = {port for daemon in item.daemons for port in daemon.listens}
        assert said <= ports, item.name
        assert {port for port in ports - said if port.startswith("tcp")} == set(), item.name


def test_run_keeps_folder_environment_and_status_and_can_drop_root(lab: Lab, tmp_path: Path) -> None:
    answer = lab.run(["sh", "-c", "pwd; echo $ONE; hostname; exit 3"], env={"ONE": "1"}, cwd=tmp_path)
    assert (answer.stdout.split(), answer.returncode) == ([str(tmp_path), "1", "laptop"], 3)
    assert lab.run(["id", "-un"], user="nobody", cwd=Path("/")).stdout.strip() == "nobody"


# Writes down


def test_capture_keeps_every_frame_of_a_burst(lab: Lab) -> None:
    assert lab.run([PYTHON, "-c", BURST]).returncode == 0
    data, offset, burst = settled_capture(lab), PCAP_HEADER_BYTES, 0
    while offset < len(data):
        (length,) = struct.unpack_from("<I", data, offset + 8)
        frame = data[offset + RECORD_HEADER_BYTES : offset + RECORD_HEADER_BYTES + length]
        burst += frame[12:14] == b"\x88\xb5"
        offset += RECORD_HEADER_BYTES + length
    assert burst == 1000


def test_sink_records_what_is_sent(lab: Lab) -> None:
    before, peers = lab.sink_bytes(), lab.sink_connections()
    send = f"import socket; socket.create_connection(('{host('imprimante').address}', 9100)).sendall(b'\\x1b%-')"
    assert lab.exec("poste-accueil", [PYTHON, "-c", send]).returncode == 0
    time.sleep(0.2)
    assert lab.sink_bytes() == before + b"\x1b%-"
    assert lab.sink_connections() == [*peers, host("poste-accueil").address]


def test_site_folder(lab: Lab, tmp_path: Path) -> None:
    lab.write_site(tmp_path)
    site = yaml.safe_load((tmp_path / "site.yaml").read_text())
    assert site["networks"] == [{"network": NETWORK, "zone": "professional"}]
    assert [item["mac"] for item in site["fragile"]["devices"]] == [host("radio-panoramique").mac]
    declared = {item["name"] for item in yaml.safe_load((tmp_path / "inventory.yaml").read_text())["devices"]}
    assert declared == {item.name for item in HOSTS} - {"inconnu"}
    secret = tmp_path / "secrets/nas"
    assert secret.stat().st_mode & 0o777 == 0o600
    text = "".join(path.read_text() for path in tmp_path.glob("*.yaml"))
    assert not [name for name, value in lab.environment.items() if name.startswith("VIGIE_LAB_") and value in text]


# Cleans up


@pytest.mark.parametrize("victim", ["server", "unshare", "first"])
def test_nothing_is_left_after_kill_9(victim: str) -> None:
    with started_lab() as lab:
        unshare = child_of(lab.server.pid)
        network = Path(f"/proc/{lab.first}/ns/net").stat().st_ino
        pid_namespace = Path(f"/proc/{lab.first}/ns/pid").stat().st_ino
        assert len(living(pid_namespace)) > 20
        os.kill({"server": lab.server.pid, "unshare": unshare, "first": lab.first}[victim], signal.SIGKILL)
        deadline = time.monotonic() + 5
        while ((left := living(pid_namespace)) or alive(unshare)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not left
        assert not [pid for pid in processes() if namespace(pid, "net") == network]
        assert not alive(unshare)


def living(pid_namespace: int) -> list[int]:
    """The processes in a pid namespace."""
    return [pid for pid in processes() if namespace(pid, "pid") == pid_namespace]


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def alive(pid: int) -> bool:
    """Whether the process exists; one that only waits to be reaped does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def namespace(pid: int, kind: str) -> int | None:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/ns/{kind}").stat().st_ino
    return None


def read_first(lab: Lab, address: str, port: int) -> bytes:
    """The first bytes a TCP service says by itself."""
    code = f"import socket; print(socket.create_connection(('{address}', {port}), 5).recv(64).hex())"
    return bytes.fromhex(lab.run([PYTHON, "-c", code]).stdout)
