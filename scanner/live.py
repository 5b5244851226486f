"""The one door to the practice's LAN: nothing leaves but what the site authorises and the device tolerates.

Credentials are resolved here and nowhere else; what comes back is redacted before anybody sees it.
"""

import json
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from inventory.device import Device
from inventory.errors import ScopeError
from inventory.site import Site
from inventory.snapshot import Vantage
from scanner import discover, services, vantage
from scanner.answering import Answering
from scanner.everybody import ask_everybody
from scanner.evidence import Answer, Evidence, Request
from scanner.gather import EVERYBODY
from scanner.guest import standing
from scanner.keeping import Keeping
from scanner.known_hosts import KnownHosts
from scanner.logins import Logins, Trust
from scanner.outside import from_outside
from scanner.probes import ProbeSet
from scanner.scope import check_date, check_network, excluded, local_day, sweep_targets
from scanner.secret_store import SecretError, SecretStore
from scanner.wire import arp, capture, connect, icmp6, netbios, nmap, upnp, vendors, wifi

# One device's whole port list at its gentlest rate takes 20 s, 45 s when nothing answers; stops a tar pit from holding
# the visit.
PORTS_TIMEOUT_S = 90.0
SCRIPTS_TIMEOUT_S = 120.0
# nmap listens for 6 s before its first probe, and the right one answers at once; stops a port that stays mute to all.
VERSIONS_TIMEOUT_S = 10.0
# A telnet or FTP server speaks within milliseconds, one that first looks up our name after a second or two.
LISTEN_S = 2.0

Progress = Callable[[str, float], None]


