"""How much of what tshark sees in real captures `vigie identify` tells: `python -m tests.bench.captures`.

Prints a row a protocol: of what the manifest's `observed_tshark` holds, how much is told of the right device. A device
is spurious when tcpdump shows no frame of its MAC. Left out is what is no announcement: a packet quoted by an ICMP
error (two source addresses), a server's address in what a client says to it.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.identify import identities

PCAP = Path(__file__).parents[3] / "shared" / "realdata" / "pcap"
LEAST = {"dhcp": 100.0, "dhcp_servers": 100.0, "lldp": 100.0, "mdns": 97.0, "ssdp": 97.0, "mac_ip": 97.0}

Item = tuple[str, bool]  # protocol, told


def cases() -> Iterator[Mapping[str, Any]]:
    """The captures of the manifest."""
    yield from map(json.loads, (PCAP / "manifest.jsonl").read_text("utf-8").splitlines())


def told(case: Mapping[str, Any]) -> tuple[list[Item], set[str]]:
    """What was to be told of one capture, each with whether it was; and the MACs of spurious devices."""
    path = PCAP / Path(case["file"]).name
    rows = {row["device"]: row for row in identities(path) if "device" in row}
    seen = case["observed_tshark"]
    items = [*_dhcp(seen, rows), *_lldp(seen, rows), *_mdns(seen, rows), *_ssdp(seen, rows), *_others(seen, rows)]
    return items, set(rows) - _senders(path)


def _senders(path: Path) -> set[str]:
    """The MACs that tcpdump shows as senders."""
    lines = subprocess.run(["tcpdump", "-r", str(path), "-nnetq"], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in lines.splitlines() if " > " in line}


def _network(rows: Mapping[str, Any], mac: str) -> Mapping[str, Any]:
    network: Mapping[str, Any] = rows[mac]["network"] if mac in rows else {}
    return network


def _dhcp(seen: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[Item]:
    clients = set()
    for entry in seen.get("dhcp", ()):
        mac = entry["mac"].split("|")[-1]
        clients.add(mac)
        said = _network(rows, mac).get("dhcp", {})
        yield "dhcp", "dhcp" in _network(rows, mac).get("heard", ())
        for key, ours in (("hostname", "hostname"), ("vendor_class", "vendor_class"), ("fqdn", "fqdn")):
            if key in entry:
                yield "dhcp", said.get(ours) == entry[key]
        if "prl" in entry:
            yield "dhcp", entry["prl"].replace("|", ",") in said.get("parameters", ())
        if "requested_ip" in entry:
            yield "dhcp", entry["requested_ip"] in said.get("requested", ())
    for entry in seen.get("dhcp_servers", ()):
        if entry["mac"] not in clients:
            server = _network(rows, entry["mac"]).get("dhcp_server", {})
            yield "dhcp_servers", server.get("address") == entry["server_id"]
            if "router" in entry:
                yield "dhcp_servers", server.get("routers") == entry["router"].split("|")


def _lldp(seen: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[Item]:
    for entry in seen.get("lldp", ()):
        said = _network(rows, entry["mac"]).get("neighbours", ())
        yield "lldp", entry["chassis_mac"] in {item.get("chassis") for item in said if item["protocol"] == "lldp"}


def _mdns(seen: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[Item]:
    for entry in seen.get("mdns", ()):
        network = _network(rows, entry["mac"])
        yield "mdns", "mdns" in network.get("heard", ())
        services = {f"{item['name']}.{item['kind']}.local": item for item in network.get("mdns", ())}
        for name in _instances(entry.get("ptr", "").split("|")):
            yield "mdns", name in services
        if "srv_port" in entry:
            ports = {str(item.get("port")) for item in services.values()}
            yield from (("mdns", port in ports) for port in entry["srv_port"].split("|"))
        if "txt" in entry:
            texts = {text for item in services.values() for text in item.get("text", ())}
            yield from (("mdns", text in texts) for text in entry["txt"].split("|") if text)
        if "a" in entry:
            yield (
                "mdns",
                any(f"{network.get('hostname')}.local" == name.lower() for name in entry["answers"].split("|")),
            )


def _instances(names: Iterable[str]) -> Iterator[str]:
    """`DCS-930LB._http._tcp.local` and its like: not a type, not a host."""
    for name in names:
        if name.count("._") == 2 and name.endswith(("._tcp.local", "._udp.local")) and not name.startswith("_"):
            yield name


def _ssdp(seen: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[Item]:
    servers = set(seen.get("http_servers", ()))
    for entry in seen.get("ssdp", ()):
        if "|" in entry.get("ip", ""):
            continue
        network = _network(rows, entry["mac"])
        yield "ssdp", "ssdp" in network.get("heard", ())
        if "server" in network.get("upnp", {}):
            yield "ssdp", network["upnp"]["server"] in servers


def _others(seen: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[Item]:
    for mac, addresses in seen.get("mac_ip", {}).items():
        network = _network(rows, mac)
        known = {*network.get("addresses", ()), *network.get("ipv6", ())}
        yield from (("mac_ip", address in known) for address in addresses)
    for protocol in ("nbns", "llmnr", "browser"):
        for entry in seen.get(protocol, ()):
            yield protocol, protocol in _network(rows, entry["mac"]).get("heard", ())
    for entry in seen.get("browser", ()):
        name = _network(rows, entry["mac"]).get("browser", {}).get("name")
        if entry.get("os_major") == "5":
            yield "browser", name == entry["server"]
    texts = {
        str(text) for row in rows.values() for item in row["network"].get("neighbours", ()) for text in item.values()
    }
    wanted = [text for text in seen.get("udp_10001_strings", ()) if text != "4.0.0"]  # the oldest version it talks to
    yield from (("ubiquiti", any(known in text for known in texts)) for text in wanted)


def table() -> tuple[Mapping[str, tuple[int, int]], set[str]]:
    """Protocol → (told, in all), and the spurious devices of all captures."""
    counts: dict[str, list[bool]] = defaultdict(list)
    spurious = set[str]()
    for case in cases():
        items, more = told(case)
        spurious |= {f"{case['case']} {mac}" for mac in more}
        for protocol, right in items:
            counts[protocol].append(right)
    return {protocol: (sum(rights), len(rights)) for protocol, rights in sorted(counts.items())}, spurious


def main() -> None:
    """Print the table; exit status 1 below what is asked for."""
    rows, spurious = table()
    print(f"{'protocol':<14} {'told':>5} {'of':>5}        at least")
    for protocol, (right, total) in rows.items():
        least = f"{LEAST[protocol]:.0f} %" if protocol in LEAST else ""
        print(f"{protocol:<14} {right:>5} {total:>5} {100 * right / total:6.1f} % {least:>6}")
    print(f"{'spurious':<14} {len(spurious):>5}                   0  {' '.join(sorted(spurious))}".rstrip())
    low = [
        protocol
        for protocol, least in LEAST.items()
        if protocol in rows and 100 * rows[protocol][0] / rows[protocol][1] < least
    ]
    sys.exit(bool(low or spurious))


if __name__ == "__main__":
    main()
