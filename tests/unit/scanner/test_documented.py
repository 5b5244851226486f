"""What a report says of settings that were read as a maker's documentation has them."""

from inventory.gateway import Admin
from inventory.system import Identity, System, Updates
from scanner.assembly import documented
from scanner.platforms import PLATFORMS, Platform


def platform(name: str) -> Platform:
    return next(item for item in PLATFORMS if name == item.ID)


def test_groups_that_no_recording_has_proven_are_named() -> None:
    told = System(identity=Identity("DrayTek"), admin=(Admin("https", "lan", 443, encrypted=True),), updates=Updates())
    assert documented(platform("draytek_vigor"), told) == ("identity", "admin")
    assert documented(platform("opnsense"), System(identity=Identity("OPNsense"))) is None