class Live:
    """The network itself. Use as a context manager: leaving it closes every connection."""

    def __init__(
        self,
        site: Site,
        secrets: SecretStore,
        known_hosts: KnownHosts,
        trust: Trust,
        progress: Progress = lambda *_: None,
        pcap: Path | None = None,
    ) -> None:
        self._site = site
        self._pcap = pcap
        self._listeners: dict[str, capture.Listener] = {}  # network → who listens on its interface
        self._keeping = Keeping(secrets)
        self._progress = progress
        self._interfaces = standing(site, vantage.interfaces(site))
        self._read: dict[str, int] = {}  # network → frames of its listener that were looked at
        self._met = Answering(site)
        self._guests: set[str] = set()  # devices at which a guest has asked for shares: never twice in a run
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._logins = Logins(site, secrets, known_hosts, trust, self.stopped)
        for item in site.credentials:  # known from the first answer on, so that none is kept before it is known
            for reference in item.references():
                with suppress(SecretError):
                    secrets.secret(reference)

    def __enter__(self) -> "Live":
        return self

    def __exit__(self, *_: object) -> None:
        self._logins.close()  # first: a session with an API is ended by a last message
        self._stop.set()
        for listener in self._listeners.values():
            listener.stop()

    def stop(self) -> None:
        """From now on nothing is asked; a question under way ends within a second, in a ScopeError as any later one."""
        self._stop.set()
        self._logins.stop()

    def stopped(self) -> bool:
        """Whether nothing may be asked any more."""
        return self._stop.is_set()

    def send(self, request: Request) -> Evidence:
        """The network's answer; ScopeError before anything leaves when the site does not authorise it."""
        self._check_stopped(request)
        moment = datetime.now(UTC).replace(microsecond=0)
        check_date(self._site, local_day(moment))
        try:
            answer = self._ask(request)
        except SecretError as error:
            answer = Answer("no_credential", detail=str(error))
        self._check_stopped(request)
        return self._keeping.kept(request, answer, moment)

    def _check_stopped(self, request: Request) -> None:
        if self.stopped():
            raise ScopeError(request.target, "the visit was stopped")

    def _ask(self, request: Request) -> Answer:
        if request.source == "vantage":
            return self._standing()
        if self._site.vantage == "guest":
            return from_outside(self._site, self._interfaces, request, self.stopped)
        if request.source == "capture":
            return self._captured(request)
        if request.source == "wifi":
            return wifi.dump(request.target)
        if request.source == "arp":
            return self._sweep(request)
        if request.source == "icmp6":
            return self._neighbours(request)
        if request.source == "icmp" or request.source in EVERYBODY:
            return self._everybody(request)
        self._listened()
        if barred := self._met.barred(request):
            return barred
        address = IPv4Address(request.target)
        here = next((item for item in self._interfaces if address in item.network), None)
        if here is None or not vantage.direct(address, here):
            return Answer("off_link", detail="this machine would send that through another interface or a gateway")
        if moved := self._met.moved(address, self._now(here, [address])[address]):
            return moved
        return self._ask_device(request, self._met.device(address), here)

    def _ask_device(self, request: Request, device: Device, here: Vantage) -> Answer:
        """The answer of a device that stands where it was met, if its kind tolerates the question."""
        allowed = discover.probes_for(self._site, device)
        if request.source not in allowed.sources:
            return Answer("not_asked", detail=f"not asked of this kind of device ({allowed.name})")
        if request.source in ("ports", "scripts"):
            return self._tcp(request, device, allowed, here)
        if request.source in services.SOURCES:
            return self._service(request, device, allowed, here.interface)
        if request.source in ("snmp", "ssh", "api"):
            return self._logins.answer(request, device, here.interface)
        if request.source == "upnp":
            return upnp.read(
                request.target, self._keeping.real(request).ask, interface=here.interface, stopped=self.stopped
            )
        if request.source == "netbios":
            return netbios.status(request.target, interface=here.interface, stopped=self.stopped)
        raise ScopeError(request.target, f"no way to ask {request.source}")

    def _standing(self) -> Answer:
        """Where this machine stands; from now on every authorised network is listened to, until it is asked for."""
        for item in self._interfaces if self._site.vantage != "guest" else ():
            if item.mac is not None and str(item.network) not in self._listeners:
                self._listeners[str(item.network)] = capture.Listener(item.interface)
        names = [*sorted(self._listeners), *(["file"] if self._pcap else [])]
        return Answer("done", json.dumps(vantage.to_json(self._interfaces, names, wifi.cards()), indent=1).encode())

    def _captured(self, request: Request) -> Answer:
        if request.target == "file" and self._pcap is not None:
            return capture.saved(self._pcap)
        listener = self._listeners.get(request.target)
        return listener.answer() if listener else Answer("off_link", detail="nobody listened there")

    def _listened(self) -> None:
        """Take up what was heard since the last question of those who also speak from an excluded address."""
        with self._lock:
            for network, listener in self._listeners.items():
                moments = listener.heard()
                self._met.heard(frame for _, frame in moments[self._read.get(network, 0) :])
                self._read[network] = len(moments)

    def _now(self, here: Vantage, wanted: Sequence[IPv4Address]) -> Mapping[IPv4Address, Collection[str]]:
        """Who answers for each address right now: whom the kernel would send to, or whoever answers where it forgot."""
        known = {address: kernel for address in wanted if (kernel := vantage.neighbour(address))}
        answering = self._answering(here, [address for address in wanted if address not in known])
        return {address: {known[address]} if address in known else answering.get(address, set()) for address in wanted}

    def _answering(self, here: Vantage, wanted: Sequence[IPv4Address]) -> Mapping[IPv4Address, set[str]]:
        """Who answers ARP for each address right now, nobody left out: all are asked at one time."""
        if here.mac is None or not wanted:
            return {}
        answer = arp.sweep(here.interface, here.mac, here.address, wanted, stopped=self.stopped)
        found = discover.answered(answer.body) if answer.status == "done" else {}
        return {
            address: {mac for mac, owned in found.items() if address in owned and mac != here.mac} for address in wanted
        }

    def _sweep(self, request: Request) -> Answer:
        network = IPv4Network(request.target)
        targets = sweep_targets(self._site, network)
        here = next((item for item in self._interfaces if item.network == network), None)
        if here is None or here.mac is None:
            return Answer("off_link", detail="this machine has no interface in that network")
        threading.Thread(target=vendors.unpack, daemon=True).start()  # a sweep waits most of its time
        answer = arp.sweep(
            here.interface,
            here.mac,
            here.address,
            targets,
            lambda part: self._progress(request.target, part),
            self.stopped,
        )
        self._met.swept(answer.body, here)
        return answer

    def _neighbours(self, request: Request) -> Answer:
        """Who speaks IPv6 on the link of an authorised network: asked of everybody there at once."""
        network = IPv4Network(request.target)
        check_network(self._site, network)
        here = next((item for item in self._interfaces if item.network == network), None)
        if here is None or here.mac is None:
            return Answer("off_link", detail="this machine has no interface in that network")
        return icmp6.ask(here.interface, here.mac, here.ipv6 or (), self.stopped)

    def _everybody(self, request: Request) -> Answer:
        """The answers to a multicast question, from those who answered ARP in this run and are not excluded."""
        network = IPv4Network(request.target)
        check_network(self._site, network)
        here = next((item for item in self._interfaces if item.network == network), None)
        if here is None:
            return Answer("off_link", detail="this machine has no interface in that network")

        def welcome(address: IPv4Address) -> bool:
            return address in network and address in self._met and not excluded(self._site, address)

        sturdy = self._sturdy(here) if request.source == "icmp" else ()
        return ask_everybody(request, here, welcome, sturdy, self.stopped)

    def _sturdy(self, here: Vantage) -> list[IPv4Address]:
        """The addresses of a network that are sent an echo: nobody else has taken them since the sweep."""
        self._listened()
        wanted = self._met.echoed(here.network, {item.address for item in self._interfaces})
        now = self._now(here, wanted)
        return [address for address in wanted if self._met.moved(address, now[address]) is None]

    def _tcp(self, request: Request, device: Device, allowed: ProbeSet, here: Vantage) -> Answer:
        what, ports = discover.asked_ports(request)
        if not set(ports) <= set(allowed.ports):
            return Answer("not_asked", detail="a port that this kind of device does not tolerate")
        if what != "ports":
            return self._nmap(request, device, allowed, here.interface)
        answer = connect.scan(
            request.target,
            ports,
            interface=here.interface,
            max_rate=allowed.max_rate,
            timeout_s=PORTS_TIMEOUT_S,
            listen_s=LISTEN_S,
            progress=lambda part: self._progress(device.name, part),
            stopped=self.stopped,
        )
        address = IPv4Address(request.target)
        if answer.detail == connect.NO_PORT_ANSWERED and self._answering(here, [address]).get(address):
            # It answers ARP right now: not gone, but behind a firewall that drops everything.
            return Answer("done", answer.body, "no port answered, ARP does: filtered by the device")
        return answer

    def _nmap(self, request: Request, device: Device, allowed: ProbeSet, interface: str) -> Answer:
        what, ports = discover.asked_ports(request)
        return nmap.scan(
            request.target,
            ports,
            interface=interface,
            scripts=discover.SCRIPTS if what == "scripts" else (),
            versions=what == "versions",
            max_rate=allowed.max_rate,
            timeout_s=VERSIONS_TIMEOUT_S if what == "versions" else SCRIPTS_TIMEOUT_S,
            progress=lambda part: self._progress(device.name, part),
            stopped=self.stopped,
        )

    def _service(self, request: Request, device: Device, allowed: ProbeSet, interface: str) -> Answer:
        if services.asked_port(request) not in allowed.ports:
            return Answer("not_asked", detail="a port that this kind of device does not tolerate")
        if request.source == "smb":
            with self._lock:
                asked = device.id in self._guests
                self._guests.add(device.id)
            if asked:
                return Answer("not_asked", detail="asked before in this run: no guest knocks twice")
        return services.answer(request, interface, self.stopped)


def no_trust(_device: Device, _key: Any) -> bool:  # noqa: ANN401
    """The answer of a run that nobody watches: an unknown host key is not accepted."""
    return False
