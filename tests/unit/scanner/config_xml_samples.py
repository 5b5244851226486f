"""Small configurations of pfSense and OPNsense, put together from the parts that a test is about."""

from inventory.observation import Observation
from inventory.system import System
from scanner.platforms import opnsense, pfsense

WAYS = """<interfaces>
<wan><enable/><if>em0</if><ipaddr>203.0.113.9</ipaddr><subnet>29</subnet><gateway>GW</gateway></wan>
<lan><enable/><if>em1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan>
<opt1><enable/><if>em2</if><descr>INVITES</descr><ipaddr>192.168.9.1</ipaddr><subnet>24</subnet></opt1>
</interfaces>
<gateways><gateway_item><name>GW</name><interface>wan</interface><gateway>203.0.113.14</gateway><defaultgw/>
</gateway_item></gateways>
"""
HTTPS = "<webgui><protocol>https</protocol></webgui>"
HOSTS = "<type>host</type>"


def seen(body: str, product: str = "pfsense", settings: str = HTTPS, ways: str = WAYS) -> Observation:
    """What the reader of the product makes of a configuration with that in it."""
    read = {"pfsense": pfsense.read_config, "opnsense": opnsense.read_config}[product]
    return read(f"<{product}>\n<system>{settings}<ipv6allow/></system>\n{ways}{body}\n</{product}>")


def told(body: str, product: str = "pfsense", settings: str = HTTPS, ways: str = WAYS) -> System:
    """The facts alone."""
    system = seen(body, product, settings, ways).device.system
    assert system is not None
    return system


def doubts(observation: Observation) -> set[str]:
    """The facts that something was not read of."""
    return {report.fact for report in observation.unread}


def alias(name: str, kind: str, content: str) -> str:
    """An alias in the older form."""
    return f"<alias><name>{name}</name><type>{kind}</type><address>{content}</address></alias>"


def rule(to: str, port: str = "", source: str = "<any/>", more: str = "", interface: str = "wan") -> str:
    """A filter rule for TCP that passes."""
    ported = f"<port>{port}</port>" if port else ""
    kind = "" if "<type>" in more else "<type>pass</type>"
    return (
        f"<rule>{kind}<interface>{interface}</interface><ipprotocol>inet</ipprotocol><protocol>tcp</protocol>"
        f"<source>{source}</source><destination>{to}{ported}</destination>{more}</rule>"
    )


def forward(
    port: str, target: str, more: str = "", source: str = "<any/>", to: str = "<network>wanip</network>"
) -> str:
    """A forward of TCP from the outer interface that passes the filter by itself."""
    passing = "" if "associated" in more else "<associated-rule-id>pass</associated-rule-id>"
    return (
        f"<rule><interface>wan</interface><protocol>tcp</protocol><source>{source}</source>"
        f"<destination>{to}<port>{port}</port></destination><target>{target}</target>{more}{passing}</rule>"
    )
