#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Records what lvm2 prints for the disks of setup.sh: `tests/data/report/make.sh` in the top folder, as root on a machine
# with Debian's lvm2 2.03.16. Everything happens in tools/vm; what is recorded changes together (ids and times are new
# each time), so record all of it or nothing.
#
#   VG.vg            the metadata as vgcfgbackup writes it
#   pvs.txt          what lvm2 knows of the PVs beyond that
#   kernel.txt       the device-mapper devices
#   unknown.txt      the output of the commands of cases.txt, state by state: "$ command", stdout,
#   active.txt       the end of stderr behind "! ", the exit status behind "= " if it is not 0
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [[ ${1-} != inside ]]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
  "$here/../../../tools/vm" --results "$out" -- "$here/make.sh" inside
  cp "$out"/*.vg "$out"/*.txt "$here"
  exit
fi

export work=/tmp/report LVM_SYSTEM_DIR=/tmp/report/lvm LVM_SUPPRESS_FD_WARNINGS=1 LC_ALL=C TZ=UTC
mkdir -p "$LVM_SYSTEM_DIR"
cat >"$LVM_SYSTEM_DIR/lvm.conf" <<'X'
global { event_activation = 0 }
devices { hints = "none" use_devicesfile = 0 }
backup { backup = 0 archive = 0 }
activation { monitoring = 0 thin_pool_autoextend_threshold = 90 }
X
"$here/setup.sh" >/tmp/setup.log 2>&1 || { cat /tmp/setup.log; exit 1; }
exec 7</dev/vg0/root
cd /results
vgcfgbackup -f %s.vg >/dev/null 2>&1
pvs -a --noheadings --units b --nosuffix --separator '|' 2>/dev/null -o \
  pv_uuid,pv_name,pv_major,pv_minor,dev_size,pe_start,pv_mda_count,pv_mda_used_count,pv_mda_size,pv_mda_free,pv_ba_start,pv_ba_size,pv_in_use |
  sed 's/^ *//' >pvs.txt
dmsetup info -c --noheadings --separator '|' -o uuid,name,major,minor,open,readonly,suspended,tables_loaded,read_ahead |
  sort >kernel.txt

record() {  # STATE
  local status line
  sed -n "/^\[$1\]/,/^\[/p" "$here/cases.txt" | grep -v '^[[#]' | while read -r line; do
    [[ $line ]] || continue
    echo "\$ $line"
    status=0
    eval "set -- $line"
    "$@" >/tmp/out 2>/tmp/err </dev/null || status=$?
    cat /tmp/out
    { grep -v -e 'WARNING:' -e 'Internal error' /tmp/err || true; } | tail -n 3 | sed 's/^/! /'
    ((status == 0)) || echo "= $status"
  done >"$1.txt"
}
record active
sed -i 's/event_activation = 0/& activation = 0/' "$LVM_SYSTEM_DIR/lvm.conf"
record unknown
