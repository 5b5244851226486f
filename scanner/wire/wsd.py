"""WS-Discovery: which computers, printers and cameras of this network answer a Probe? Nothing is announced."""

import uuid
from collections.abc import Callable
from ipaddress import IPv4Address

from scanner.evidence import Answer
from scanner.wire import multicast

# WS-Discovery (2005) §2.4; the 2005 namespaces are those that Windows, printers and ONVIF speak. A device answers at a
# random moment within half a second (APP_MAX_DELAY). A hop limit of 1: nobody beyond this network is meant.
GROUP = multicast.Group(
    "239.255.255.250", 3702, hops=1, listen_s=2.0, is_answer=lambda payload: b"ProbeMatches" in payload
)
_PROBE = """<?xml version="1.0" encoding="utf-8"?>\
<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"\
 xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"\
 xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery"><soap:Header>\
<wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To>\
<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</wsa:Action>\
<wsa:MessageID>urn:uuid:{identity}</wsa:MessageID></soap:Header><soap:Body><wsd:Probe>{types}</wsd:Probe></soap:Body>\
</soap:Envelope>"""
# Of any type, as cameras want it; and of the one that the Devices Profile gives all others: wsdd ignores the first.
_TYPES = ("", '<wsd:Types xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof">wsdp:Device</wsd:Types>')


def probe(
    interface: str,
    address: IPv4Address,
    welcome: multicast.Welcome,
    stopped: Callable[[], bool] = lambda: False,
) -> Answer:
    """A pcap of the probes sent and of the matches of `welcome` senders; see `multicast.ask`."""
    questions = [_PROBE.format(identity=uuid.uuid4(), types=types).encode() for types in _TYPES]
    return multicast.ask(interface, address, GROUP, questions, welcome, stopped=stopped)
