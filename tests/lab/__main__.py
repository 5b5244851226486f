"""`python -m tests.lab run [--site FOLDER] -- CMD ARGS…` or `python -m tests.lab serve`, from the checkout, as root.

run: builds the lab, runs CMD on the laptop, passes its exit status on (125: the lab could not be built).
serve: prints one JSON line when the lab is up and keeps it until standard input closes; `fixture.py` speaks it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from tests.lab.inside import COULD_NOT_RUN, Order, first_process

CHECKOUT = Path(__file__).resolve().parents[2]
_UNSHARE = ("unshare", "-n", "-m", "-p", "-f", "--kill-child=SIGKILL", "--mount-proc", "--propagation", "private")
_CALLER_CHECK_SECONDS = 0.5


def main() -> int:
    """Exit status of the command, or why the lab cannot be."""
    options = _arguments()
    if options.order == "inside":
        return first_process(Order(options.lifeline, options.outer_network, options.cwd, options.site, options.argv))
    problem = missing_prerequisite()
    if problem:
        print(f"tests.lab: {problem}", file=sys.stderr)
        return COULD_NOT_RUN
    return _outside(options)


def missing_prerequisite() -> str | None:
    """What this machine lacks for the lab, in one line; None when nothing."""
    if os.geteuid() != 0:
        return "needs root, to make network namespaces: run it as root or with sudo"
    lines = Path(__file__).with_name("packages.txt").read_text(encoding="ascii").splitlines()
    wanted = [line for line in lines if not line.startswith("#")]
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *wanted]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return "needs Debian or Ubuntu (no dpkg-query here): its daemons are Debian packages"
    missing = sorted(set(wanted) - {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")})
    return f"missing packages, install with: apt-get install {' '.join(missing)}" if missing else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__.partition("\n")[0])
    orders = parser.add_subparsers(dest="order", required=True)
    orders.add_parser("serve", help="for the pytest fixture")
    run = orders.add_parser("run", help="run a command on the laptop")
    inside = orders.add_parser("inside")  # what this program calls itself as, in the namespaces
    inside.add_argument("--lifeline", type=int, required=True)
    inside.add_argument("--outer-network", required=True)
    inside.add_argument("--cwd", required=True)
    for order in (run, inside):
        order.add_argument("--site", help="write the lab's site folder there first")
        order.add_argument("argv", nargs="+" if order is run else "*", metavar="CMD")
    return parser.parse_args()


def _outside(options: argparse.Namespace) -> int:
    """Start the namespaces and wait, ready to end them when asked to or when the caller is gone."""
    read_end, write_end = os.pipe()
    command = [*_UNSHARE, sys.executable, "-m", "tests.lab", "inside", f"--lifeline={read_end}", f"--cwd={Path.cwd()}",
               f"--outer-network={Path('/proc/self/ns/net').readlink()}"]  # fmt: skip
    if options.order == "run":
        command += [f"--site={options.site}"] if options.site else []
        command += ["--", *options.argv]
    caller = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    process = subprocess.Popen(command, cwd=CHECKOUT, pass_fds=(read_end,))
    os.close(read_end)
    try:
        while os.getppid() == caller:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=_CALLER_CHECK_SECONDS)
        return 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()
        os.close(write_end)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
