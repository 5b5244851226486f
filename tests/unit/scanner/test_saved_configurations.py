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


CUT = [
    "/ip service\nset telnet disabled=yes\n#error exporting /ip traffic-flow\n#interrupted\n",
    "/ip service\nset telnet disabled=yes\n/snmp\nset contact=\\\n",
    '/ip service\nset telnet disabled=yes\n/snmp\nset contact="Cabi',
]


@pytest.mark.parametrize("end", CUT)
def test_an_export_that_breaks_off_says_nothing_of_what_would_have_followed(end: str) -> None:
    address = "/ip address\nadd address=192.168.88.1/24 interface=bridge\n"
    nat = "/ip firewall nat\nadd action=dst-nat chain=dstnat dst-port=22 protocol=tcp to-addresses=192.168.88.9\n"
    text = f"# 2026-11-01 10:00:00 by RouterOS 7.21.1\n{address}{nat}{end}"
    found = mikrotik_routeros.read_configuration(text)
    system = found.device.system
    assert system is not None
    assert (system.snmp, system.upnp, system.ntp, system.admin, system.wifi) == (None, None, None, None, None)
    assert len(system.port_forwards or ()) == 1
    assert [item.default_route for item in system.interfaces or ()] == [None]  # /ip route may have followed
    facts = {line.fact for line in found.unread}
    assert {"system.snmp", "system.upnp", "system.admin", "system.interfaces"} <= facts


def test_an_export_with_its_last_line_end_missing_is_whole() -> None:
    text = "# 2026-11-01 10:00:00 by RouterOS 7.21.1\n/ip address\nadd address=192.168.88.1/24 interface=bridge"
    assert mikrotik_routeros.read_configuration(text).unread == ()
