"""A Linux server's own files: sshd, Samba, NFS, SNMP, updates, names and log; read right, or reported."""

from pathlib import Path
from typing import Any

import pytest

from inventory.device import Device
from inventory.document import to_json
from inventory.observation import Observation
from scanner.platforms import linux
from scanner.secret_store import SecretStore
from tests.unit.scanner.test_platforms import evidence

ASKED = {command.split()[0]: command for command in linux.COMMANDS}
SSHD, SMB, EXPORTS, SNMP, SYSLOG, RESOLV, APT, SOCKETS = (
    next(command for command in linux.COMMANDS if word in command)
    for word in ("sshd_config", "smb.conf", "exports", "snmpd.conf", "rsyslog", "resolv", "apt-config", "ss -H")
)


def read(command: str, text: str) -> Observation:
    found = linux.read(evidence(f"exec {command}", text))
    assert found is not None
    return found


def told(command: str, text: str, group: str) -> Any:
    system = read(command, text).device.system
    return to_json(system).get(group) if system else None


MAIN = "==> /etc/ssh/sshd_config <==\n"
MORE = "\n==> /etc/ssh/sshd_config.d/50-cabinet.conf <==\n"
SSH: list[tuple[str, dict[str, Any]]] = [
    (MAIN + "#PasswordAuthentication no\n", {"password_authentication": True, "ports": [22]}),
    (MAIN + "Port 22\nPort 2222\nPermitRootLogin=without-password\nPasswordAuthentication \"no\"  # cles\n",
     {"root_login": "prohibit-password", "password_authentication": False, "ports": [22, 2222]}),
    (MAIN + "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\n" + MORE + "PermitRootLogin no\n",
     {"root_login": "no", "password_authentication": True, "ports": [22]}),
    (MAIN + "PermitRootLogin yes\nInclude sshd_config.d/*.conf\n" + MORE + "PermitRootLogin no\n",
     {"root_login": "yes", "password_authentication": True, "ports": [22]}),
    # a block is for some people, to the end of its file
    (MAIN + "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n" + MORE + "Match User x\nPermitRootLogin yes",
     {"root_login": "no", "password_authentication": True, "ports": [22]}),
    (MAIN + "Match all\nPermitRootLogin no\n", {"root_login": "no", "password_authentication": True, "ports": [22]}),
    (MAIN + "Ciphers aes256-gcm@openssh.com,aes128-ctr\nMACs -hmac-sha1\nPasswordAuthentication no\n",
     {"password_authentication": False, "ports": [22], "ciphers": ["aes256-gcm@openssh.com", "aes128-ctr"]}),
    (MAIN + "ListenAddress 127.0.0.1:2222\n", {"password_authentication": True, "ports": [2222]}),
    (MAIN + "Port 26\nListenAddress [::1]:2222\nListenAddress ::\n",
     {"password_authentication": True, "ports": [26, 2222]}),
    (MAIN + "ListenAddress 192.168.10.1\nListenAddress 10.0.0.1:23 rdomain x\n",
     {"password_authentication": True, "ports": [22, 23]}),
    ("PermitRootLogin no\n", {"root_login": "no", "password_authentication": True, "ports": [22]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SSH, ids=range(len(SSH)))
def test_the_files_of_sshd(text: str, expected: dict[str, Any]) -> None:
    observation = read(SSHD, text)
    assert told(SSHD, text, "ssh") == expected
    assert observation.unread == ()
    # what no line says is a default, and of root's login there is none
    assert observation.lines.keys() | observation.defaults == {f"/system/ssh/{fact}" for fact in expected}


@pytest.mark.parametrize(
    "text",
    ["Include /usr/local/etc/ssh/*.conf\nPasswordAuthentication no\n", "PermitRootLogin perhaps\n", "Port ssh"],
)
def test_what_sshd_reads_elsewhere_or_nobody_understands_is_reported(text: str) -> None:
    observation = read(SSHD, MAIN + text)
    assert [line.fact for line in observation.unread] == ["system.ssh"]
    assert observation.device.system is None
    assert read(SSHD, "").device.system is None


LISTED = "/etc/ssh/sshd_config\n/etc/ssh/sshd_config.d/{}.conf\n/etc/ssh/sshd_config.d/50-cabinet.conf\n"
HIDDEN = LISTED.format("40-x")
IN = "Include /etc/ssh/sshd_config.d/*.conf\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HIDDEN + MAIN + IN + "PasswordAuthentication no\n" + MORE, {}),
        (HIDDEN + MAIN + "PasswordAuthentication no\nUsePAM no\n" + IN, {}),  # a block in there may let some people in
        (HIDDEN + MAIN + IN + "PermitRootLogin no\n" + MORE.replace("50", "30") + "PermitRootLogin yes\n",
         {"root_login": "yes"}),
        (MAIN + IN + "PasswordAuthentication no\n" + MORE + "X11Forwarding no\n" * 2000, {}),
        (MAIN + IN + "X11Forwarding no\n" * 1999 + MORE + "PermitRootLogin yes\n", {"root_login": "yes"}),
        (MAIN + "Include " + "x.conf " * 65 + "\nPasswordAuthentication no\n", {}),
    ],
    ids=range(6),
)  # fmt: skip
def test_what_a_file_of_sshd_may_say_that_was_not_shown_stays_unknown(text: str, expected: dict[str, Any]) -> None:
    assert (told(SSHD, text, "ssh") or {}) == expected
    assert {line.fact for line in read(SSHD, text).unread} == {"system.ssh"}


