"""Which Wi-Fi networks are in the air where the run stood."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AirNetwork:
    """A network as one of its access points announces it; whose it is, nobody says."""

    bssid: str
    ssid: str | None = None  # None: hidden
    frequency: int | None = None  # MHz
    signal: int | None = None  # dBm
    protection: tuple[str, ...] | None = None  # "rsn" (WPA2, WPA3), "wpa", "wep"; () is open
    ciphers: tuple[str, ...] | None = None  # pairwise: "CCMP", "TKIP"
    keys: tuple[str, ...] | None = None  # authentication suites: "PSK", "SAE", "IEEE 802.1X"
    wps: bool | None = None
