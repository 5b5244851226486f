"""The SSH host keys on record for a site, one line a device: `DEVICE-ID KEYTYPE BASE64`, as OpenSSH writes known_hosts.

The name is the device's id (its MAC), not its address: a router keeps its key when DHCP moves it, and another device
that takes over the address is not taken for it.
"""

import base64
import binascii
import threading
from pathlib import Path

from inventory.disk import content, write
from inventory.errors import ConfigError
from scanner.wire.ssh import HostKey

FILE = "known_hosts"
# A pin is at most 800 bytes (RSA of 4096 bits); stops a swapped file from filling memory.
MAX_BYTES = 1 << 20


class KnownHosts:
    """The pins of one site folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._pins = dict(_read(self._path))

    def pinned(self, device: str) -> HostKey | None:
        """The key on record for a device, None before the first contact."""
        return self._pins.get(device)

    def pin(self, device: str, key: HostKey) -> None:
        """Put a key on record; the file is replaced whole, so that a crash leaves the old or the new one."""
        with self._lock:
            self._pins[device] = key
            lines = [
                f"{name} {pin.key_type} {base64.b64encode(pin.key).decode()}\n"
                for name, pin in sorted(self._pins.items())
            ]
            write(self._path, "".join(lines).encode())


def _read(path: Path) -> list[tuple[str, HostKey]]:
    try:
        # Nobody but Vigie writes this file, and it writes no link.
        text = content(path, MAX_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(FILE, None, "", error.strerror or "an unreadable file", "a readable file") from error
    pins = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            device, key_type, encoded = line.split()
            pins.append((device, HostKey(key_type, base64.b64decode(encoded, validate=True))))
        except (ValueError, binascii.Error) as error:
            raise ConfigError(FILE, number, "", "a line that is no pin", "DEVICE-ID KEYTYPE BASE64") from error
    return pins
