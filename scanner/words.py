"""Our words in those of others who name devices: `fingerprints/words.yaml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml


@cache
def words(table: Literal["os", "class", "category", "platform", "field"]) -> Mapping[str, str]:
    """A table: "os" and "class" lead from our word to theirs, the others to ours.

    >>> words("os")["qts"], words("field")["ssh_banners"]
    ('qnap', 'ssh')
    """
    text = (Path(__file__).parent / "fingerprints" / "words.yaml").read_text("utf-8")
    tables: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return tables[table]
