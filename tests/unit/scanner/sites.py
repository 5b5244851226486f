"""A site for unit tests."""

from datetime import date
from ipaddress import IPv4Network

from inventory.device import Declared
from inventory.site import Site, SiteNetwork
from inventory.snapshot import Authorisation, Profile

FRAGILE_MAC = "00:00:5e:00:53:99"

SITE = Site(
    client="Cabinet",
    profile=Profile("group", "shared", "local"),
    size=2,
    networks=(SiteNetwork(IPv4Network("192.168.10.0/24"), "professional"),),
    authorisation=Authorisation("Titulaire", date(2026, 1, 1), date(2026, 12, 31)),
    vantage="professional",
    public_allowed=False,
    exclusions=(IPv4Network("192.168.10.248/30"),),
    fragile=(FRAGILE_MAC,),
    fragile_allow=(),
    credentials=(),
    devices=(Declared("nas", "nas", "practice", "professional", macs=("00:11:32:00:00:01",)),),
    waivers=(),
    documents={},
)
