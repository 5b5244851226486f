"""Whom net-snmp's agent answers, by the words of its configuration: snmpd.conf itself, and UCI, which writes one. Pure.

Source: snmpd.conf(5) and snmpcmd(1) of net-snmp 5.9: a community's source is an address, a network, "default" or a
host's name; `agentaddress` lists where it listens (`udp:127.0.0.1:161,[::1]`), everywhere unless it is said.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Network

from scanner.platforms._networks import Networks
from scanner.platforms._reading import UnreadableError

MAX_SOURCES = 64  # a practice has one. Stops thousands
LOCALHOST = "localhost"
# Who is the device itself: whom alone it answers lets nobody in.
_LOCAL = re.compile(r"localhost|127\.[\d.]{1,11}(?:/\d{1,3}(?:\.[\d.]{1,11})?)?|::1(?:/128)?")
_LISTENS = re.compile(
    r"unix:\S{1,255}|(?:(?:udp|tcp|tlstcp|dtlsudp|ssh)6?:)?(?:localhost|127\.[\d.]{1,11}|\[?::1\]?)(?::\d{1,5})?"
)


def is_local(source: str) -> bool:
    """Whether a source is the device itself.

    >>> is_local("127.0.0.0/255.0.0.0"), is_local("::1/128"), is_local("192.168.10.0/24")
    (True, True, False)
    """
    return _LOCAL.fullmatch(source) is not None


def listens_locally(addresses: str) -> bool:
    """Whether what `agentaddress` says is at the device alone; unsaid it is not.

    >>> listens_locally("udp:127.0.0.1:161,[::1]"), listens_locally("127.0.0.1,udp:161"), listens_locally("")
    (True, False, False)
    """
    words = [word for word in re.split(r"[\s,]+", addresses.lower()) if word]
    return bool(words) and all(_LISTENS.fullmatch(word) for word in words)


def asked_by(sources: Iterable[str]) -> Networks | None:
    """Whom the agent answers over IPv4, None: everyone.

    Raises:
        UnreadableError: a host's name, or too many sources.

    >>> asked_by(["localhost", "192.168.10.9"])
    (IPv4Network('127.0.0.1/32'), IPv4Network('192.168.10.9/32'))
    """
    found: dict[IPv4Network, None] = {}
    for word in sources:
        if len(found) >= MAX_SOURCES:
            raise UnreadableError(word[:20])
        if word in ("default", "::/0"):
            return None
        if is_local(word) and ":" in word:
            continue
        try:
            network = IPv4Network("127.0.0.1" if word == LOCALHOST else word, strict=False)
        except ValueError as error:
            raise UnreadableError(word[:20]) from error
        if not network.prefixlen:
            return None
        found[network] = None
    return tuple(found)
