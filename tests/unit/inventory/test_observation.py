"""Merging partial Devices: what one has is taken, lists are united by name, provenance follows each fact."""

from ipaddress import IPv4Address, IPv4Network
from typing import Any

from inventory.device import Device
from inventory.gateway import Interface, PortForward
from inventory.network import Network, Port
from inventory.observation import Observation, UnreadLine, attributed, merge
from inventory.snapshot import Source
from inventory.system import Identity, System


def ports(*numbers: int, service: str | None = None) -> Device:
    return Device(network=Network(ports=tuple(Port(number, service=service) for number in numbers)))


def test_facts_of_one_side_are_taken_with_their_source() -> None:
    left = attributed(Observation(Device(network=Network(vendor="Dell Inc."))), "arp-1")
    right = attributed(
        Observation(Device(system=System(identity=Identity(model="DS214se"))), {"/system/identity/model": 4}), "snmp-1"
    )
    merged = merge((left, right))
    assert merged.device.network == Network(vendor="Dell Inc.")
    assert merged.device.system == System(identity=Identity(model="DS214se"))
    assert merged.provenance["/network/vendor"] == Source("arp-1")
    assert merged.provenance["/system/identity/model"] == Source("snmp-1", 4)


def test_lists_are_united_and_their_pointers_move() -> None:
    left = attributed(Observation(ports(22, 445), {"/network/ports/0": 7, "/network/ports/1": 9}), "ports-1")
    right = attributed(
        Observation(ports(23, 445, service="smb"), {"/network/ports/0": 3, "/network/ports/1": 5}), "s-1"
    )
    merged = merge((left, right))
    assert merged.device.network is not None
    assert [(port.port, port.service) for port in merged.device.network.ports or ()] == [
        (22, None),
        (23, "smb"),
        (445, "smb"),
    ]
    assert merged.provenance["/network/ports/0"] == Source("ports-1", 7)
    assert merged.provenance["/network/ports/1"] == Source("s-1", 3)
    # Both saw it; the second learnt what it speaks, so that is where a reader must look.
    assert merged.provenance["/network/ports/2"] == Source("s-1", 5)


def test_empty_is_an_answer_and_stays_one() -> None:
    none_open = attributed(Observation(ports()), "ports-1")
    not_looked = attributed(Observation(Device(network=Network(vendor="x"))), "arp-1")
    for order in ((none_open, not_looked), (not_looked, none_open)):
        network = merge(order).device.network
        assert network is not None
        assert network.ports == ()


def test_the_first_stands_where_two_disagree() -> None:
    one = attributed(Observation(Device(network=Network(vendor="Dell Inc."))), "a")
    two = attributed(Observation(Device(network=Network(vendor="HP Inc."))), "b")
    merged = merge((one, two))
    assert merged.device.network == Network(vendor="Dell Inc.")
    assert merged.provenance["/network/vendor"] == Source("a")


def test_two_forwards_of_one_port_to_two_targets_are_two() -> None:
    def forward(target: str) -> Device:
        return Device(system=System(port_forwards=(PortForward("tcp/443", IPv4Address(target)),)))

    merged = merge(
        (
            attributed(Observation(forward("192.168.1.2")), "a"),
            attributed(Observation(forward("192.168.1.3"), unread=(UnreadLine("system.port_forwards", 3, "x"),)), "b"),
        )
    )
    assert merged.device.system is not None
    assert len(merged.device.system.port_forwards or ()) == 2
    assert merged.unread[0].evidence == "b"


def test_forwards_for_different_askers_are_different() -> None:
    def forward(**more: Any) -> Device:
        return Device(system=System(port_forwards=(PortForward("tcp/443", IPv4Address("192.168.1.2"), **more),)))

    inner = (IPv4Network("192.168.1.0/24"),)
    devices = (forward(), forward(source_filter=inner), forward(destination_filter=inner),
               forward(except_interfaces=("docker0",)))  # fmt: skip
    merged = merge(attributed(Observation(device), "a") for device in devices)
    assert merged.device.system is not None
    assert len(merged.device.system.port_forwards or ()) == 4


def test_what_two_sources_say_of_an_interface_is_one() -> None:
    addresses = Interface("wan0", addresses=(IPv4Address("44.128.10.2"),))
    routes = Interface("wan0", default_route=True)
    merged = merge(
        attributed(Observation(Device(system=System(interfaces=(item,)))), name)
        for item, name in ((addresses, "a"), (routes, "b"))
    )
    assert merged.device.system is not None
    assert merged.device.system.interfaces == (Interface("wan0", (IPv4Address("44.128.10.2"),), default_route=True),)


def test_a_default_has_no_line_and_says_so() -> None:
    system = System(identity=Identity(model="RB5009", hostname="MikroTik"))
    told = Observation(
        Device(system=system), {"/system/identity/model": 4}, defaults=frozenset({"/system/identity/hostname"})
    )
    merged = merge((attributed(told, "ssh-1"), attributed(Observation(Device(network=Network(vendor="x"))), "arp-1")))
    assert merged.provenance["/system/identity/hostname"] == Source("ssh-1", default=True)
    assert merged.provenance["/system/identity/model"] == Source("ssh-1", 4)
