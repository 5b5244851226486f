"""A bounded read takes a regular file and nothing else, and never waits."""

import os
import resource
import signal
import socket
from pathlib import Path

import pytest

from inventory.disk import content, write
from inventory.errors import ConfigError
from inventory.yaml_file import MAX_BYTES, read_yaml

DEVICE = Path("/dev/zero")


pytestmark = pytest.mark.usefixtures("no_wait")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def test_a_regular_file_up_to_its_limit(place: Path) -> None:
    place.write_bytes(b"12345")
    assert content(place, 5) == b"12345"
    with pytest.raises(OSError, match="more than 4 bytes"):
        content(place, 4)
    place.write_bytes(b"")
    assert content(place, 0) == b""


def test_a_link_is_followed_only_on_request(place: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"x")
    place.symlink_to(tmp_path / "elsewhere")
    assert content(place, 1, follow=True) == b"x"
    with pytest.raises(OSError, match="a link, which is not followed"):
        content(place, 1)


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("plant", ["pipe", "folder", "device", "socket", "nothing", "loop"])
def test_nothing_else_is_read(place: Path, plant: str, follow: bool) -> None:
    if plant == "pipe":
        os.mkfifo(place)
    elif plant == "folder":
        place.mkdir()
    elif plant == "device":
        place = DEVICE
    elif plant == "socket":
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(place))
    elif plant == "loop":
        place.symlink_to(place)
    with pytest.raises(OSError) as caught:
        content(place, 10, follow=follow)
    assert caught.value.strerror
    assert caught.value.filename == str(place) or caught.value.filename == place


def test_a_giant_costs_no_more_than_the_limit(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match="more than 1000 bytes"):
        content(place, 1000)


@pytest.mark.parametrize("plant", ["pipe", "device"])
def test_a_site_file_that_is_none_is_named(place: Path, plant: str) -> None:
    if plant == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(DEVICE)
    with pytest.raises(ConfigError, match=r"^site\.yaml: found something that is no regular file, exp") as caught:
        read_yaml(place)
    assert "\n" not in str(caught.value)


def test_a_site_file_may_be_a_link(place: Path, tmp_path: Path) -> None:
    (tmp_path / "kept elsewhere").write_text("a: 1\n")
    place.symlink_to(tmp_path / "kept elsewhere")
    assert read_yaml(place).data == {"a": 1}
    (tmp_path / "kept elsewhere").write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(ConfigError, match=f"more than {MAX_BYTES} bytes"):
        read_yaml(place)


def test_a_planted_link_is_replaced_and_its_target_left_alone(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    for _ in ("leads nowhere", "leads to a file"):
        place.unlink(missing_ok=True)
        place.symlink_to(target)
        write(place, b"new")
        assert not place.is_symlink()
        assert place.read_bytes() == b"new"
        assert not target.exists() or target.read_bytes() == b"kept"
        target.write_bytes(b"kept")
    assert place.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("plant", ["pipe", "folder", "link to a device"])
def test_what_is_no_file_is_not_replaced(place: Path, tmp_path: Path, plant: str) -> None:
    if plant == "pipe":
        os.mkfifo(place)
    elif plant == "folder":
        place.mkdir()
    else:
        place.symlink_to(DEVICE)
    before = place.lstat()
    with pytest.raises(OSError, match="no regular file"):
        write(place, b"new")
    assert place.lstat().st_ino == before.st_ino
    assert list(tmp_path.iterdir()) == [place]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(place: Path, tmp_path: Path) -> None:
    place.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))  # a full disk
    try:
        with pytest.raises(OSError, match="too large"):
            write(place, b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]
