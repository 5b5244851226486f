"""Which credential is used how: old SSH algorithms are for the one device that the site names; a real server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.device import Declared, Device
from inventory.site import Credential
from scanner.evidence import Answer, Request
from scanner.known_hosts import KnownHosts
from scanner.logins import Logins
from scanner.secret_store import SecretStore
from tests.unit.scanner import test_wire_ssh as real
from tests.unit.scanner.daemons import free_port, serving
from tests.unit.scanner.sites import SITE

NAMED, OTHER = "ancien-commutateur", "routeur"
keys = real.keys


@pytest.fixture
def logins(keys: Path, tmp_path: Path) -> Iterator[Logins]:
    """The logins of a site whose one credential is for two devices, and allows one of them the old algorithms."""
    secret = tmp_path / "secret"
    secret.write_text(real.PASSWORD)
    secret.chmod(0o600)
    port = free_port()
    credential = Credential(
        "commun", "ssh", (NAMED, OTHER), user="scan", password="file:secret", port=port, legacy=(NAMED,)
    )
    site = replace(SITE, credentials=(credential,))
    script = real.sshd(keys, "old", real.OLD).format(port=port)
    with serving(script, port):
        logins = Logins(site, SecretStore(tmp_path), KnownHosts(tmp_path), lambda *_: True, lambda: False)
        yield logins
        logins.close()


def asked(logins: Logins, name: str) -> Answer:
    device = Device(id=name, declared=Declared(name, "switch", "practice", "professional"))
    return logins.answer(Request("ssh", "127.0.0.1", "host-key", "commun"), device, "lo")


def test_old_algorithms_are_for_the_device_that_the_credential_names(logins: Logins) -> None:
    answer = asked(logins, NAMED)
    assert answer.status == "done"
    assert answer.body.decode().splitlines()[3] == "legacy yes"


def test_another_device_of_the_same_credential_is_spoken_to_as_any(logins: Logins) -> None:
    answer = asked(logins, OTHER)
    assert (answer.status, answer.body) == ("incompatible", b"")
