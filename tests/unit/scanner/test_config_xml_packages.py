"""The packages of pfSense and the plug-ins of OPNsense that listen, and those of which nobody knows whether they do."""

import pytest

from tests.unit.scanner.config_xml_samples import WAYS, doubts, seen

BOTH = {"system.services", "system.port_forwards"}


def frontend(where: str, more: str = "", switch: str = "<enable>yes</enable>") -> str:
    """A frontend of pfSense's HAProxy."""
    item = f"<name>x</name><status>active</status>{more}<a_extaddr>{where}</a_extaddr>"
    return f"<haproxy>{switch}<ha_backends><item>{item}</item></ha_backends></haproxy>"


def at(address: str, port: str, more: str = "") -> str:
    """An address of a frontend."""
    return f"<item><extaddr>{address}</extaddr><extaddr_port>{port}</extaddr_port>{more}</item>"


def plugin(inner: str, general: str = "<enabled>1</enabled>") -> str:
    """OPNsense's HAProxy."""
    return f"<HAProxy><general>{general}</general><frontends><frontend>{inner}</frontend></frontends></HAProxy>"


def served(body: str, product: str) -> tuple[list[str], set[str]]:
    """What HAProxy serves, and what is in doubt of services and forwards."""
    part = "installedpackages" if product == "pfsense" else "OPNsense"
    found = seen(f"<nat/><{part}>{body}</{part}>", product)
    assert found.device.system is not None
    services = [item for item in found.device.system.services or () if item.process == "haproxy"]
    return [f"{item.address} {item.port} {item.encrypted}" for item in services], doubts(found) & BOTH


@pytest.mark.parametrize(
    ("body", "expected", "doubted"),
    [
        (frontend(at("any_ipv4", "443", "<extaddr_ssl>yes</extaddr_ssl>")), ["0.0.0.0 443 True"], set()),
        (frontend(at("wan_ipv4", "80,443")), ["203.0.113.9 80 None", "203.0.113.9 443 None"], set()),
        (frontend(at("localhost_ipv4", "80")), ["127.0.0.1 80 None"], set()),
        (frontend(at("203.0.113.10", "80")), ["203.0.113.10 80 None"], set()),  # a virtual one
        (frontend(at("custom", "80", "<extaddr_custom>192.0.2.1</extaddr_custom>")), ["192.0.2.1 80 None"], set()),
        (frontend(at("wan_ipv6", "80")), [], BOTH),
        (frontend(at("any_ipv4", "an_alias")), [], BOTH),
        (frontend(""), [], BOTH),
        (frontend("", "<secondary>yes</secondary>"), [], set()),
        (frontend(at("any_ipv4", "443"), switch=""), [], set()),
        (frontend(at("any_ipv4", "443"), switch="<enable></enable>"), [], BOTH),
        (frontend(at("any_ipv4", "443")).replace(">active<", ">disabled<"), [], set()),
    ],
)
def test_what_haproxy_serves_on_pfsense(body: str, expected: list[str], doubted: set[str]) -> None:
    assert served(body, "pfsense") == (expected, doubted)


@pytest.mark.parametrize(
    ("body", "expected", "doubted"),
    [
        (plugin("<enabled>1</enabled><bind>0.0.0.0:443</bind>"), ["0.0.0.0 443 None"], set()),
        (
            plugin("<enabled>1</enabled><bind>192.0.2.1:443,[::]:443</bind><ssl_enabled>1</ssl_enabled>"),
            ["192.0.2.1 443 True", "[::] 443 True"],
            set(),
        ),
        (plugin("<enabled>1</enabled><bind>*:80</bind>"), ["0.0.0.0 80 None"], set()),
        (plugin("<enabled>1</enabled><bind>www.example:80</bind>"), [], BOTH),
        (plugin("<enabled>1</enabled><bind>0.0.0.0:80-90</bind>"), [], BOTH),
        (plugin("<enabled>1</enabled>"), [], BOTH),
        (plugin("<enabled>0</enabled><bind>0.0.0.0:443</bind>"), [], set()),
        (plugin("<enabled>1</enabled><bind>0.0.0.0:443</bind>", "<enabled>0</enabled>"), [], set()),
        (
            plugin(
                "", "<enabled>1</enabled><stats><remoteEnabled>1</remoteEnabled><remoteBind>*:9</remoteBind></stats>"
            ),
            ["0.0.0.0 9 None"],
            set(),
        ),
        (plugin("", "<enabled>1</enabled><peers><enabled>1</enabled></peers>"), [], {"system.services"}),
    ],
)
def test_what_haproxy_serves_on_opnsense(body: str, expected: list[str], doubted: set[str]) -> None:
    assert served(body, "opnsense") == (expected, doubted)


@pytest.mark.parametrize(
    ("product", "body", "doubted"),
    [
        ("pfsense", "<squid><config><enable_squid>on</enable_squid></config></squid>", BOTH),
        ("pfsense", "<squid><config><enable_squid></enable_squid><x>1</x></config></squid>", set()),
        (
            "pfsense",
            "<squidreversegeneral><config><reverse_https>on</reverse_https></config></squidreversegeneral>",
            BOTH,
        ),
        ("pfsense", "<stunnel><config><localport>443</localport></config></stunnel>", BOTH),
        ("pfsense", "<bind><config><enable_bind>on</enable_bind></config></bind>", {"system.services"}),
        ("pfsense", "<bind><config></config></bind><olsrd/>", set()),
        ("pfsense", "<acme><enable>on</enable></acme><package><name>squid</name></package>", set()),
        ("opnsense", "<Nginx><general><enabled>1</enabled></general></Nginx>", BOTH),
        ("opnsense", "<relayd><general><enabled>1</enabled></general></relayd>", BOTH),
        (
            "opnsense",
            "<proxy><general><enabled>0</enabled></general><forward><a><enabled>1</enabled></a></forward></proxy>",
            set(),
        ),
        ("opnsense", "<proxy><general><enabled>1</enabled></general></proxy>", {"system.services"}),
        ("opnsense", "<cron><jobs><job><enabled>1</enabled></job></jobs></cron><Dashboard><x>1</x></Dashboard>", set()),
    ],
)
def test_a_package_that_nobody_knows_may_listen(product: str, body: str, doubted: set[str]) -> None:
    assert served(body, product) == ([], doubted)


@pytest.mark.parametrize(
    "body",
    [
        "<load_balancer><virtual_server><ipaddr>203.0.113.9</ipaddr></virtual_server></load_balancer>",
        "<Pischem><caddy><general><enabled>1</enabled></general></caddy></Pischem>",
    ],
)
def test_a_proxy_outside_of_the_packages(body: str) -> None:
    assert doubts(seen(f"<nat/>{body}")) & BOTH == BOTH


def test_an_address_that_the_provider_gives_is_every_one() -> None:
    ways = WAYS.replace("203.0.113.9</ipaddr><subnet>29</subnet>", "dhcp</ipaddr>")
    body = f"<installedpackages>{frontend(at('wan_ipv4', '443'))}</installedpackages>"
    system = seen(body, ways=ways).device.system
    assert system is not None
    assert "0.0.0.0 443" in [
        f"{item.address} {item.port}" for item in system.services or () if item.process == "haproxy"
    ]
