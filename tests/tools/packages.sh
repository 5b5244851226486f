#!/bin/sh
# The Debian packages of the lab. None of their daemons is started, now or at the next boot: the lab starts its own copies
# inside its namespaces.
set -eu
cd "$(dirname "$0")/../.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=""
for package in $(grep -v '^#' tests/lab/packages.txt); do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null || { echo "lab: these Debian packages are needed:$missing" >&2; exit 2; }
echo "lab: installing$missing" >&2

guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
    as_root chmod 755 "$guard"
    trap 'as_root rm -f "$guard"' EXIT
fi
as_root apt-get update -qq
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
    for package in $missing; do
        for unit in $(dpkg -L "$package" | sed -n 's#^\(/usr\)\?/lib/systemd/system/\([^/]*\.service\)$#\2#p'); do
            as_root systemctl disable --quiet "$unit" 2>/dev/null || true
        done
    done
fi
