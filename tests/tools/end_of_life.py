"""Write rules/data/end_of_life.yaml from the product files of endoflife.date: `end_of_life.py [--check] FOLDER`.

FOLDER holds one JSON file a product, as the project's own data is after conversion from its front matter. The table is
dated by the newest release that it knows of: what ended later, it cannot know.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import rules

TARGET = Path(rules.__file__).parent / "data" / "end_of_life.yaml"

# `system.identity.os` as our readers name it → file, and the field that says when free security updates end. Debian's
# "eol" is the end of its own team's support; its long-term support ("eoes") still reaches everybody.
PRODUCTS: Mapping[str, tuple[str, str]] = {
    "debian": ("debian", "eoes"),
    "fortios": ("fortios", "eol"),
    "openwrt": ("openwrt", "eol"),
    "opnsense": ("opnsense", "eol"),
    "panos": ("pan-os", "eol"),
    "routeros": ("routeros", "eol"),
    "sns": ("sns-firmware", "eol"),
    "ubuntu": ("ubuntu", "eol"),
}

HEAD = """\
# Until when router and firewall systems get security updates. Written by tests/tools/end_of_life.py: do not edit.
# A cycle with `end` is maintained until that day; `ended` is over, the day is not recorded; {} had no announced end.
#
# The data is that of endoflife.date, under the MIT licence:
#
# Copyright 2020 endoflife.date contributors
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
# documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
# rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
# persons to whom the Software is furnished to do so, subject to the following conditions:
#
# The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
# Software.
#
# THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
# WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
# COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
# OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def table(folder: Path) -> str:
    """The whole YAML file."""
    products = {name: json.loads((folder / f"{file}.json").read_text("utf-8")) for name, (file, _) in PRODUCTS.items()}
    lines = ['source: "endoflife.date, product files (MIT)"', f'date: "{_newest(products.values())}"', "products:"]
    for name, product in products.items():
        file, field = PRODUCTS[name]
        lines += [f"  {name}:", f'    title: "{product["title"]}"', f'    source: "https://endoflife.date/{file}"']
        lines += ["    cycles:", *(f'      "{cycle}": {end}' for cycle, end in _cycles(product, field))]
    return HEAD + "\n".join(lines) + "\n"


def _cycles(product: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    """Each release cycle with its end in YAML, newest first as the source has them."""
    for release in product["releases"]:
        end = release.get(field, release["eol"])
        written = f'{{end: "{end}"}}' if isinstance(end, str) else "{ended: true}" if end else "{}"
        yield release["releaseCycle"], written


def _newest(products: Any) -> str:
    days = [
        release[name]
        for product in products
        for release in product["releases"]
        for name in ("releaseDate", "latestReleaseDate")
        if isinstance(release.get(name), str)
    ]
    return str(max(days))


def main() -> None:
    """Write the table, or check and exit 1 when it is not what the product files say."""
    text = table(Path(sys.argv[-1]))
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text("utf-8") == text else "end_of_life.yaml is not what the product files say")
    TARGET.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
