"""Places of UPnP descriptions whose URL holds a secret: asked for as they are, told as they may be kept.

A question carries what is kept, so that its replay asks the same; only the door that asks knows the rest. Opens no
socket.
"""

import threading
from ipaddress import IPv4Address

from scanner.announced import read_ssdp
from scanner.evidence import READER_ERRORS, Evidence
from scanner.igd import mapping_asks
from scanner.upnp_place import own_place


class Places:
    """URL as it is kept → as the device wrote it, of those that differ."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        self._lock = threading.Lock()

    def real(self, ask: str) -> str:
        """The question as it is put to the device: `description http://192.168.10.1:80/d.xml?pw=…`."""
        head, space, url = ask.rpartition(" ")
        return head + space + self._real.get(url, url)

    def announced(self, heard: Evidence, kept: Evidence) -> None:
        """Take in the places of an SSDP capture, as it came and as it is kept."""
        try:
            said, shown = read_ssdp(heard), read_ssdp(kept)
        except READER_ERRORS:
            return  # its reader tells
        for address, item in said.items():
            if address in shown and len(item.locations) == len(shown[address].locations):
                for real, told in zip(item.locations, shown[address].locations, strict=True):
                    self._add(_url(told, address), _url(real, address))

    def described(self, heard: Evidence, kept: Evidence) -> None:
        """Take in the places that a description leads to, as it came and as it is kept."""
        try:
            said, shown = mapping_asks(heard), mapping_asks(kept)
        except READER_ERRORS:
            return
        if len(said) == len(shown):
            for real, told in zip(said, shown, strict=True):
                self._add(told.rpartition(" ")[2], real.rpartition(" ")[2])

    def _add(self, told: str, real: str) -> None:
        with self._lock:
            if told != real:
                self._real.setdefault(told, real)


def _url(location: str, address: IPv4Address) -> str:
    return str(own_place(location, address) or location)
