"""The VLANs of a Vyatta configuration: of interfaces, bridges and switches. Pure.

Sources: VyOS, "VLAN" and "Bridge"; EdgeOS user guide, "Switching" (`switch-port interface … vlan`).
"""

from inventory.gateway import Vlan
from inventory.text import clean
from scanner.platforms._vyatta import Configuration
from scanner.platforms._vyatta_interfaces import MAX_INTERFACES, named


def read_vlans(config: Configuration) -> dict[Vlan, int]:
    """The VLANs of interfaces, bridges and switches: who carries them with a tag and without, and their lines."""
    found: dict[int, tuple[str | None, list[str], list[str], int]] = {}

    def note(word: str, line: int, name: str, tagged: str = "", untagged: str = "") -> None:
        if not (word.isascii() and word.isdigit() and len(word) < 5 and 1 <= int(word) <= 4094):
            return
        known = found.setdefault(int(word), (clean(name) or None, [], [], line))
        for ports, port in ((known[1], clean(tagged)), (known[2], clean(untagged))):
            if port and port not in ports and len(ports) < MAX_INTERFACES:
                ports.append(port)

    for way in named(config.root):
        for tag in ("vif", "vif-s", "vif-c"):
            for node in way.node.below(tag):
                note(node.word, node.line, node.value("description"), way.name)
        for port in (*way.node.below("switch-port", "interface"), *way.node.below("member", "interface")):
            for node in (*port.below("vlan", "vid"), *port.below("allowed-vlan")):
                note(node.word, node.line, "", port.word)
            for node in (*port.below("vlan", "pvid"), *port.below("native-vlan")):
                note(node.word, node.line, "", "", port.word)
    return {
        Vlan(number, name, tuple(tagged) or None, tuple(untagged) or None): line
        for number, (name, tagged, untagged, line) in sorted(found.items())[:4094]
    }
