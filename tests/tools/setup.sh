#!/bin/sh
# .venv with Vigie in it, on an empty Debian or Ubuntu machine: every package by the hash in requirements.lock.
set -eu
python=${1:-python3}
cd "$(dirname "$0")/../.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

if ! "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    command -v apt-get >/dev/null || { echo "setup: Python 3.11 or newer with venv is needed" >&2; exit 2; }
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
    "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
        || { echo "setup: this system's Python is older than 3.11" >&2; exit 2; }
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
# The lock is the whole answer: a resolver that looks for newer releases beside it can only disagree with it.
.venv/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
.venv/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
.venv/bin/pip check --disable-pip-version-check >/dev/null
touch .venv/installed
