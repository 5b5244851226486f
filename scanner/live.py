"""The one door to the practice's LAN: nothing leaves but what the site authorises and the device tolerates.

Credentials are resolved here and nowhere else; what comes back is redacted before anybody sees it.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from inventory.device import Device
from inventory.errors import ScopeError
from inventory.site import Credential, Site
from inventory.text import clean
from scanner import discover, vantage
from scanner.evidence import Answer, Evidence, Request
from scanner.known_hosts import KnownHosts
from scanner.probes import ProbeSet
from scanner.scope import check_date, excluded, local_day, refusal, sweep_targets
from scanner.secret_store import SecretError, SecretStore
from scanner.wire import arp, nmap, snmp, ssh

# One device's whole port list at its gentlest rate takes 15 s; stops a tar pit from holding the visit.
PORTS_TIMEOUT_S = 90.0
SCRIPTS_TIMEOUT_S = 120.0

Trust = Callable[[Device, ssh.HostKey], bool]
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
    ) -> None:
        self._site = site
        self._secrets = secrets
        self._known_hosts = known_hosts
        self._trust = trust
        self._progress = progress
        self._credentials = {item.name: item for item in site.credentials}
        self._interfaces = vantage.interfaces(site)
        self._devices: dict[IPv4Address, tuple[Device, ...]] = {}  # who answered ARP for an address in this run
        self._sessions = threading.local()  # the one SSH session of each worker
        self._open: list[ssh.Session] = []
        self._lock = threading.Lock()
        self._asking = threading.Lock()  # held while a person thinks: never waited for by `stop`
        self._stop = threading.Event()
        for item in site.credentials:  # known from the first answer on, so that none is kept before it is known
            for reference in item.references():
                with suppress(SecretError):
                    secrets.secret(reference)

    def __enter__(self) -> "Live":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with self._lock:
            sessions, self._open = self._open, []
        for session in sessions:
            session.close()

    def stop(self) -> None:
        """From now on nothing is asked; a question under way ends within a second, in a ScopeError as any later one."""
        self._stop.set()
        with self._lock:
            for session in self._open:
                session.stop()

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
        return Evidence(request, answer.status, moment, self._redacted(request, answer.body), self._line(answer.detail))

    def _check_stopped(self, request: Request) -> None:
        if self.stopped():
            raise ScopeError(request.target, "the visit was stopped")

    def _ask(self, request: Request) -> Answer:
        if request.source == "vantage":
            return Answer("done", json.dumps(vantage.to_json(self._interfaces), indent=1).encode())
        if request.source == "arp":
            return self._sweep(request)
        devices = self._devices.get(IPv4Address(request.target), ())
        macs = [mac for device in devices for mac in (device.network.macs if device.network else None) or ()]
        if stop := refusal(self._site, request, macs):
            return Answer(stop.status, detail=stop.reason)
        (device,) = devices
        owned = self._addresses(device)
        if any(excluded(self._site, item) for item in owned):
            return Answer("excluded", detail="the same device has an address that the site excludes")
        if not discover.alone(device):
            return Answer("excluded", detail="several addresses answer with this MAC: others may stand behind it")
        here = next((item for item in self._interfaces if IPv4Address(request.target) in item.network), None)
        if here is None or not vantage.direct(IPv4Address(request.target), here):
            return Answer("off_link", detail="this machine would send that through another interface or a gateway")
        if moved := self._moved(IPv4Address(request.target), device):
            return moved
        allowed = discover.probes_for(self._site, device)
        if request.source not in allowed.sources:
            return Answer("not_asked", detail=f"not asked of this kind of device ({allowed.name})")
        if request.source in ("ports", "scripts"):
            return self._nmap(request, device, allowed, here.interface)
        if request.source == "snmp":
            return self._snmp(request, here.interface)
        return self._ssh(request, device, here.interface)

    def _addresses(self, device: Device) -> set[IPv4Address]:
        """Every address at which the device was met, on whichever of its interfaces."""
        return {address for address, met in self._devices.items() if device.id in {item.id for item in met}}

    def _moved(self, address: IPv4Address, device: Device) -> Answer | None:
        """A refusal when another device has taken the address since the sweep: it might be a fragile one."""
        expected = set((device.network.macs if device.network else None) or ())
        kernel = vantage.neighbour(address)
        now = {kernel} if kernel else self._answering(address)
        if not now:
            return Answer("silent", detail="it no longer answers ARP")
        if now <= expected:
            return None
        return Answer("excluded", detail=f"{', '.join(sorted(now - expected))} now answers for this address")

    def _answering(self, address: IPv4Address) -> set[str]:
        """Who answers ARP for an address right now: the kernel has forgotten, or never knew."""
        here = next((item for item in self._interfaces if address in item.network), None)
        if here is None or here.mac is None:
            return set()
        answer = arp.sweep(here.interface, here.mac, here.address, [address], stopped=self.stopped)
        found = discover.answered(answer.body) if answer.status == "done" else {}
        return {mac for mac, owned in found.items() if address in owned and mac != here.mac}

    def _sweep(self, request: Request) -> Answer:
        network = IPv4Network(request.target)
        targets = sweep_targets(self._site, network)
        here = next((item for item in self._interfaces if item.network == network), None)
        if here is None or here.mac is None:
            return Answer("off_link", detail="this machine has no interface in that network")
        answer = arp.sweep(
            here.interface, here.mac, here.address, targets, lambda part: self._progress(request.target, part)
        )
        for device in discover.swept(self._site, answer.body, here.zone, here.network):
            for address in (device.network.addresses if device.network else None) or ():
                self._devices[address] = (*self._devices.get(address, ()), device)
        return answer

    def _nmap(self, request: Request, device: Device, allowed: ProbeSet, interface: str) -> Answer:
        what, ports = discover.asked_ports(request)
        if not set(ports) <= set(allowed.ports):
            return Answer("not_asked", detail="a port that this kind of device does not tolerate")
        answer = nmap.scan(
            request.target,
            ports,
            interface=interface,
            scripts=discover.SCRIPTS if what == "scripts" else (),
            max_rate=allowed.max_rate,
            timeout_s=SCRIPTS_TIMEOUT_S if what == "scripts" else PORTS_TIMEOUT_S,
            progress=lambda part: self._progress(device.name, part),
            stopped=self.stopped,
        )
        if answer.detail == nmap.NO_PORT_ANSWERED and self._answering(IPv4Address(request.target)):
            # It answers ARP right now: not gone, but behind a firewall that drops everything.
            return Answer("done", answer.body, "no port answered, ARP does: filtered by the device")
        return answer

    def _credential(self, request: Request) -> Credential:
        if request.credential is None or request.credential not in self._credentials:
            raise SecretError("the site names no credential")
        return self._credentials[request.credential]

    def _snmp(self, request: Request, interface: str) -> Answer:
        credential = self._credential(request)
        login = self._snmp_login(credential)
        return snmp.read(request.target, login, request.ask, interface=interface, stopped=self.stopped)

    def _snmp_login(self, credential: Credential) -> snmp.Community | snmp.User:
        if credential.kind == "snmp_v2c":
            return snmp.Community(self._secrets.secret(credential.community or ""))
        auth, privacy = credential.auth, credential.privacy
        return snmp.User(
            credential.user or "",
            auth.protocol if auth else None,
            self._secrets.secret(auth.key) if auth else None,
            privacy.protocol if privacy else None,
            self._secrets.secret(privacy.key) if privacy else None,
        )

    def _ssh(self, request: Request, device: Device, interface: str) -> Answer:
        session = self._session(request, device, interface)
        if request.ask == "host-key":
            return session.host_key()
        return session.execute(request.ask.removeprefix("exec "))

    def _session(self, request: Request, device: Device, interface: str) -> ssh.Session:
        """The session of this worker with the device; one with another device is closed first."""
        key = (request.target, request.credential)
        if getattr(self._sessions, "key", None) == key:
            current: ssh.Session = self._sessions.current
            return current
        if (old := getattr(self._sessions, "current", None)) is not None:
            self._close(old)
        credential = self._credential(request)
        login = ssh.Login(
            credential.user or "",
            self._secrets.secret(credential.password) if credential.password else None,
            self._secrets.secret(credential.key) if credential.key else None,
        )
        session = ssh.Session(
            request.target,
            login,
            self._pinned(device),
            lambda shown: self._accepted(device, shown),
            credential.port or 22,
            interface=interface,
        )
        self._sessions.key, self._sessions.current = key, session
        with self._lock:
            self._open.append(session)
            if self.stopped():  # since this question was asked: `stop` has not seen the session
                session.stop()
        return session

    def _pinned(self, device: Device) -> ssh.HostKey | None:
        """The key on record for the device under any of its declared MACs: another port of it is no first contact."""
        known = (device.id, *(device.declared.macs if device.declared else ()))
        return next((pin for mac in known if (pin := self._known_hosts.pinned(mac)) is not None), None)

    def _close(self, session: ssh.Session) -> None:
        session.close()
        with self._lock, suppress(ValueError):
            self._open.remove(session)

    def _accepted(self, device: Device, key: ssh.HostKey) -> bool:
        """Whether a key seen for the first time is accepted; if so it is on record from now on."""
        with self._asking:  # one question at a time
            accepted = not self.stopped() and self._trust(device, key)
        if accepted:
            self._known_hosts.pin(device.id, key)
        return accepted

    def _redacted(self, request: Request, body: bytes) -> bytes:
        if request.source in ("vantage", "arp"):
            return body
        patterns = request.source in ("ssh", "snmp")
        return self._secrets.redacted(body.decode("utf-8", "replace"), patterns=patterns).encode()

    def _line(self, detail: str) -> str:
        return clean(self._secrets.redacted(detail))


def no_trust(_device: Device, _key: Any) -> bool:  # noqa: ANN401
    """The answer of a run that nobody watches: an unknown host key is not accepted."""
    return False
