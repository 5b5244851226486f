"""The pinned `opa` binary for the tests: found, downloaded or built. `python tests/opa.py` prints its path or why not.

Nothing packages it for pip, apt or npm. Tried in this order: `opa` on PATH when it has the pinned version, the cache
(`$XDG_CACHE_HOME/vigie/opa-1.9.0`), the project's release binary checked against the sha256 published beside it, and
`go install`, which takes minutes once.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

VERSION = "1.9.0"
_RELEASE = f"https://github.com/open-policy-agent/opa/releases/download/v{VERSION}"
_MODULE = f"github.com/open-policy-agent/opa@v{VERSION}"
# Seconds to the first byte: where the network leads nowhere, the next way must be tried soon.
_CONNECT = 10
# Bytes; the 1.9.0 binary has about 70 MB. Stops a captive portal or a wrong file from filling the disk.
_MAX_BINARY = 200 * 1024 * 1024
_BUILD = 1800  # seconds; two slow cores need about 5 minutes


def opa_binary(*, fetch: bool = True) -> Path | None:
    """The pinned binary, None when no way led to it; without `fetch` only PATH and the cache are looked at."""
    return _search(fetch=fetch)[0]


def _search(*, fetch: bool) -> tuple[Path | None, list[str]]:
    """The binary and why each way before it did not work."""
    reasons: list[str] = []
    for way in (_on_path, _cached, *((_released, _built) if fetch else ())):
        try:
            return way(), reasons
        except (OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
            detail = getattr(error, "stderr", None) or str(error)
            reasons.append(
                f"{way.__name__.strip('_')}: {detail.strip().splitlines()[-1] if detail.strip() else error!r}"
            )
    return None, reasons


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vigie" / f"opa-{VERSION}"


def _checked(path: Path) -> Path:
    """The path, when it runs and has the pinned version."""
    run = subprocess.run([path, "version"], capture_output=True, text=True, timeout=60, check=True)
    found = next((line.split()[-1] for line in run.stdout.splitlines() if line.startswith("Version:")), "none")
    if found != VERSION:
        raise ValueError(f"{path} has version {found}, not {VERSION}")
    return path


def _on_path() -> Path:
    found = shutil.which("opa")
    if found is None:
        raise LookupError("no opa on PATH")
    return _checked(Path(found))


def _cached() -> Path:
    if not _cache().exists():
        raise LookupError("nothing in the cache")
    return _checked(_cache())


def _released() -> Path:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine())
    if machine is None or sys.platform != "linux":
        raise LookupError(f"no release binary for {sys.platform} {platform.machine()}")
    name = f"opa_linux_{machine}_static"
    wanted = _download(f"{_RELEASE}/{name}.sha256").decode().split()[0]
    body = _download(f"{_RELEASE}/{name}")
    if hashlib.sha256(body).hexdigest() != wanted:
        raise ValueError(f"{name} is not what its sha256 says")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "opa"
        path.write_bytes(body)
        return _kept(path)


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_CONNECT) as answer:
        body: bytes = answer.read(_MAX_BINARY + 1)
    if len(body) > _MAX_BINARY:
        raise ValueError(f"{url} is too large")
    return body


def _built() -> Path:
    go = shutil.which("go")
    if go is None:
        raise LookupError("no go on PATH")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "GOBIN": folder, "GOFLAGS": "-trimpath"}
        command = [go, "install", _MODULE]
        subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_BUILD, check=True)
        return _kept(Path(folder) / "opa")


def _kept(path: Path) -> Path:
    """The binary, checked, in the cache; it appears there whole or not at all."""
    path.chmod(0o755)
    _checked(path)
    target = _cache()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copy2(path, part)
    part.replace(target)
    return target


if __name__ == "__main__":
    binary, why_not = _search(fetch=True)
    if binary is None:
        print(f"opa {VERSION}: no way led to it.", *why_not, sep="\n  ", file=sys.stderr)
    else:
        print(binary)
    sys.exit(binary is None)
