"""Saved configurations of real routers against what a person reads in them: nothing wrong, little missed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.gateway import Interface, PortForward
from inventory.observation import Merged, attributed, merge
from inventory.system import Service, System
from scanner.evidence import Evidence
from scanner.platforms import Platform, mikrotik_routeros, openwrt
from scanner.secret_store import SecretStore
from tests.unit.scanner.test_platforms import RECORDINGS, evidence

SHARED = Path(__file__).parents[4] / "shared/realdata/configs"
# Those whose truth is a list of sentences; of a whole system: tests/truth.py.
CASES = sorted(path.parent.name for path in RECORDINGS.glob("*/truth.json") if "facts" in json.loads(path.read_text()))
LEAST_RECALL = 0.93


def answers(case: str) -> tuple[Platform, list[Evidence]]:
    """The saved files as the answers of a router that would be asked for them, redacted as those are."""
    folder = RECORDINGS / case
    source = SHARED / json.loads((folder / "truth.json").read_text())["source"]
    root = folder if any(folder.rglob("firewall")) else source
    files = {path.name: path for path in sorted(root.rglob("*")) if path.is_file()}
    packages = [(f"package {name}\n\n", path) for name, path in files.items() if path.parent.name == "config"]
    if not packages:
        packages = [("package firewall\n\n", files["firewall"])]
    asked = [answer(openwrt.CONFIGURATION, packages)]
    for command, name in (("cat /etc/openwrt_release", "openwrt_release"), ("cat /etc/passwd", "passwd")):
        if name in files:
            asked.append(answer(command, [("", files[name])]))
    return openwrt, asked


def answer(command: str, parts: list[tuple[str, Path]]) -> Evidence:
    if not all(path.exists() for _, path in parts):
        pytest.skip("this recording is under the GPL and read from ../shared, which is not here")
    text = "\n".join(head + path.read_text() for head, path in parts)
    return evidence(f"exec {command}", SecretStore(Path()).redacted(text))


def merged(case: str) -> Merged:
    platform, asked = answers(case)
    observations = [observation for item in asked if (observation := platform.read(item)) is not None]
    return merge(attributed(observation, "x") for observation in observations)


def facts(system: System) -> Iterator[str]:
    """What a system says, one fact a line."""
    for name in ("vendor", "model", "serial", "os", "firmware", "build", "hostname"):
        if system.identity and (value := getattr(system.identity, name)):
            yield f"identity {name} {value}"
    for service in system.services or ():
        yield told_service(service)
    for chain in (system.firewall.input if system.firewall else None) or ():
        yield f"input {chain.table} {chain.policy}"
    if system.upnp:
        yield f"upnp {'on' if system.upnp.enabled else 'off'}"
    if system.snmp:
        yield f"snmp {'on' if system.snmp.enabled else 'off'}"
        yield from (f"snmp {version}" for version in system.snmp.versions or ())
        yield f"snmp default community {yes(system.snmp.default_community)}"
        yield f"snmp writable {yes(system.snmp.writable)}"
    if system.ssh:
        yield f"ssh ports {' '.join(map(str, system.ssh.ports or ()))}"
        if system.ssh.password_authentication is not None:
            yield f"ssh passwords {yes(system.ssh.password_authentication)}"
        if system.ssh.root_login:
            yield f"ssh root {system.ssh.root_login}"
    if system.port_forwards == ():
        yield "forward none"
    for forward in system.port_forwards or ():
        yield told_forward(forward)
    for user in system.users or ():
        yield f"user {user.name}" + " administrator" * bool(user.administrator) + " login" * bool(user.login)
    for interface in system.interfaces or ():
        yield from told_interface(interface)


def yes(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def told_service(service: Service) -> str:
    who = f" for {' '.join(map(str, service.allowed))}" if service.allowed else ""
    return f"service {service.protocol}/{service.port} {service.process}{who}"


def told_forward(forward: PortForward) -> str:
    return f"forward {forward.interface} {forward.external} {forward.target}:{forward.target_port}"


def told_interface(interface: Interface) -> Iterator[str]:
    for address in interface.addresses or ():
        yield f"interface {interface.name} address {address}"
    if interface.default_route is not None:
        yield f"interface {interface.name} default route {yes(interface.default_route)}"


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_wrong_and_little_is_missed(case: str) -> None:
    system = merged(case).device.system
    assert system is not None
    found = set(facts(system))
    truth = set(json.loads((RECORDINGS / case / "truth.json").read_text())["facts"])
    right = found & truth
    print(f"{case}: precision {len(right)}/{len(found)}, recall {len(right)}/{len(truth)}; missed {truth - found}")
    assert found - truth == set()
    assert len(right) >= LEAST_RECALL * len(truth)


@pytest.mark.parametrize("case", CASES)
def test_every_line_is_one_of_the_file(case: str) -> None:
    _, asked = answers(case)
    last = max(item.text.count("\n") + 1 for item in asked)
    item = merged(case)
    assert all(1 <= source.line <= last for source in item.provenance.values() if source.line is not None)


def test_redaction_costs_no_fact() -> None:
    """Nothing that is a secret is a fact; and no secret that a person finds in these files is kept."""
    for case in CASES:
        platform, asked = answers(case)
        for item in asked:
            again = evidence(item.request.ask, SecretStore(Path()).redacted(item.text))
            assert platform.read(again) == platform.read(item)


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
