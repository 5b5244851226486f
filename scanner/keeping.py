"""What is kept of an answer: its secrets taken out, whatever the source, before anybody sees it. Opens no socket."""

import dataclasses
from datetime import datetime

from inventory.text import clean
from scanner.evidence import Answer, Evidence, Request
from scanner.gather import EVERYBODY
from scanner.secret_places import Places
from scanner.secret_store import SecretStore
from scanner.secret_web import masked, masked_capture, without_page_secrets


class Keeping:
    """The evidence of answers, and the real places behind those that are not kept as they are."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._places = Places()

    def kept(self, request: Request, answer: Answer, moment: datetime) -> Evidence:
        """The evidence of an answer, without secrets."""
        body, detail = self._redacted(request, answer.body), clean(masked(self._secrets.redacted(answer.detail)))
        evidence = Evidence(request, answer.status, moment, body, detail)
        if body != answer.body:
            self._remember(evidence, answer.body)
        return evidence

    def real(self, request: Request) -> Request:
        """The question as it is put to the device: its URL may hold what is not kept."""
        return dataclasses.replace(request, ask=self._places.real(request.ask))

    def _remember(self, kept: Evidence, body: bytes) -> None:
        """The places that an answer leads to and that are not kept as they are."""
        heard = dataclasses.replace(kept, body=body, request=self.real(kept.request))
        if kept.request.source == "ssdp":
            self._places.announced(heard, kept)
        elif kept.request.source == "upnp" and kept.request.ask.startswith("description "):
            self._places.described(heard, kept)

    def _redacted(self, request: Request, body: bytes) -> bytes:
        if request.source in ("vantage", "arp", "icmp", "icmp6", "count", "reach"):
            return body
        if request.source in (*EVERYBODY, "capture"):
            body = masked_capture(body, request.source)
        if request.source in (*EVERYBODY, "netbios", "capture"):
            return self._secrets.blanked(body)
        patterns = request.source in ("upnp", "ssh", "snmp", "api")
        text = self._secrets.redacted(body.decode("utf-8", "replace"), patterns=patterns)
        return (without_page_secrets(text) if request.source in ("http", "upnp") else text).encode()
