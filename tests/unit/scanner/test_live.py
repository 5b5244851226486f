"""The door, once it is shut."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.errors import ScopeError
from scanner.evidence import Request
from scanner.known_hosts import KnownHosts
from scanner.live import Live, no_trust
from scanner.secret_store import SecretStore
from tests.unit.scanner.sites import SITE


@pytest.mark.parametrize("end", [Live.stop, Live.__exit__])
def test_nothing_is_asked_after_the_end(tmp_path: Path, end: Callable[[Live], None]) -> None:
    live = Live(SITE, SecretStore(tmp_path), KnownHosts(tmp_path), no_trust)
    request = Request("vantage", "local", "interfaces")
    assert live.send(request).status == "done"
    end(live)
    with pytest.raises(ScopeError, match="stopped"):
        live.send(request)
