"""What a Vyatta configuration hands on to servers behind it by itself, and the services that nothing here knows. Pure.

A reverse proxy ends the connection, so that neither the address translation nor the filter of what is sent on says who
may reach the server. Sources: VyOS, "Reverse-proxy" (1.4) and "HAProxy" (1.5), "Stunnel", and the lists of "Services".
"""

from collections.abc import Iterator

from inventory.text import clean
from scanner.platforms._reading import UnreadableError, number
from scanner.platforms._vyatta import Bad, Configuration, Node
from scanner.platforms._vyatta_services import EXPORTERS, MAX_PORTS, Served, listens

# What is read elsewhere.
_READ = frozenset({
    "console-server", "dhcp-server", "dhcpv6-server", "dns", "gui", "https", "nat", "ntp", "snmp", "ssh",
    "telnet", "tftp-server", "upnp", "upnp2", "webproxy",
})  # fmt: skip
# What only asks, or speaks to the neighbours on the same wire.
_QUIET = frozenset({
    "bcast-relay", "broadcast-relay", "config-sync", "connection-status", "dhcp-relay", "dhcpv6-relay", "event-handler",
    "ids", "ipoe-server", "lldp", "mdns", "ndp-proxy", "pppoe-server", "router-advert", "salt-minion", "suricata",
    "suspend", "ubnt-discover", "ubnt-discover-server", "unms",
})  # fmt: skip
# What the part of `monitoring` that has them says where to send to, or looks at the kernel's own messages.
_SENDING = frozenset({
    "authentication", "azure-data-explorer", "bucket", "influxdb", "loki", "network-event", "organization", "port",
    "source", "splunk", "url", "vrf",
})  # fmt: skip
_BALANCERS = ("reverse-proxy", "haproxy")  # the later name


def read_proxies(config: Configuration) -> tuple[list[Served], Bad]:
    """The services of the reverse proxy; and what may listen somewhere and is not understood."""
    found: list[Served] = []
    bad: Bad = []
    for kind in _BALANCERS:
        for node in config.root.below("load-balancing", kind, "service")[:MAX_PORTS]:
            try:
                found += _proxy(node)
                # Some versions listen on port 80 for it, others send on at the port that is named.
                complete = not node.has("redirect-http-to-https")
            except UnreadableError:
                complete = False
            bad += [] if complete else [(node.line, f"{kind} service {clean(node.word)}")]
    bad += ((node.line, f"service {clean(node.word)}") for node in _strangers(config.root))
    return found, bad


def _proxy(node: Node) -> list[Served]:
    encrypted = True if node.has("ssl", "certificate") else None  # what is handed on as it comes may be either
    where, ports = listens(node), node.below("port")[:MAX_PORTS]
    if not ports:
        raise UnreadableError("port")
    return [Served("haproxy", number(item.word, 65535), "tcp", item.line, where, encrypted) for item in ports]


def _strangers(root: Node) -> Iterator[Node]:
    """The services and balancers that may listen, as far as anybody here knows."""
    for node in root.below("service"):
        if node.word == "monitoring":
            yield from _monitors(node)
        elif node.word not in _READ | _QUIET and not node.has("disable"):
            yield node
    for node in root.below("container", "name"):
        if node.has("allow-host-networks") and not node.has("disable"):
            yield node  # what runs in it listens on the device itself
    for node in root.below("load-balancing"):
        if node.word not in (*_BALANCERS, "wan"):
            yield node


def _monitors(monitoring: Node) -> Iterator[Node]:
    """What watches the device for somebody else and is none of the exporters that are read: it may be asked."""
    for kind in monitoring.below():
        known = {path[1] for path, _ in EXPORTERS if path[0] == kind.word}
        for node in kind.below() if known else (kind,):
            if node.word not in known | _SENDING and not node.has("disable"):
                yield node
