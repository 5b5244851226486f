"""The Wi-Fi networks in the air: iw's own words, and a run with and without a card."""

from datetime import UTC, datetime

from inventory.air import AirNetwork
from scanner.air import MOST_NETWORKS, read_air
from scanner.evidence import Evidence, Request
from scanner.wire import wifi
from tests.unit.scanner.test_scan import LAN, Practice, site, visited

# The form of iw 5's dump as public recordings have it (see scanner/air.py); names and addresses are documentation's.
DUMP = """\
BSS 00:00:5e:00:53:01(on wlan0) -- associated
\tTSF: 0 usec (0d, 00:00:00)
\tfreq: 2437
\tcapability: ESS Privacy ShortSlotTime RadioMeasure (0x1411)
\tsignal: -38.00 dBm
\tlast seen: 10 ms ago
\tSSID: Cabinet
\tRSN:\t * Version: 1
\t\t * Group cipher: TKIP
\t\t * Pairwise ciphers: CCMP
\t\t * Authentication suites: PSK SAE
\t\t * Capabilities: 16-PTKSA-RC 1-GTKSA-RC (0x000c)
\tWPA:\t * Version: 1
\t\t * Pairwise ciphers: TKIP
\t\t * Authentication suites: IEEE 802.1X
\tWPS:\t * Version: 1.0
\t\t * Wi-Fi Protected Setup State: 2 (Configured)
\tWMM:\t * Parameter version 1
BSS 00:00:5e:00:53:02(on wlan0)
\tfreq: 5180.0
\tcapability: ESS ShortSlotTime (0x1401)
\tsignal: -84.00 dBm
\tSSID:\x20
BSS 00:00:5e:00:53:03(on wlan0)
\tfreq: 2412
\tcapability: ESS Privacy (0x0411)
\tSSID: vieux \\x1b[31m
"""


def read(text: str) -> tuple[AirNetwork, ...]:
    return read_air(Evidence(Request("wifi", "wlan0", "scan dump"), "done", datetime.now(UTC), text.encode()))


def test_what_protects_each_network_is_read() -> None:
    assert read(DUMP) == (
        AirNetwork("00:00:5e:00:53:01", "Cabinet", 2437, -38, ("rsn", "wpa"), ("CCMP", "TKIP"),
                   ("IEEE 802.1X", "PSK", "SAE"), wps=True),
        AirNetwork("00:00:5e:00:53:02", None, 5180, -84, (), wps=False),
        AirNetwork("00:00:5e:00:53:03", "vieux \\x1b[31m", 2412, None, ("wep",), wps=False),
    )  # fmt: skip


def test_nonsense_and_floods_are_bounded() -> None:
    assert read("") == ()
    assert read("command failed: No such device (-19)\n\tSSID: x\n") == ()
    flood = "".join(f"BSS 00:00:5e:00:{place // 256:02x}:{place % 256:02x}(on wlan0)\n" for place in range(2000))
    assert len(read(flood)) == MOST_NETWORKS


class Wireless(Practice):
    """A machine with a Wi-Fi card."""

    def _vantage(self) -> dict[str, object]:
        return {**super()._vantage(), "captures": [], "wifi": ["wlan0"]}


def test_a_run_keeps_what_its_card_heard() -> None:
    present = {LAN: {"00:11:32:00:00:01": "192.168.10.10"}}
    snapshot = visited(site(), Wireless(present, {("wifi", "wlan0"): DUMP.encode()}))
    assert [item.ssid for item in snapshot.air or ()] == ["Cabinet", None, "vieux \\x1b[31m"]
    assert [row.status for row in snapshot.coverage if row.source == "wifi"] == ["done"]


def test_without_a_card_nothing_is_asked_and_a_mute_one_says_nothing() -> None:
    present = {LAN: {"00:11:32:00:00:01": "192.168.10.10"}}
    plain = Practice(present)
    assert visited(site(), plain).air is None
    assert plain.questions("wifi") == []
    assert visited(site(), Wireless(present)).air is None


def test_only_a_card_of_this_machine_is_asked() -> None:
    assert wifi.dump("wlan0; reboot").status in ("failed", "off_link")
