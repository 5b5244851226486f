"""Exports that a router could not finish: what is missing is unread, never empty."""

import pytest

from scanner.platforms import mikrotik_routeros

FAILURES = ['#error exporting "/ip/firewall/nat" (timeout)', "#error exporting /ip firewall nat"]


@pytest.mark.parametrize("failed", FAILURES)
def test_a_menu_that_could_not_be_exported_is_unread(failed: str) -> None:
    address = "/ip address\nadd address=192.168.88.1/24 interface=bridge"
    text = f"# 2026-11-01 10:00:00 by RouterOS 7.21.1\n{address}\n{failed}\n"
    found = mikrotik_routeros.read_configuration(text)
    assert "system.port_forwards" in {line.fact for line in found.unread}


def test_an_export_that_was_interrupted_says_nothing() -> None:
    with pytest.raises(ValueError, match="interrupted"):
        mikrotik_routeros.read_configuration("# 2026-11-01 10:00:00 by RouterOS 7.21.1\n/ip address\n#interrupted\n")
