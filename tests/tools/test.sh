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
.venv/bin/python tests/tools/platforms.py --check

if [ $# -gt 0 ]; then isolated "$@"; exit; fi

# Visits and wires spend their time waiting for devices, so all else runs meanwhile; each lane has namespaces of its own.
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM HUP
lane() {
    name=$1; shift
    status=0; isolated -p no:cacheprovider "$@" >"$logs/$name" 2>&1 || status=$?
    echo $status >"$logs/$name.status"
}
lane visits tests/test_visit.py tests/bench tests/lab &
lane wires tests/test_bad_input.py tests/unit/scanner/test_wire_*.py &
lane platforms tests/unit/scanner/test_platforms*.py &
parts=0
isolated --ignore=tests/test_visit.py --ignore=tests/bench --ignore=tests/lab --ignore=tests/test_bad_input.py \
    --ignore-glob='*/unit/scanner/test_wire_*' --ignore-glob='*/unit/scanner/test_platforms*' || parts=$?
wait
cat "$logs/visits" "$logs/wires" "$logs/platforms"
[ "$parts $(cat "$logs/visits.status" "$logs/wires.status" "$logs/platforms.status" | tr '\n' ' ')" = "0 0 0 0 " ]