def test_every_file_of_sshd_that_is_listed_is_looked_for() -> None:
    listed = LISTED.format("50-cabinet")
    assert told(SSHD, listed + MAIN + IN + "PasswordAuthentication no\n" + MORE, "ssh") == {
        "password_authentication": False, "ports": [22],
    }  # fmt: skip
    assert told(SSHD, listed + MAIN + IN + "X11Forwarding no\n" * 1998 + MORE, "ssh")["ports"] == [22]
    assert [line.line for line in read(SSHD, listed).unread] == [1]
    assert read(SSHD, listed).device.system is None


def test_sshd_prints_each_address_with_its_port() -> None:
    text = "port 22\nlistenaddress {}:{}\npermitrootlogin no\n"
    assert told(linux.SSHD, text.format("127.0.0.1", 2222), "ssh")["ports"] == [2222]
    assert read(linux.SSHD, text.format("127.0.0.1", 2222)).lines["/system/ssh/ports"] == 2
    assert read(linux.SSHD, text.format("[::]", 22)).lines["/system/ssh/ports"] == 1


PAM = "UsePAM yes\n"
PASSWORDS: list[tuple[str, bool | None]] = [
    ("KbdInteractiveAuthentication no\n" + PAM, False), ("ChallengeResponseAuthentication no\n" + PAM, False),
    ("KbdInteractiveAuthentication yes\nUsePAM no\n", False), ("UsePAM no\n", False), ("", False),
    (PAM, None), ("KbdInteractiveAuthentication yes\n" + PAM, None), ("KbdInteractiveAuthentication yes\n", None),
    ("ChallengeResponseAuthentication yes\n" + PAM, None),
]  # fmt: skip


@pytest.mark.parametrize(("more", "expected"), PASSWORDS, ids=range(len(PASSWORDS)))
@pytest.mark.parametrize("effective", [True, False], ids=["sshd -T", "files"])
def test_pam_may_ask_for_a_password_by_keyboard(more: str, expected: bool | None, effective: bool) -> None:
    text = "Port 22\nPermitRootLogin no\nPasswordAuthentication no\n" + more
    command, text = (linux.SSHD, text.lower()) if effective else (SSHD, MAIN + text)
    ssh = {"ports": [22], "root_login": "no"}
    assert told(command, text, "ssh") == (ssh if expected is None else {**ssh, "password_authentication": expected})
    assert [line.fact for line in read(command, text).unread] == ["system.ssh"] * (expected is None)


