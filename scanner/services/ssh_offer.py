"""The SSH offer, made facts. Pure."""

from inventory.device import Device
from inventory.errors import ParseError
from inventory.network import Network, SshOffer
from inventory.observation import Observation
from inventory.text import clean
from scanner.evidence import Evidence

MAX_LINES = 16  # lines read, a whole offer has nine; stops a swapped file
MAX_NAMES = 512  # names of one list, OpenSSH offers some twenty; stops a list that fills the snapshot

_LISTS = {
    "KEX algorithms": "key_exchanges",
    "host key algorithms": "host_keys",
    "ciphers stoc": "ciphers",
    "MACs stoc": "macs",
    "ciphers ctos": "client_ciphers",
    "MACs ctos": "client_macs",
}


def read_offer(evidence: Evidence) -> Observation:
    """The offer of the port that was asked; ParseError names the line that is not of it.

    Line: `host key algorithms: rsa-sha2-512,rsa-sha2-256,ssh-ed25519`. Seen from OpenSSH 9.2 and dropbear 2022.83.
    """
    port = int(evidence.request.ask.removeprefix("kexinit "))
    software, lists = None, dict[str, tuple[str, ...]]()
    for number, text in enumerate(evidence.text.splitlines()[:MAX_LINES], start=1):
        name, colon, value = text.partition(": ")
        if not colon:
            name, colon, value = text.rstrip().partition(":")  # an empty list
        if not colon:
            raise ParseError(evidence.id, number, "not a line of an SSH offer")
        if name == "banner":
            software = _software(value)
        elif name in _LISTS:
            names = [clean(item) for item in value.split(",") if item]
            if len(names) > MAX_NAMES:
                raise ParseError(evidence.id, number, f"more than {MAX_NAMES} names")
            lists[_LISTS[name]] = tuple(names)
    if set(lists) != set(_LISTS.values()):
        raise ParseError(evidence.id, None, "not a whole SSH offer")
    seen = SshOffer(port, software, **lists)
    return Observation(Device(network=Network(ssh_offers=(seen,))), {"/network/ssh_offers/0": 1})


def _software(banner: str) -> str | None:
    """What follows the version of the protocol.

    >>> _software("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"), _software("SSH-1.99-")
    ('OpenSSH_9.2p1 Debian-2+deb12u10', None)
    """
    return clean(banner.split("-", 2)[-1]) or None if banner.count("-") >= 2 else None
