"""SMB as real Samba servers show it to a guest on loopback, and hostile servers."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inventory.network import SmbSeen, SmbShareSeen
from inventory.observation import Observation
from scanner.evidence import Answer, Evidence, Request
from scanner.services.smb import read_smb
from tests.unit.scanner.daemons import SYSTEM_PATH, program

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SMB1 = "NT LM 0.12 (SMBv1)"
ALL = (SMB1, "202", "210", "300", "302", "311")
CONF = """
[global]
  workgroup = CABINET
  netbios name = NAS
  load printers = no
  printing = bsd
  printcap name = /dev/null
  disable spoolss = yes
  interfaces = lo
  log file = /run/samba.log
  log level = 2
  lock directory = /run/samba
  state directory = /run/samba
  cache directory = /run/samba
  private directory = /run/samba
  pid directory = /run/samba
  ncalrpc dir = /run/samba
  {settings}
"""
SHARES = """
[public]
  path = /run/public
  guest ok = yes
  read only = no
[lecture]
  path = /run/public
  guest ok = yes
[patients]
  path = /run/patients
  valid users = root
  read only = no
"""
# One that only its account for guests, without a password, may see.
GUEST_SHARE = """
[echanges]
  path = /run/public
  valid users = guest
  read only = no
"""
# A server's name → its settings. Each is alone in a network namespace: Samba's ports are fixed.
SERVERS = {
    "old": "server min protocol = NT1\n  map to guest = Bad User",
    "no list": "server min protocol = SMB2\n  map to guest = Bad User\n  restrict anonymous = 2",
    "no guests": "server min protocol = SMB3_00\n  map to guest = Never\n  restrict anonymous = 2",
    "only old": "server min protocol = NT1\n  server max protocol = NT1\n  map to guest = Bad User",
    "guest account": "server min protocol = SMB2\n  map to guest = Never\n  null passwords = yes"
    "\n  access based share enum = yes",
}
# The account is the machine's before it is Samba's.
ACCOUNT = (
    "(cat /etc/passwd; echo guest:x:4242:4242::/:/bin/false) > /run/passwd; mount --bind /run/passwd /etc/passwd;"
    f" (echo; echo) | {program('smbpasswd', 'samba-common-bin')} -a -s guest;"
)
ASK = """
import sys
from scanner.wire import smb
answer = smb.read("127.0.0.1", int(sys.argv[1]), interface="lo")
print(answer.status, answer.detail)
print(answer.body.decode())
"""


@dataclass(frozen=True)
class Samba:
    """A running server: how it answers, and what it wrote into its log."""

    first: int
    log: Path

    def read(self, port: int = 445) -> Answer:
        """The answer to our question, asked from inside its network."""
        inside = [program("nsenter", "util-linux"), f"--net=/proc/{self.first}/ns/net", "--"]
        command = [*inside, sys.executable, "-c", ASK, str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        head, _, body = done.stdout.partition("\n")
        status, _, detail = head.partition(" ")
        return Answer(status, body.encode().rstrip(b"\n"), detail)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Samba]]:
    folder = tmp_path_factory.mktemp("samba")
    with ExitStack() as stack:
        running = {}
        for name, settings in SERVERS.items():
            home = folder / name.replace(" ", "-")
            home.mkdir()
            shares, account = (GUEST_SHARE, ACCOUNT) if name == "guest account" else (SHARES, "")
            (home / "smb.conf").write_text(CONF.format(settings=settings) + shares)
            script = (
                f"ip link set lo up; mount --bind {home} /run; mkdir -p /run/samba /run/public /run/patients;"
                f" mount --bind /run/smb.conf /etc/samba/smb.conf; {account}"
                f" {program('smbd', 'samba')} -F --no-process-group & echo $$ > /run/started; wait"
            )
            command = [
                program("unshare", "util-linux"),
                "-nmpf",
                "--kill-child=SIGKILL",
                "--mount-proc",
                "sh",
                "-c",
                script,
            ]
            quiet = subprocess.DEVNULL
            daemon = subprocess.Popen(
                [*command, script], stdin=quiet, stdout=quiet, stderr=quiet, env={"PATH": SYSTEM_PATH}
            )
            stack.callback(daemon.wait)
            stack.callback(daemon.kill)
            running[name] = (daemon, home)
        yield {name: Samba(_listening(daemon), home / "samba.log") for name, (daemon, home) in running.items()}


def _listening(daemon: "subprocess.Popen[bytes]") -> int:
    """The first process of a daemon's namespaces, once its port 445 is open."""
    for _ in range(500):
        children = Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text().split()
        if children and ":01BD 00000000:0000 0A" in Path(f"/proc/{children[0]}/net/tcp").read_text():
            return int(children[0])
        assert daemon.poll() is None, "Samba ended at once"
        time.sleep(0.02)
    pytest.fail("Samba does not listen after 10 s")