STRICT = MAIN + "PermitRootLogin forced-commands-only\nKbdInteractiveAuthentication no\nPasswordAuthentication no\n"
ROOT, WORD = {"root_login": "forced-commands-only"}, {"password_authentication": False}
BLOCKS: list[tuple[str, dict[str, Any]]] = [
    ("Match Group wheel\nPasswordAuthentication yes\nPermitRootLogin yes\n", {}),
    ("Match Address 192.168.10.0/24\nPermitRootLogin prohibit-password\n", WORD),
    ("Match User medecin,julie\nPermitRootLogin yes\nPasswordAuthentication yes\n", ROOT),
    ("Match User r*\nPermitRootLogin yes\n", WORD),
    ("Match User *,!root\nPermitRootLogin yes\n", {**ROOT, **WORD}),
    ("Match User julie\nKbdInteractiveAuthentication yes\n", ROOT),
    ("UsePAM no\nMatch User julie\nKbdInteractiveAuthentication yes\n", {**ROOT, **WORD}),
    ("Match User root\nPermitRootLogin no\nPasswordAuthentication no\n", {**ROOT, **WORD}),  # restricts
    ("Match all\nPermitRootLogin yes\n", WORD),  # stands before what was said outside of a block
    ("Match Group wheel\nForceCommand /bin/x\nMatch all\nPermitRootLogin yes\n", WORD),
    ("Match Group wheel\nInclude /etc/ssh/wheel.conf\n", {}),
    ("Match Group wheel\nInclude sshd_config.d/*.conf\n" + MORE + "PasswordAuthentication yes\n", ROOT),
]  # fmt: skip


