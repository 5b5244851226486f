"""Write the published JSON Schemas from the dataclasses; with --check, say whether they are up to date."""

import json
import sys
from pathlib import Path

import inventory
from inventory.snapshot import snapshot_schema
from rules.finding import assessment_schema

FOLDER = Path(inventory.__file__).parent / "schema"


def documents() -> dict[Path, str]:
    """File → what it must hold."""
    schemas = {"snapshot": snapshot_schema(), "assessment": assessment_schema()}
    return {FOLDER / f"{name}.schema.json": json.dumps(value, indent=1) + "\n" for name, value in schemas.items()}


def main() -> None:
    """Write, or check and exit 1 when a file is stale."""
    stale = [path for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            sys.stderr.write(f"{path.name} is not what the dataclasses say: make schema\n")
        sys.exit(bool(stale))
    for path, text in documents().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
