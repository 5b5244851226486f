"""Logging in with the site's credentials: SNMP, one SSH session and one API session a device. Part of the door."""

import importlib
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from inventory.device import Device
from inventory.site import Credential, Site
from scanner.evidence import Answer, Request
from scanner.known_hosts import KnownHosts
from scanner.platforms import Api, api_of
from scanner.secret_store import SecretError, SecretStore
from scanner.wire import api, api_logins, snmp, ssh

Trust = Callable[[Device, ssh.HostKey], bool]


class Logins:
    """The credentials of a site at work; `Live` decides before whether a question may be asked at all."""

    def __init__(
        self, site: Site, secrets: SecretStore, known_hosts: KnownHosts, trust: Trust, stopped: Callable[[], bool]
    ) -> None:
        self._credentials = {item.name: item for item in site.credentials}
        self._secrets, self._known_hosts, self._trust, self._stopped = secrets, known_hosts, trust, stopped
        self._sessions = threading.local()  # the one SSH session of each worker
        self._open: list[ssh.Session] = []
        self._apis: dict[str, api.Session] = {}  # by device: one login each, whatever becomes of it
        self._lock = threading.Lock()
        self._asking = threading.Lock()  # held while a person thinks: never waited for by `stop`

    def answer(self, request: Request, device: Device, interface: str) -> Answer:
        """What the device says over SNMP, SSH or its API; SecretError when there is nothing to log in with."""
        if request.source == "snmp":
            return self._snmp(request, interface)
        if request.source == "api":
            return self._api(request, device, interface)
        return self._ssh(request, device, interface)

    def stop(self) -> None:
        """End every session from outside its thread."""
        with self._lock:
            for session in self._open:
                session.stop()

    def close(self) -> None:
        """Close every session."""
        with self._lock:
            sessions, self._open = self._open, []
            apis, self._apis = self._apis, {}
        for session in sessions:
            session.close()
        for opened in apis.values():
            opened.close()

    def _credential(self, request: Request) -> Credential:
        if request.credential is None or request.credential not in self._credentials:
            raise SecretError("the site names no credential")
        return self._credentials[request.credential]

    def _snmp(self, request: Request, interface: str) -> Answer:
        credential = self._credential(request)
        login = self._snmp_login(credential)
        return snmp.read(request.target, login, request.ask, interface=interface, stopped=self._stopped)

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
        how, _, command = request.ask.partition(" ")
        return session.converse(command) if how == "shell" else session.execute(command)

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
            legacy=device.declared is not None and device.declared.name in credential.legacy,
        )
        self._sessions.key, self._sessions.current = key, session
        with self._lock:
            self._open.append(session)
            if self._stopped():  # since this question was asked: `stop` has not seen the session
                session.stop()
        return session

    def _api(self, request: Request, device: Device, interface: str) -> Answer:
        offer = api_of(request.ask)
        if offer is None:
            return Answer("not_asked", detail="no platform asks that: only the questions that it lists are sent")
        with self._lock:
            session = self._apis.get(device.id)
        if session is None:
            session = self._api_session(request, offer, device, interface)
            with self._lock:
                session = self._apis.setdefault(device.id, session)
        return session.answer(request.ask)

    def _api_session(self, request: Request, offer: Api, device: Device, interface: str) -> api.Session:
        credential = self._credential(request)
        dialect = importlib.import_module(f"{api_logins.__name__}.{offer.dialect}")
        return api.Session(
            api.Place(request.target, interface, credential.port, credential.plain),
            cast("api_logins.Dialect", dialect),
            api_logins.Login(credential.user, self._secrets.secret(credential.app_token or credential.password or "")),
            self._pinned(device, certificate=True),
            lambda shown: self._accepted(device, shown),
            self._secrets.remember,
            self._stopped,
        )

    def _pinned(self, device: Device, *, certificate: bool = False) -> ssh.HostKey | None:
        """The key on record for the device under any of its declared MACs: another port of it is no first contact."""
        known = (device.id, *(device.declared.macs if device.declared else ()))
        pins = (self._known_hosts.pinned(mac, certificate=certificate) for mac in known)
        return next((pin for pin in pins if pin is not None), None)

    def _close(self, session: ssh.Session) -> None:
        session.close()
        with self._lock, suppress(ValueError):
            self._open.remove(session)

    def _accepted(self, device: Device, key: ssh.HostKey) -> bool:
        """Whether a key seen for the first time is accepted; if so it is on record from now on."""
        with self._asking:  # one question at a time
            accepted = not self._stopped() and self._trust(device, key)
        if accepted:
            self._known_hosts.pin(device.id, key)
        return accepted
