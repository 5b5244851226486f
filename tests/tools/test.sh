#!/bin/sh
# Everything CI runs. pytest runs in a network namespace of its own, with loopback and nothing else, so that no test can
# reach a real network; the namespace and every daemon in it die with it.
set -eu
cd "$(dirname "$0")/../.."

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/python tests/tools/schema.py --check

if [ "$(id -u)" = 0 ]; then root=""; else root="sudo --preserve-env=VIGIE_REQUIRE_OPA,XDG_CACHE_HOME,HOME"; fi
# The shell stays as process 1: it reaps what a killed daemon leaves, and everything dies with it.
exec $root unshare --net --mount --pid --fork --kill-child=SIGKILL --mount-proc --propagation private \
    sh -c 'ip link set lo up; "$@"; exit $?' sh .venv/bin/pytest "$@"
