"""What a device is for: the words of `Category`."""

from typing import Literal

Category = Literal[
    "workstation", "server", "nas", "router", "switch", "access_point", "printer", "phone", "tablet", "tv", "speaker",
    "console", "camera", "voip", "ups", "medical_imaging", "card_reader", "iot", "unknown",
]  # fmt: skip
