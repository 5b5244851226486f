"""What this machine's kernel remembers of the air. Sends nothing and starts no scan: it only asks the kernel."""

import shutil
import subprocess
from pathlib import Path

from scanner.evidence import Answer

TIMEOUT_S = 5.0
# Bytes kept; 500 networks at 2 kB each. Stops a card that invents thousands from filling the recording.
MOST_BYTES = 1 << 20
_CARDS = Path("/sys/class/net")


def cards() -> tuple[str, ...]:
    """The names of this machine's Wi-Fi cards."""
    return tuple(sorted(path.parent.name for path in _CARDS.glob("*/phy80211")))


def dump(card: str) -> Answer:
    """`iw dev CARD scan dump` of one of `cards()`; "failed" without iw, and with the first MiB of more than that."""
    iw = shutil.which("iw", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if iw is None:
        return Answer("failed", detail="iw is not installed (apt-get install iw)")
    if card not in cards():
        return Answer("off_link", detail="no such Wi-Fi card")
    try:
        said = subprocess.run([iw, "dev", card, "scan", "dump"], capture_output=True, timeout=TIMEOUT_S, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        return Answer("failed", detail=f"iw: {type(error).__name__}")
    if len(said.stdout) > MOST_BYTES:
        return Answer("failed", said.stdout[:MOST_BYTES], f"more than {MOST_BYTES} bytes")
    return Answer("done", said.stdout)
