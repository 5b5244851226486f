"""Who may come by IPv6 to a device with Cisco IOS, past its lists of IPv4.

Only what is surely shut counts as shut: a list that is not in the file lets everybody in, and so may one that names a
protocol from anywhere. Source: Cisco, "Security Configuration Guide: Access Control Lists", "IPv6 Addressing and Basic
Connectivity Configuration Guide" (`ipv6 traffic-filter`, `ipv6 access-class`).
"""

from collections.abc import Iterator
from typing import Literal

from scanner.platforms._ios import Configuration, Line

_ANY = (["any"], ["::/0"])


class Six:
    """The lists of IPv6, and the lines of the shell."""

    def __init__(self, told: Configuration) -> None:
        """Judge each list once."""
        rows = [line for line in told.root.find("ipv6", "access-list") if len(line.words) > 2]
        rules = {line.words[2]: [_rule(rule) for rule in line.below] for line in rows}
        self._policies = {name: _policy(found) for name, found in rules.items() if found}
        self._shutting = {name for name, found in rules.items() if found and _shuts(found)}
        self._shells = list(told.root.find("line", "vty"))
        self._guarded = {protocol: self._guards(protocol) for protocol in ("ssh", "telnet")}

    def policy(self, name: str) -> Literal["accept", "drop"] | None:
        """What a list does with what no rule names; None: it is not in the file, or empty."""
        return self._policies.get(name)

    def open_by(self, interface: Line, protocol: str) -> bool:
        """Whether somebody may reach a protocol by the interface, from further than its own wire."""
        if self._guarded.get(protocol, False):
            return False
        filters = interface.find("ipv6", "traffic-filter")
        shut = any(line.words[3:4] == ["in"] and line.words[2] in self._shutting for line in filters)
        return not shut and any("link-local" not in line.words for line in interface.find("ipv6", "address"))

    def _guards(self, protocol: str) -> bool:
        """Whether every line that may offer the protocol has a list of IPv6 that shuts."""
        offering = [line for line in self._shells if _offers(line, protocol)]
        return bool(offering) and all(
            any("in" in row.words[3:] and row.words[2] in self._shutting for row in line.find("ipv6", "access-class"))
            for line in offering
        )


def _offers(line: Line, protocol: str) -> bool:
    transport = line.first("transport", "input")
    return transport is None or protocol in transport.words[2:] or "all" in transport.words[2:]


def _rule(line: Line) -> list[str]:
    """The words of a rule without its place in the list."""
    words = line.words[1:] if line.words[0] == "sequence" else line.words
    return words[1:] if words and words[0].isdecimal() else words


def _policy(rules: list[list[str]]) -> Literal["accept", "drop"]:
    everything = (rule for rule in rules if rule[1:2] == ["ipv6"] and _anywhere(rule) and rule[3:4] in _ANY)
    return (
        "accept" if next((rule[0] for rule in everything if "time-range" not in rule), "deny") == "permit" else "drop"
    )


def _shuts(rules: list[list[str]]) -> bool:
    """Whether a list refuses whom it does not name: no rule lets a port of the device be asked for from anywhere."""
    return not any(_anywhere(rule) for rule in _asking(rules))


def _asking(rules: list[list[str]]) -> Iterator[list[str]]:
    """The rules that let somebody begin to ask, up to the one that refuses everything."""
    for rule in rules:
        if rule[:2] == ["deny", "ipv6"] and _anywhere(rule) and rule[3:4] in _ANY:
            return
        if rule[:1] == ["permit"] and "established" not in rule and rule[1:2] not in (["icmp"], ["58"]):
            yield rule


def _anywhere(rule: list[str]) -> bool:
    return rule[2:3] in _ANY
