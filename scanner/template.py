"""A new site folder: the commented files that a contractor fills in."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import inventory
from inventory.disk import write
from inventory.errors import ConfigError
from scanner.scope import local_day


def write_site(folder: Path) -> None:
    """The templates in a folder, made when it is not there; ConfigError when one of the files is."""
    templates = sorted((Path(inventory.__file__).parent / "template").glob("*.yaml"))
    for template in templates:
        if os.path.lexists(folder / template.name):  # a link that leads nowhere too
            raise ConfigError(str(folder / template.name), None, "", "a file that is already there", "a new folder")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(str(folder), None, "", error.strerror or "no place", "a new folder") from error
    today = local_day(datetime.now(UTC))
    for template in templates:
        text = template.read_text("utf-8").replace("{today}", str(today))
        write(folder / template.name, text.replace("{until}", str(today + timedelta(days=7))).encode())
