#!/bin/sh
# Everything CI runs; with arguments, pytest with those alone. pytest runs in a network namespace of its own, with
# loopback and nothing else, so that no test can reach a real network; the namespace and every daemon in it die with it.
set -eu
cd "$(dirname "$0")/../.."

if [ "$(id -u)" = 0 ]; then root=""; else root="sudo --preserve-env=VIGIE_REQUIRE_OPA,XDG_CACHE_HOME,HOME"; fi
# The shell stays as process 1: it reaps what a killed daemon leaves, and everything dies with it.
isolated() {
    $root unshare --net --mount --pid --fork --kill-child=SIGKILL --mount-proc --propagation private \
        sh -c 'ip link set lo up; "$@"; exit $?' sh .venv/bin/pytest "$@"
}

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/python tests/tools/schema.py --check

if [ $# -gt 0 ]; then isolated "$@"; exit; fi

# Visits spend their time waiting for devices, so the parts run meanwhile; each side has namespaces of its own.
visits=$(mktemp)
trap 'kill $! 2>/dev/null || true; rm -f "$visits"' EXIT
trap 'exit 130' INT TERM HUP
isolated -p no:cacheprovider tests/test_visit.py tests/bench tests/lab >"$visits" 2>&1 &
parts=0
isolated --ignore=tests/test_visit.py --ignore=tests/bench --ignore=tests/lab || parts=$?
whole=0
wait $! || whole=$?
cat "$visits"
[ $parts -eq 0 ] && [ $whole -eq 0 ]
