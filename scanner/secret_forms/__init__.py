"""What secrets look like in the configurations of each family of devices: one file a family; the folder is the list.

A file holds `without(text) -> text`: the same lines with `REDACTED` where a secret stood. Every part of a pattern is
bounded or possessive, and every match consumes what it looked at: linear in a hostile 8 MiB body. What everybody knows
(the communities public and private, a factory password that is a finding) may stay; no fact is lost by it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import cast

FORMS: tuple[Callable[[str], str], ...] = tuple(
    cast("Callable[[str], str]", importlib.import_module(f"{__name__}.{name}").without)
    # Remarks come last: a family's form takes the whole of a secret, a remark's only the word behind its name.
    for name in sorted((module.name for module in pkgutil.iter_modules(__path__)), key=lambda it: (it == "remarks", it))
)


def without_forms(text: str) -> str:
    """The text without the secrets of any family: whose text it is may not be known yet when it is kept."""
    for without in FORMS:
        text = without(text)
    return text
