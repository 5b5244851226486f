"""A bounded read takes a regular file and nothing else, and never waits."""

import os
import socket
from pathlib import Path

import pytest

from inventory.disk import content
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
