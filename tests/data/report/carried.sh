#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Records in carried.txt what lvm2 2.03.16 reports of the VGs in tests/data/lvm2-2.03.16 with LVs of types that Ashlar
# only carries through: `tests/data/report/carried.sh` in the top folder, as root, with loop devices; no device-mapper.
# "# NAME" stands before the lines of NAME.vg, which have the fields of carried_fields.txt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../lvm2-2.03.16
work=$(mktemp -d)
export LVM_SYSTEM_DIR=$work/lvm LVM_SUPPRESS_FD_WARNINGS=1 LC_ALL=C TZ=UTC
mkdir "$LVM_SYSTEM_DIR"
cat >"$LVM_SYSTEM_DIR/lvm.conf" <<X
global { locking_dir = "$work/lock" }
devices { hints = "none" use_devicesfile = 0 }
backup { backup = 0 archive = 0 }
X
loops=()
clean() {
  for loop in "${loops[@]}"; do losetup -d "$loop"; done
  rm -r "$work"
}
trap clean EXIT
quiet() { /sbin/lvm "$1" --driverloaded n "${@:2}" >/dev/null 2>"$work/said" || { cat "$work/said" >&2; return 1; }; }

# restore NAME: its PVs as new loop devices, and the VG on them
restore() {
  local id size
  for loop in "${loops[@]}"; do losetup -d "$loop"; done
  loops=()
  while read -r id size; do
    rm -f "$work/disk${#loops[@]}"
    truncate -s "$((size * 512))" "$work/disk${#loops[@]}"
    loops+=("$(losetup --find --show "$work/disk${#loops[@]}")")
    quiet pvcreate -ff -y --devices "${loops[-1]}" --uuid "$id" --norestorefile "${loops[-1]}"
  done < <(awk '/physical_volumes/ { on = 1 } /logical_volumes/ { on = 0 }
    on && $1 == "id" { gsub("\"", "", $3); id = $3 } on && $1 == "dev_size" { print id, $3 }' "$data/$1.vg")
  devices=$(IFS=,; echo "${loops[*]}")
  quiet vgcfgrestore -y --force --devices "$devices" -f "$data/$1.vg" vg0
}

for name in cache integrity-settings mirror raid-0-1-10 raid-4-5-6 raid-integrity raid-reshape raid-reshape-keys snapshot \
  snapshot-merging thin thin-history thin-messages vdo writecache writecache-settings; do
  restore "$name"
  echo "# $name"
  /sbin/lvm lvs --driverloaded n --devices "$devices" -a --segments -o "$(cat "$here/carried_fields.txt")" \
    -O lv_name,seg_start --noheadings --separator '|' --units b 2>/dev/null | sed 's/^  //'
done >"$here/carried.txt"
