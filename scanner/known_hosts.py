"""The keys on record for a site: `DEVICE-ID KEYTYPE BASE64` a line, as OpenSSH writes known_hosts.

A device may have two: its SSH host key, and the certificate of its HTTP API (`x509`, in DER).

The name is the device's id (its MAC), not its address: a router keeps its key when DHCP moves it, and another device
that takes over the address is not taken for it.
"""

import base64
import binascii
import threading
from pathlib import Path

from inventory.disk import content, write
from inventory.errors import ConfigError
from scanner.wire.api import KEY_TYPE, MAX_CERTIFICATE
from scanner.wire.ssh import HostKey

FILE = "known_hosts"
# A host key has at most 800 bytes (RSA of 4096 bits), a certificate 2 KB; stops a swapped file from filling memory.
MAX_BYTES = 64 * MAX_CERTIFICATE


class KnownHosts:
    """The pins of one site folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._pins = {(device, key.key_type == KEY_TYPE): key for device, key in _read(self._path)}

    def pinned(self, device: str, *, certificate: bool = False) -> HostKey | None:
        """The SSH host key or the certificate on record for a device, None before the first contact."""
        return self._pins.get((device, certificate))

    def pin(self, device: str, key: HostKey) -> None:
        """Put a key on record; the file is replaced whole, so that a crash leaves the old or the new one."""
        with self._lock:
            self._pins[device, key.key_type == KEY_TYPE] = key
            lines = [
                f"{name} {pin.key_type} {base64.b64encode(pin.key).decode()}\n"
                for (name, _), pin in sorted(self._pins.items(), key=lambda item: item[0])
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
