"""The visit that `make demo` shows: inside the lab, with the site folder that the lab writes for itself."""

import os
import sys
from pathlib import Path

from scanner.cli import main
from tests.lab.site import write_site


def demo(folder: Path) -> None:
    """One visit of the lab; exits as `vigie scan` does."""
    secrets = {name: value for name, value in os.environ.items() if name.startswith("VIGIE_LAB_")}
    write_site(folder, secrets)
    main(["scan", str(folder), "--accept-new-host-keys"])


if __name__ == "__main__":
    demo(Path(sys.argv[1]))