def seen(answer: Answer) -> Observation:
    assert answer.status == "done", answer
    return read_smb(Evidence(Request("smb", "192.0.2.1", "negotiate 445"), "done", NOW, answer.body))


def of(observation: Observation) -> SmbSeen:
    assert observation.device.network is not None
    assert observation.device.network.smb is not None
    return observation.device.network.smb


SHOWN = (
    SmbShareSeen("IPC$", "ipc", "read"),
    SmbShareSeen("lecture", "disk", "read"),
    SmbShareSeen("patients", "disk", "none"),
    SmbShareSeen("public", "disk", "write"),
)


@pytest.mark.parametrize("port", [445, 139])
def test_an_old_nas_shows_its_shares_to_anybody(servers: dict[str, Samba], port: int) -> None:
    observation = seen(servers["old"].read(port))
    assert of(observation) == SmbSeen(ALL, smb1=True, shares=SHOWN)
    assert observation.unread == ()


def test_where_guest_is_let_in_but_refused_the_list_the_shares_stay_unknown(servers: dict[str, Samba]) -> None:
    """`public` is there, and open to whoever names it."""
    answer = servers["no list"].read()
    assert json.loads(answer.body)["cause"] == "guest: let in, and refused the list of shares"
    assert of(seen(answer)) == SmbSeen(ALL[2:], smb1=False, shares=None)


def test_guest_is_asked_where_the_anonymous_user_sees_no_folder(servers: dict[str, Samba]) -> None:
    answer = servers["guest account"].read()
    assert json.loads(answer.body)["guests"] == ["anonymous", "guest"]
    observation = seen(answer)
    shares = (SmbShareSeen("IPC$", "ipc", "read"), SmbShareSeen("echanges", "disk", "write"))
    assert of(observation) == SmbSeen(ALL[2:], smb1=False, shares=shares)
    assert observation.unread == ()


def test_one_without_guests_shows_none(servers: dict[str, Samba]) -> None:
    answer = servers["no guests"].read()
    assert of(seen(answer)) == SmbSeen(ALL[3:], smb1=False, shares=())


def test_of_one_that_speaks_smb_1_alone_the_shares_stay_unknown(servers: dict[str, Samba]) -> None:
    assert of(seen(servers["only old"].read())) == SmbSeen((SMB1,), smb1=True, shares=None)


def test_guest_knocks_once_and_nobody_else_ever(servers: dict[str, Samba]) -> None:
    server = servers["no guests"]
    before = len(server.log.read_text(errors="replace"))
    server.read()
    said = server.log.read_text(errors="replace")[before:]
    users = re.findall(r"(?i)authentication for user \[([^]]*)\]", said)
    assert users == ["Guest"], said


def test_a_guest_who_is_shown_no_folder_proves_nothing() -> None:
    """A share that is hidden from the list is open to whoever names it."""
    said = {"dialects": dict.fromkeys(("NT LM 0.12 (SMBv1)", "202", "210", "300", "302", "311"), False)}
    said["dialects"]["311"] = True
    for guests, doubted in ((["anonymous"], ["network.smb.shares"]), ([], [])):
        body = json.dumps({**said, "guests": guests, "shares": [], "cause": ""}).encode()
        assert [line.fact for line in seen(Answer("done", body)).unread] == doubted