@pytest.mark.parametrize(("more", "expected"), BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_that_lets_some_people_in_leaves_open_what_holds_for_all(more: str, expected: dict[str, Any]) -> None:
    found = told(SSHD, STRICT + more, "ssh") or {}
    assert {fact: value for fact, value in found.items() if fact != "ports"} == expected
    unread = read(SSHD, STRICT + more).unread
    assert {line.fact for line in unread} == ({"system.ssh"} if len(expected) < 2 else set())
    assert all(line.line > 4 for line in unread)


def test_samba_as_its_owner_wrote_it() -> None:
    text = (
        "# cabinet\n[Global]\n  server signing = mandatory\n  smb encrypt = desired\n  min protocol = SMB2\n"
        '[Patients]\n  Path = /srv/patients\n  writeable = Yes\n  valid users = medecin, @"Cabinet Dupin"\n'
        "  public = yes\n[scans]\n  path = /srv/scans\n  write list = @radio\n  guest ok = 1\n; [vieux]\n"
    )
    assert told(SMB, text, "shares") == [
        {"name": "Patients", "protocol": "smb", "path": "/srv/patients", "writable": True,
         "writers": ["medecin", "@Cabinet Dupin"]},
        {"name": "scans", "protocol": "smb", "path": "/srv/scans", "guest": True, "writable": True,
         "writers": ["@radio"]},
    ]  # fmt: skip
    assert told(SMB, text, "smb") == {"minimum_protocol": "SMB2", "encryption": "offered", "signing": "required"}
    # whether the guest's account is in that group is not told
    assert [(line.fact, line.line) for line in read(SMB, text).unread] == [("system.shares", 9)]
    text = text.replace(', @"Cabinet Dupin"', "")
    assert read(SMB, text).unread == ()
    for more in ("  guest ok = peut-etre\n", "  copy = Patients\n"):
        assert [line.fact for line in read(SMB, text + more).unread] == ["system.shares"]
    assert read(SMB, "") == Observation(Device())


@pytest.mark.parametrize("said", ["include = /etc/samba/autres.conf", "Config File = /etc/samba/%m.conf"])
@pytest.mark.parametrize("section", ["[global]\n{}\n{}\n[c]\npath = /c\n", "[global]\n{1}\n[c]\n{0}\npath = /c\n"])
def test_another_file_may_change_what_the_server_asks(section: str, said: str) -> None:
    text = section.format(said, "server min protocol = SMB3")
    assert told(SMB, text, "smb") is None
    assert sorted(line.fact for line in read(SMB, text).unread) == ["system.shares", "system.smb"]


@pytest.mark.parametrize(
    ("valid", "guest"),
    [("mary", False), ("mary, NOBODY", True), ("mary @staff", None), ("+staff", None), ("&staff", None), ("%U", None)],
)
def test_whether_guests_enter_by_the_list_of_those_who_may(valid: str, guest: bool | None) -> None:
    text = f"[global]\nworkgroup = C\n[c]\npath = /c\nguest ok = {{}}\nvalid users = {valid}\n"
    assert told(SMB, text.format("yes"), "shares")[0].get("guest") is guest
    unread = [(line.fact, line.line) for line in read(SMB, text.format("yes")).unread]
    assert unread == ([("system.shares", 6)] if guest is None else [])
    assert told(SMB, text.format("no"), "shares")[0]["guest"] is False
    assert told(SMB, text.format("yes") + "guest account = Mary\n", "shares")[0].get("guest") is (
        True if valid.startswith("mary") else None
    )


def test_samba_compares_names_without_their_blanks() -> None:
    text = "[ GLO bal ]\nSmbEncrypt = required\n[c]\npath = /c\nguestok = yes\nRead  Only = no\n"
    share = {"name": "c", "protocol": "smb", "path": "/c", "guest": True, "writable": True}
    assert told(SMB, text, "shares") == [share]
    assert told(SMB, text, "smb") == {"encryption": "required"}


@pytest.mark.parametrize("said", ["Registry Shares = Yes", "registryshares = 1", "include = registry"])
def test_shares_of_samba_s_registry_are_reported(said: str) -> None:
    text = f"[global]\n{said}\n[c]\npath = /c\n"
    smb = [("system.smb", 2)] if said.startswith("include") else []
    assert [(line.fact, line.line) for line in read(SMB, text).unread] == [*smb, ("system.shares", 2)]
    assert [share["name"] for share in told(SMB, text, "shares")] == ["c"]
    assert read(SMB, "[global]\nregistry shares = no\nconfig backend = file\n[c]\npath = /c\n").unread == ()


def test_a_file_that_samba_drops_for_its_registry_tells_nothing() -> None:
    found = read(
        SMB, "[global]\nserver signing = required\nconfig backend = Registry\n[c]\npath = /c\nguest ok = yes\n"
    )
    assert found.device.system is None
    assert [(line.fact, line.line) for line in found.unread] == [("system.shares", 3), ("system.smb", 3)]


def test_a_folder_exported_twice_is_one() -> None:
    text = "/home 10.1.0.0/16(ro)\n/home 10.2.0.0/16(rw)\n"
    assert told(EXPORTS, text, "shares") == [
        {"name": "/home", "protocol": "nfs", "path": "/home", "guest": False, "writable": True,
         "writers": ["10.2.0.0/16"]}
    ]  # fmt: skip


def test_a_folder_exported_often_keeps_its_first_writers() -> None:
    text = "".join(f"/home a{at}(rw)\n" for at in range(4090)) + "/home b(rw) b(ro) a1(rw) c(rw) *(ro)\n" * 9
    (share,) = told(EXPORTS, text + "/home " + " ".join(f"a{at}(rw) d{at}(rw)" for at in range(9)), "shares")
    assert (share["guest"], share["writable"]) == (True, True)
    assert share["writers"] == [*(f"a{at}" for at in range(4090)), "b", "c", *(f"d{at}" for at in range(4))]


SNMPD: list[tuple[str, dict[str, Any] | None]] = [
    ("812\nrocommunity public\n", {"enabled": True, "versions": ["v1", "v2c"], "default_community": True,
                                   "writable": False}),
    ("812\nrwcommunity Soleil 192.168.10.0/24\n", {"enabled": True, "versions": ["v1", "v2c"],
     "default_community": False, "writable": True, "source_filter": ["192.168.10.0/24"]}),
    ("812\nrocommunity public localhost\nrouser admin\n", {"enabled": True, "versions": ["v1", "v2c", "v3"],
     "default_community": False, "writable": False}),
    ("812\ncom2sec -Cn x local 192.168.10.9 private\ngroup G v2c local\naccess G \"\" any noauth exact all all none\n",
     {"enabled": True, "versions": ["v1", "v2c"], "default_community": True, "writable": True,
      "source_filter": ["192.168.10.9/32"]}),
    ("812\nrocommunity Soleil poste.example\n", {"enabled": True, "versions": ["v1", "v2c"]}),
    ("rocommunity public\n", None),  # nothing runs
    ("812\nrocommunity \"public\" default\n", {"enabled": True, "versions": ["v1", "v2c"],
     "default_community": True, "writable": False}),
    ("812\ncom2sec local 10.0.0.0/8 \"private\"\n", {"enabled": True, "versions": ["v1", "v2c"],
     "default_community": True, "writable": False, "source_filter": ["10.0.0.0/8"]}),
    ("812\n", {"enabled": True}),  # its file is for root alone
    ("812\nagentaddress 127.0.0.1,[::1]\nrocommunity public default\nrouser x\n", {"enabled": True,
     "versions": ["v1", "v2c", "v3"], "default_community": False, "writable": False,
     "source_filter": ["127.0.0.1/32"]}),
    ("812\nagentaddress 127.0.0.1\nagentaddress udp:161\nrocommunity public\n", {"enabled": True,
     "versions": ["v1", "v2c"], "default_community": True, "writable": False}),
    ("812\nrocommunity public 127.0.0.0/255.0.0.0\nrocommunity6 public ::1/128\n", {"enabled": True,
     "versions": ["v1", "v2c"], "default_community": False, "writable": False, "source_filter": ["127.0.0.0/8"]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SNMPD, ids=range(len(SNMPD)))
def test_whom_snmpd_answers(text: str, expected: dict[str, Any] | None) -> None:
    assert told(SNMP, text, "snmp") == expected
    assert told(SNMP, SecretStore(Path()).redacted(text), "snmp") == expected


def test_snmpd_that_reads_another_file_is_reported() -> None:
    assert [line.fact for line in read(SNMP, "812\nincludeDir /etc/snmp/autres\n").unread] == ["system.snmp"]


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("module(load=\"imuxsock\")\n*.* /var/log/syslog\n", []),
        ("# *.* @10.0.0.1\n*.* @@(o)journaux.example:6514;RSYSLOG_SyslogProtocol23Format\n", ["journaux.example"]),
        ("auth.* @192.168.10.5\n*.info @[2001:db8::5]:514\n", ["192.168.10.5", "2001:db8::5"]),
        ("*.* action(type=\"omfwd\"\n  queue.type=\"linkedlist\"\n  target=\"192.168.10.5\" port=\"514\")\n",
         ["192.168.10.5"]),
        ("*.* :omrelp:192.168.10.5:2514\n", ["192.168.10.5"]),
        ("module(load=\"omrelp\")\naction(type=\"omrelp\" target=\"192.168.10.5\" port=\"2514\")\n", ["192.168.10.5"]),
        ("*.* action( target = \"192.168.10.5\"\n  type = \"omfwd\" )\n", ["192.168.10.5"]),
        ("*.* action(type=\"omfile\" file=\"/var/log/x\")  # ship to @oldhost\n", []),
        ("$ModLoad omrelp\n$IncludeConfig /etc/rsyslog.d/*.conf\n", []),
        ("include(file=\"/etc/rsyslog.d/*.conf\" mode=\"optional\")\n*.* @a\n", ["a"]),
        ("", None),
    ],
)  # fmt: skip
def test_where_the_log_goes(text: str, remote: list[str] | None) -> None:
    logging = told(SYSLOG, text, "logging")
    assert logging == (None if remote is None else {"remote": remote})


@pytest.mark.parametrize(
    "text",
    [
        "$IncludeConfig /srv/journal.conf\n", 'include(file="/srv/journal.conf")\n', "*.* :omrelp:\n",
        'action(type="omfwd" target=`echo $X`)\n', 'action(type="omrelp"\n', "*.* :omfwd:192.168.10.5\n",
    ],
)  # fmt: skip
def test_a_receiver_of_the_log_that_is_not_understood_is_reported(text: str) -> None:
    found = read(SYSLOG, "*.* /var/log/syslog\n" + text)
    assert found.device.system is None
    assert [(line.fact, line.line) for line in found.unread] == [("system.logging", 2)]


def test_names_and_updates() -> None:
    assert told(RESOLV, "nameserver 9.9.9.9\nnameserver fe80::1%eth0\n", "dns") == {
        "servers": ["9.9.9.9", "fe80::1%eth0"], "encrypted": False,
    }  # fmt: skip
    assert told(RESOLV, "nameserver 127.0.0.53\n", "dns") is None
    assert [line.fact for line in read(RESOLV, "nameserver la-bas\n").unread] == ["system.dns"]
    periodic = 'APT::Periodic "";\nAPT::Periodic::Unattended-Upgrade "{}";\n'
    assert told(APT, periodic.format(1), "updates") == {"automatic": True}
    assert told(APT, periodic.format(0), "updates") == {"automatic": False}
    assert told(APT, periodic.format(1) + 'APT::Periodic::Enable "0";\n', "updates") == {"automatic": False}
    assert told(APT, 'APT::Periodic "";\n', "updates") is None
    assert [told(APT, periodic.format(value), "updates")["automatic"] for value in ("0d", "00", "12h", "always")] == [
        False, False, True, True,
    ]  # fmt: skip
    unknown = read(APT, periodic.format("bientot"))
    assert unknown.device.system is None
    assert [(line.fact, line.line) for line in unknown.unread] == [("system.updates", 2)]


def test_lists_of_sockets_with_a_heading_or_of_one_transport() -> None:
    heading = "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
    row = 'tcp   LISTEN 0      128    0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))\n'
    assert told(SOCKETS, heading + row, "services") == told(SOCKETS, row[6:], "services")
    assert told(SOCKETS, row + "tcp ESTAB 0 0 10.0.0.1:22 10.0.0.9:51000\n", "services") == told(
        SOCKETS, row, "services"
    )


SECRETS = (
    "rocommunity CANARY", "rwcommunity CANARY 192.168.10.0/24", 'rocommunity "CANARY x" default', "rouser x\n"
    "createUser x SHA CANARY AES CANARY", "com2sec a default CANARY", "com2sec -Cn c a 10.0.0.0/8 CANARY",
    "trapcommunity CANARY", "trap2sink 192.168.10.5 CANARY", "trapsess -v 2c -c CANARY 192.168.10.5",
    "smuxpeer .1.3 CANARY", "defAuthPassphrase CANARY", "usmUser 1 3 0x80 0x61 NULL .1.3 0xCANARY .1.3 0xCANARY",
    "rocommunity public default -V CANARY", "*.* :ommysql:localhost,Syslog,rsyslog,CANARY;T",
    '*.* action(type="ommysql" server="x" uid="u" pwd="CANARY")', 'httpheaders=["Authorization: Bearer CANARY"]',
    "root:CANARY:0:0:root:/root:/bin/sh",
)  # fmt: skip


@pytest.mark.parametrize("line", SECRETS)
def test_no_secret_of_these_files_is_kept(line: str) -> None:
    kept = SecretStore(Path()).redacted(f"{line.replace('CANARY', 'Canari-7f3a')}\nsuite\n")
    assert "Canari" not in kept
    assert kept.count("\n") == line.count("\n") + 2
    assert kept.endswith("\nsuite\n")
    assert SecretStore(Path()).redacted(kept) == kept


def test_the_token_of_a_customer_of_logs_is_taken_out() -> None:
    line = 'template(name="a" type="string" string="<%PRI%>1 [{}@41058 tag=x] %msg%")\n'
    assert SecretStore(Path()).redacted(line.format("Canari7f-1111")) == line.format("REDACTED")
