#!/bin/sh
# The lab, one visit, its summary. Everything happens in namespaces that vanish at the end; the run folder stays in
# demo/runs, those of earlier demos in demo/earlier: two of them can be given to `vigie diff`. They are no history: the
# lab's keys and passwords are new each time, so to a second visit every device would be the clone of its earlier self.
set -eu
cd "$(dirname "$0")/../.."

if [ "$(id -u)" = 0 ]; then root=""; else root="sudo"; fi
$root mkdir -p demo/earlier
if [ -d demo/runs ]; then $root find demo/runs -mindepth 1 -maxdepth 1 -name '2*' -exec mv -t demo/earlier {} +; fi
$root find demo -mindepth 1 -maxdepth 1 ! -name earlier -exec rm -rf {} +
echo "Building a practice LAN in network namespaces…" >&2
status=0
$root .venv/bin/python -m tests.lab run -- .venv/bin/python -m tests.tools.demo demo || status=$?
[ -z "$root" ] || $root chown -R "$(id -u):$(id -g)" demo
# The lab is full of faults: a visit that finds none, or that cannot run, is the failure here.
[ "$status" = 1 ] || { echo "demo: expected findings (exit status 1), got $status" >&2; exit 2; }
