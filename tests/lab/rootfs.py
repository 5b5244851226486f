"""A host's own root: a folder of a tmpfs with its accounts, its files and its device nodes.

Programs come from the machine's /usr, mounted read-only; nothing else of it is visible, no account of it is used.
"""

from __future__ import annotations

import ctypes
import os
import re
import secrets as random
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from tests.lab.hosts import GATEWAY, GROUPS, Account, Host

_FOLDERS = ("usr", "proc", "sys", "dev/pts", "run/lock", "tmp", "old", "root", "var/log/lab", "var/lib", "var/cache",
            "etc/alternatives")  # fmt: skip
_COPIED = ("ld.so.cache", "services", "protocols", "nsswitch.conf", "login.defs", "localtime")
_DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}  # minor numbers, major is 1
# Users that the daemons give their rights to.
_SYSTEM = (Account("root"), Account("nobody", 65534, "/nonexistent"), Account("sshd", 105, "/run/sshd"))
_SECRET = re.compile(r"\$(VIGIE_LAB_[A-Z_]+)")


def filled(text: str, secrets: Mapping[str, str]) -> str:
    """`text` with each `$VIGIE_LAB_…` replaced by its secret.

    >>> filled("rocommunity $VIGIE_LAB_NAS_COMMUNITY", {"VIGIE_LAB_NAS_COMMUNITY": "abc"})
    'rocommunity abc'
    """
    return _SECRET.sub(lambda match: secrets[match[1]], text)


def write_root(root: Path, host: Host, secrets: Mapping[str, str]) -> None:
    """Fill `root` (on a tmpfs that allows device nodes) for `host`."""
    for name in _FOLDERS:
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for entry in Path("/").iterdir():  # /bin -> usr/bin and its like, on every merged-usr system
        if entry.is_symlink() and str(entry.readlink()).startswith("usr/"):
            (root / entry.name).symlink_to(entry.readlink())
    (root / "var/run").symlink_to("/run")
    _write_devices(root / "dev")
    for name in _COPIED:
        if Path("/etc", name).exists():
            shutil.copyfile(Path("/etc", name), root / "etc" / name)
    _write_accounts(root, host, secrets)
    _write_files(root, host, secrets)


def _write_devices(folder: Path) -> None:
    for name, minor in _DEVICES.items():
        os.mknod(folder / name, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        (folder / name).chmod(0o666)
    os.mknod(folder / "tty", stat.S_IFCHR | 0o666, os.makedev(5, 0))
    (folder / "tty").chmod(0o666)
    (folder / "ptmx").symlink_to("pts/ptmx")
    (folder / "fd").symlink_to("/proc/self/fd")


def _write_accounts(root: Path, host: Host, secrets: Mapping[str, str]) -> None:
    named = {account.name: account for account in (*_SYSTEM, *host.accounts)}
    passwd = shadow = ""
    for account in named.values():
        group = 65534 if account.uid in (65534, 105) else 100 if account.uid else 0
        shell = "/usr/sbin/nologin" if group == 65534 else "/bin/sh"
        passwd += f"{account.name}:x:{account.uid}:{group}::{account.home}:{shell}\n"
        locked = account.secret is None
        shadow += f"{account.name}:{'*' if locked else _hashed(secrets[account.secret or ''])}:19000:0:99999:7:::\n"
        if account.secret is not None:
            home = root / account.home.lstrip("/")
            home.mkdir(parents=True, exist_ok=True)
            os.chown(home, account.uid, group)
    etc = root / "etc"
    (etc / "passwd").write_text(passwd)
    (etc / "group").write_text(GROUPS)
    (etc / "shadow").write_text(shadow)
    (etc / "shadow").chmod(0o600)


def _hashed(password: str) -> str:
    """The SHA-512 hash for /etc/shadow, by the system's libcrypt (Python 3.13 has no crypt module any more)."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    hashed: bytes = library.crypt(password.encode(), f"$6${random.token_hex(8)}".encode())
    return hashed.decode()


def _write_files(root: Path, host: Host, secrets: Mapping[str, str]) -> None:
    etc = {
        "/etc/hostname": f"{host.name}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n{host.address} {host.name}\n",
        "/etc/resolv.conf": f"nameserver {GATEWAY}\n",
    }
    files = [etc, host.files, *(daemon.files for daemon in host.daemons)]
    folders = [*host.folders, *(folder for daemon in host.daemons for folder in daemon.folders)]
    for source in host.folders_from:
        shutil.copytree(source, root / source.lstrip("/"), symlinks=True)
    for folder in folders:
        (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for path, text in (item for group in files for item in group.items()):
        target = root / filled(path, secrets).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(filled(text, secrets), encoding="utf-8")
    if host.category == "router":  # the only host that is a plain Debian for whoever logs in
        if "/etc/os-release" not in host.files:
            (root / "etc/os-release").symlink_to("../usr/lib/os-release")
        shutil.copyfile("/etc/debian_version", root / "etc/debian_version")
