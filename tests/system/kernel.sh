#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Ashlar, a real device-mapper and real udev. Runs inside tools/vm as root:
#   tools/vm tests/system/kernel.sh [CASE...]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

modprobe brd rd_nr=4 rd_size=65536
work=$(mktemp -d /run/ashlar-kernel.XXXXXX)
disks=(/dev/ram0 /dev/ram1 /dev/ram2 /dev/ram3)
export LVM_SYSTEM_DIR=$work/etc
mkdir -p "$LVM_SYSTEM_DIR"
settings() {
  cat >"$LVM_SYSTEM_DIR/lvm.conf" <<CONF
devices { hints = "none" filter = [ $1 ] }
activation { monitoring = 0 }
CONF
}
settings '"a|^/dev/ram[0-3]$|", "r|.*|"'

quiet() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$*"; }; }
# What the kernel and udev show of all LVs.
shown() {
  udevadm settle
  dmsetup table | sort
  dmsetup info -c --noheadings -o name,uuid,attr,open,segments | sort
  dmsetup ls --tree -o compact,ascii 2>/dev/null | sed 's/([0-9:]*)//g' | sort
  find /dev/mapper /dev/vg* \( -type l -o -type b \) -printf '%p -> %l\n' 2>/dev/null | sed 's/dm-[0-9]*/dm-N/' | sort
  local node
  for node in /sys/block/dm-*; do
    [ -e "$node" ] || continue
    echo "$(cat "$node/dm/name") read-ahead $(cat "$node/queue/read_ahead_kb") ro $(cat "$node/ro")"
    udevadm info -q property -p "$node" | grep -E '^DM_(NAME|UUID|VG_NAME|LV_NAME|LV_LAYER|UDEV_[A-Z0-9_]*FLAG[0-9]*)=' | sort
  done
}
after_case() {
  udevadm settle
  [ -z "$(dmsetup info -c --noheadings -o name,attr | grep ':..s.' || true)" ] || fail "something is left suspended"
  if dmsetup udevcookies | grep -q 0x; then fail "a udev cookie is left"; fi
  [ -z "$(ls /run/lock/lvm 2>/dev/null)" ] || fail "lock files are left: $(ls /run/lock/lvm)"
}
clean_up_case() {
  local disk
  udevadm control --start-exec-queue 2>/dev/null || true
  pgrep systemd-udevd >/dev/null || start_udevd
  for name in $(dmsetup ls | awk '$1 != "No" {print $1}'); do dmsetup resume "$name" 2>/dev/null || true; done
  umount -R /run/mnt 2>/dev/null || true
  losetup -D 2>/dev/null || true
  for i in 1 2 3; do dmsetup remove_all --force >/dev/null 2>&1 || true; done
  udevadm settle
  for disk in "${disks[@]}"; do dd if=/dev/zero of="$disk" bs=1M count=2 conv=fsync status=none; done
  settings '"a|^/dev/ram[0-3]$|", "r|.*|"'
  rm -rf "$LVM_SYSTEM_DIR/archive" "$LVM_SYSTEM_DIR/backup"
}
start_udevd() { /lib/systemd/systemd-udevd --daemon; udevadm control --ping; }
vg0() { quiet ashlar vgcreate vg0 "${disks[@]}"; }
# A VG "big" on one PV that is larger than memory disks are.
large_disk() {
  rm -f "$work/large"
  truncate -s 640M "$work/large"
  local loop
  loop=$(losetup -f --show "$work/large")
  settings '"a|^/dev/ram[0-3]$|", "a|^'"$loop"'$|", "r|.*|"'
  quiet ashlar vgcreate big "$loop"
}
# pattern DEVICE SEED: fills a device with bytes that no two places share.
pattern() { python3 -c '
import random, sys, os
random.seed(int(sys.argv[2])); size = os.lseek(os.open(sys.argv[1], os.O_RDONLY), 0, 2)
with open(sys.argv[1], "r+b", 0) as f:
    while size > 0: f.write(random.randbytes(min(size, 1 << 20))); size -= 1 << 20
    os.fsync(f.fileno())' "$1" "$2"; }
# What the LV must hold, read from the PVs by lvm2's own description of the mapping.
by_model() {
  quiet lvm2 vgcfgbackup -f "$work/model" "${1%/*}"
  local pvs=()
  while read -r name uuid; do pvs+=("$uuid=$name"); done < <(lvm2 pvs --noheadings -o pv_name,pv_uuid "${disks[@]}" 2>/dev/null)
  sync
  blockdev --flushbufs "${disks[@]}"
  python3 "$top/tests/system/mapping.py" "$work/model" "${1#*/}" "${pvs[@]}"
}

case_data_lies_where_the_metadata_says() {
  vg0
  quiet ashlar lvcreate -y -L 20M -n lin vg0
  quiet ashlar lvcreate -y -i 2 -I 16k -L 24M -n two vg0
  quiet ashlar lvcreate -y -i 3 -I 64k -L 24M -n three vg0
  local lv
  for lv in lin two three; do
    [ "$(readlink -f "/dev/vg0/$lv")" = "$(readlink -f "/dev/mapper/vg0-$lv")" ] || fail "/dev/vg0/$lv"
    pattern "/dev/vg0/$lv" 1
    cmp "/dev/vg0/$lv" <(by_model "vg0/$lv") || fail "$lv"
  done
  quiet ashlar lvextend -L +20M vg0/lin
  quiet ashlar lvextend -i1 -L +8M vg0/two
  for lv in lin two; do
    pattern "/dev/vg0/$lv" 2
    cmp "/dev/vg0/$lv" <(by_model "vg0/$lv") || fail "$lv extended"
  done
}

# The program as it is shipped is refused each request for memory of a transfer, those between suspend and resume among
# them, and some twenty of all its other requests.
case_a_lack_of_memory_leaves_nothing_suspended() {
  local shim=$work/failing_malloc.so all aligned n
  cc -shared -fPIC -O2 -o "$shim" "$top/tests/system/failing_malloc.c"
  vg0
  quiet ashlar lvcreate -y -L 8M -n one vg0
  LD_PRELOAD=$shim COUNT_MEMORY=$work/requests ashlar lvextend -l +1 vg0/one >/dev/null
  read -r all aligned <"$work/requests" || true
  [ "$aligned" -gt 5 ] || fail "only $aligned requests for a transfer's memory"
  quiet ashlar lvreduce -y -l 2 vg0/one
  for ((n = 1; n <= aligned; n++)); do extend_without_memory "FAIL_ALIGNED=$n"; done
  for ((n = 1; n <= all; n += all / 20)); do extend_without_memory "FAIL_MEMORY=$n"; done
}
# Takes it back where it was done.
extend_without_memory() {
  local status=0
  env "LD_PRELOAD=$shim" "$1" "$ashlar_bin" lvextend -l +1 vg0/one >"$work/said" 2>&1 || status=$?
  case $status in 0 | 5) ;; *) fail "$1: status $status: $(cat "$work/said")" ;; esac
  after_case
  quiet ashlar lvchange --refresh vg0/one
  case $(ashlar lvs --noheadings -o seg_size_pe vg0/one) in
    *2) ;;
    *3) quiet ashlar lvreduce -y -l 2 vg0/one ;;
    *) fail "$1: $(ashlar lvs --noheadings -o lv_size vg0/one)" ;;
  esac
}

case_the_new_lv_is_clear_and_known_to_udev() {
  pattern /dev/ram0 3
  vg0
  quiet ashlar lvcreate -y -L 8M -n new vg0
  cmp -n 4096 /dev/vg0/new /dev/zero || fail "first 4 KiB"
  mkfs.ext4 -q /dev/vg0/new
  udevadm settle
  udevadm info -q property /dev/vg0/new | grep -q '^ID_FS_TYPE=ext4' || fail "udev does not see the filesystem"
  # Its extents keep the signature; a new LV on them asks, and with nobody to answer fails naming the options.
  quiet ashlar lvremove -f vg0/new
  refused 5 'use -y' ashlar lvcreate -L 8M -n new vg0
  [ -z "$(ashlar lvs --noheadings vg0)" ] || fail "the LV was kept"
  [ ! -e /dev/mapper/vg0-new ] || fail "the device was kept"
  quiet ashlar lvcreate -y -L 8M -n new vg0
}

case_the_kernel_shows_what_lvm2_would_make() {
  vg0
  quiet ashlar lvcreate -an -Zn -L 20M -n lin vg0
  quiet ashlar lvcreate -an -Zn -i 3 -I 64k -L 24M -n st-r vg0
  quiet ashlar lvcreate -an -Zn -pr -l 2 -n ro vg0
  quiet ashlar lvcreate -an -Zn -r 256 -l 2 -n ahead vg0
  quiet ashlar lvcreate -an -Zn -r none -l 2 -n noahead vg0
  quiet ashlar lvcreate -an -Zn -My --minor 77 -l 2 -n fixed vg0
  quiet ashlar lvextend -i1 -l +3 vg0/lin /dev/ram3
  local mine theirs
  quiet lvm2 vgchange -ay vg0
  theirs=$(shown)
  quiet ashlar vgchange -an vg0
  [ -z "$(dmsetup ls | grep vg0 || true)" ] || fail "ashlar did not take down what lvm2 put up"
  [ ! -e /dev/vg0 ] || fail "/dev/vg0 is left"
  quiet ashlar vgchange -ay vg0
  mine=$(shown)
  same "$theirs" "$mine" "lvm2 (<) and ashlar (>) show different devices"
  same "$(ashlar tables vg0 | sort)" "$(dmsetup table | grep ^vg0 | sort)" "ashlar tables"
  quiet lvm2 vgchange -an vg0
  [ -z "$(dmsetup ls | grep vg0 || true)" ] || fail "lvm2 did not take down what ashlar put up"
}

# The last disk is gone: what each puts in its place. Minor numbers may differ, and LVM2 leaves the nodes of the
# devices of errors to libdevmapper where Ashlar leaves them to udev.
case_partial_lvs_are_as_lvm2_makes_them() {
  vg0
  quiet ashlar lvcreate -an -Zn -L 20M -n lin vg0 /dev/ram0
  quiet ashlar lvextend -L +20M vg0/lin /dev/ram3
  quiet ashlar lvcreate -an -Zn -i 4 -L 32M -n st-r vg0
  quiet ashlar lvcreate -an -Zn -pr -l 2 -n gone vg0 /dev/ram3
  quiet ashlar lvcreate -an -Zn -l 2 -n whole vg0 /dev/ram1
  settings '"a|^/dev/ram[0-2]$|", "r|.*|"'
  refused 5 'activationmode partial' ashlar vgchange -ay vg0
  [ "$(dmsetup ls | cut -f1)" = vg0-whole ] || fail "only the whole LV was to be activated: $(dmsetup ls)"
  quiet ashlar vgchange -an vg0
  local mine theirs
  quiet lvm2 vgchange -ay -P vg0
  theirs=$(shown | sed "s/254:[0-9]*/254:N/; /LIBRARY_FALLBACK/d" | sort)
  quiet ashlar vgchange -an vg0
  [ -z "$(dmsetup ls | grep vg0 || true)" ] || fail "ashlar did not take down what lvm2 put up"
  quiet ashlar vgchange -ay -P vg0
  mine=$(shown | sed "s/254:[0-9]*/254:N/; /LIBRARY_FALLBACK/d" | sort)
  same "$theirs" "$mine" "lvm2 (<) and ashlar (>) show different devices"
  cmp -n 20971520 /dev/vg0/lin /dev/ram0 -i 0:1048576 || fail "what is there cannot be read"
  dd if=/dev/vg0/lin of=/dev/null bs=1M skip=20 count=1 2>/dev/null && fail "what is missing can be read"
  settings '"a|^/dev/ram[0-3]$|", "r|.*|"'
  quiet ashlar vgchange --refresh vg0
  [ -z "$(dmsetup ls | grep missing || true)" ] || fail "devices of errors are left: $(dmsetup ls)"
  dd if=/dev/vg0/lin of=/dev/null bs=1M skip=20 count=1 2>/dev/null || fail "the PV is back and cannot be read"
  quiet lvm2 vgchange -an vg0
}

# What each reports of LVs in every state they can be in.
case_reports_say_what_lvm2s_say() {
  vg0
  local fields=lv_name,lv_attr,lv_active,lv_kernel_major,lv_kernel_minor,lv_kernel_read_ahead,lv_permissions,lv_suspended,lv_live_table,lv_inactive_table,lv_device_open
  quiet ashlar lvcreate -y -L 16M -n mounted vg0
  quiet lvm2 lvcreate -y -L 16M -n idle vg0
  quiet ashlar lvcreate -an -Zn -l 2 -n down vg0
  quiet ashlar lvcreate -y -L 8M -n still vg0
  quiet ashlar lvcreate -y -L 8M -r 512 -n ro vg0
  quiet ashlar lvchange -pr vg0/ro
  mkfs.ext4 -q /dev/vg0/mounted
  mkdir -p /run/mnt
  mount /dev/vg0/mounted /run/mnt
  dmsetup suspend --noflush vg0-still
  local settings='devices { ignore_suspended_devices = 0 }'
  same "$(lvm2 lvs --config "$settings" -o $fields vg0)" "$(ashlar lvs --config "$settings" -o $fields vg0)" "lvs of lvm2 (<) and ashlar (>)"
  same "$(lvm2 lvs --config "$settings" vg0)" "$(ashlar lvs --config "$settings" vg0)" "lvs of lvm2 (<) and ashlar (>)"
  dmsetup resume vg0-still
  umount /run/mnt
  quiet ashlar vgchange -an vg0
}

# What lvm2 makes and has active, and Ashlar carries through: no part of it is taken down, nothing is written over it.
case_what_lvm2_has_active_of_other_types_stays() {
  modprobe dm-snapshot; modprobe dm-thin-pool; modprobe dm-mirror
  vg0
  quiet ashlar lvcreate -y -L 8M -n o vg0
  quiet ashlar lvcreate -y -L 40M -n plain vg0
  quiet ashlar vgcfgbackup -f "$work/before" vg0
  quiet lvm2 lvcreate -y -s -L 8M -n sn vg0/o
  local before
  before=$(dmsetup table | sort)
  for lv in o sn; do
    refused 5 "lvm lvchange -an vg0/$lv" ashlar lvchange -an "vg0/$lv"
    refused 5 "lvm lvchange -an vg0/$lv" ashlar lvchange -an --plan "vg0/$lv"
    refused 5 "lvm lvchange --refresh vg0/$lv" ashlar lvchange --refresh "vg0/$lv"
  done
  refused 5 'Cannot deactivate vg0/sn' ashlar lvchange -an vg0/o vg0/sn
  refused 5 'vg0/o is active' ashlar vgrename vg0 vg2
  refused 5 'active volumes' ashlar vgcfgrestore -f "$work/before" vg0
  refused 5 'part of logical volume vg0/snapshot0' ashlar undo -y vg0
  same "$before" "$(dmsetup table | sort)" "tables before (<) and after (>)"
  refused 5 'Cannot deactivate vg0/o' ashlar vgchange -an vg0
  same "$(grep -v ^vg0-plain <<<"$before")" "$(dmsetup table | sort)" "but for the plain one nothing was to go"
  [ -z "$(lvm2 lvs --noheadings -o lv_snapshot_invalid vg0/sn | tr -d ' ')" ] || fail "the snapshot is lost"
  quiet lvm2 lvremove -y vg0/sn
  quiet lvm2 vgchange -an vg0

  quiet lvm2 lvcreate -y -Zn -L 8M -T vg0/tp
  local fields=lv_name,lv_attr,lv_active,lv_kernel_major,lv_kernel_minor,lv_device_open
  same "$(lvm2 lvs -a -o $fields vg0)" "$(ashlar lvs -a -o $fields vg0)" "lvs of lvm2 (<) and ashlar (>)"
  refused 5 'active volumes: vg0-tp vg0-tp_tdata vg0-tp_tmeta' ashlar vgcfgrestore -f "$work/before" vg0
  quiet lvm2 lvcreate -y -V 8M -T vg0/tp -n th
  same "$(lvm2 lvs -a -o $fields vg0)" "$(ashlar lvs -a -o $fields vg0)" "lvs of lvm2 (<) and ashlar (>)"
  quiet lvm2 lvremove -y vg0/tp

  # A pvmove that is killed, and the LV that it moved taken from above it.
  quiet ashlar lvchange -ay vg0/plain
  local throttle=/sys/module/dm_mirror/parameters/raid1_resync_throttle
  echo 1 >$throttle
  LVM_SUPPRESS_FD_WARNINGS=1 /sbin/lvm pvmove -i 60 -n plain "$(lvm2 lvs --noheadings -o devices vg0/plain | sed 's/(.*//' | tr -d ' ')" >"$work/moving" 2>&1 &
  local moving=$! i
  for i in $(seq 100); do dmsetup table 2>/dev/null | grep -q '^vg0-pvmove0:.*mirror' && break; sleep 0.1; done
  sleep 1
  kill -9 $moving || fail "the pvmove came to its end"
  wait $moving 2>/dev/null || true
  echo 100 >$throttle
  refused 5 'Cannot deactivate vg0/plain: it lies on vg0/pvmove0' ashlar lvchange -an vg0/plain
  dmsetup remove vg0-plain
  refused 5 'vg0/pvmove0; .lvm vgchange -ay vg0. and then' ashlar vgchange -an vg0
  refused 5 'vg0/pvmove0; .lvm vgchange -ay vg0. and then' ashlar vgchange -an --plan vg0
  dmsetup info vg0-pvmove0 >/dev/null || fail "it was taken down"
  quiet lvm2 vgchange -ay vg0
  quiet lvm2 vgchange -an vg0
  [ -z "$(dmsetup ls | grep vg0 || true)" ] || fail "lvm2 does not take it down: $(dmsetup ls)"
  quiet lvm2 pvmove --abort
}

case_each_changes_lvs_that_the_other_activated() {
  vg0
  quiet ashlar lvcreate -L 8M -n a vg0
  quiet lvm2 lvcreate -y -L 8M -n b vg0
  quiet lvm2 lvextend -L +8M vg0/a
  quiet ashlar lvextend -L +8M vg0/b
  same "$(ashlar tables vg0 | sort)" "$(dmsetup table | grep ^vg0 | sort)"
  quiet lvm2 lvrename vg0 a a2
  quiet ashlar lvrename vg0 b b2
  [ -b /dev/vg0/a2 ] && [ -b /dev/vg0/b2 ] && [ ! -e /dev/vg0/b ] || fail "links after renaming: $(ls /dev/vg0)"
  quiet ashlar lvchange -an vg0/a2
  quiet lvm2 lvchange -an vg0/b2
  quiet lvm2 lvchange -ay vg0/a2
  quiet ashlar lvchange -ay vg0/b2
  quiet ashlar lvchange -pr vg0/a2
  [ "$(blockdev --getro /dev/vg0/a2)" = 1 ] || fail "read-only"
  quiet lvm2 lvremove -f vg0/b2
  quiet ashlar lvremove -f vg0/a2
  [ ! -e /dev/vg0 ] || fail "/dev/vg0 is left"
}

# A process writes and verifies all the time; growing and shrinking the LV under it loses nothing.
case_resizing_while_a_process_writes() {
  vg0
  quiet ashlar lvcreate -L 8M -n busy vg0
  python3 -c '
import mmap, os, random, sys
fd = os.open("/dev/vg0/busy", os.O_RDWR | os.O_DIRECT)
page = mmap.mmap(-1, 4096)
model, random_ = {}, random.Random(7)
while not os.path.exists(sys.argv[1]):
    at = random_.randrange(2048) * 4096
    page[:] = random_.randbytes(4096)
    os.pwritev(fd, [page], at)
    model[at] = bytes(page)
    at = random_.choice(list(model))
    os.preadv(fd, [page], at)
    if bytes(page) != model[at]: sys.exit("wrong bytes at %d" % at)
for at, want in model.items():
    os.preadv(fd, [page], at)
    if bytes(page) != want: sys.exit("wrong bytes at %d in the end" % at)
print(len(model))' "$work/stop" >"$work/writer" 2>&1 &
  local writer=$! i
  for i in 1 2 3 4 5 6; do
    quiet ashlar lvextend -l +3 vg0/busy
    quiet ashlar lvreduce -f -l -2 vg0/busy
    quiet ashlar lvchange --refresh vg0/busy
  done
  quiet ashlar lvreduce -f -L 8M vg0/busy
  touch "$work/stop"
  wait "$writer" || { cat "$work/writer" >&2; fail "the writer"; }
  rm "$work/stop"
  [ "$(blockdev --getsize64 /dev/vg0/busy)" = $((8 << 20)) ] || fail "size"
}

case_a_busy_lv_is_not_taken_down() {
  vg0
  quiet ashlar lvcreate -L 16M -n used vg0
  mkfs.ext4 -q /dev/vg0/used
  mkdir -p /run/mnt
  mount /dev/vg0/used /run/mnt
  refused 5 'in use' ashlar lvchange -an vg0/used --config activation/retry_deactivation=0
  refused 5 '/run/mnt' ashlar lvremove -f vg0/used --config activation/retry_deactivation=0
  refused 5 '.' ashlar vgremove -f vg0 --config activation/retry_deactivation=0
  echo still >/run/mnt/file
  umount /run/mnt
  exec 8<>/dev/vg0/used
  refused 5 'in use' ashlar vgchange -an vg0 --config activation/retry_deactivation=0
  exec 8>&-
  quiet ashlar vgchange -an vg0
}

# As after a reboot: nothing in the kernel, no links, a new udev database.
case_fresh_activation() {
  vg0
  quiet ashlar lvcreate -y -L 8M -n a vg0
  quiet ashlar lvcreate -y -i2 -L 8M -n b vg0
  quiet ashlar lvcreate -ky -an -Zn -L 8M -n skipped vg0
  quiet ashlar lvcreate --setautoactivation n -L 8M -n manual vg0
  pattern /dev/vg0/b 5
  sum=$(sha256sum </dev/vg0/b)
  dmsetup remove_all
  pkill systemd-udevd
  rm -rf /run/udev/data
  start_udevd
  quiet ashlar vgchange -aay vg0
  same "vg0-a vg0-b" "$(dmsetup ls | awk '/^vg0/ {print $1}' | sort | xargs)"
  same "$sum" "$(sha256sum </dev/vg0/b)"
  quiet ashlar vgchange -ay vg0
  same "vg0-a vg0-b vg0-manual" "$(dmsetup ls | awk '/^vg0/ {print $1}' | sort | xargs)"
  quiet ashlar vgchange -ay -K vg0
  same "4 logical volume(s) in volume group \"vg0\" now active" "$(ashlar vgchange -ay vg0 | xargs -0 echo | sed 's/^ *//' | head -1)"
}

case_without_udevd_nodes_and_links_are_made() {
  vg0
  pkill systemd-udevd
  while pgrep systemd-udevd >/dev/null; do sleep 0.1; done
  rm -f /run/udev/control /dev/mapper/control
  quiet ashlar lvcreate -L 8M -n a-b vg0
  [ -b /dev/mapper/vg0-a--b ] || fail "no node"
  [ "$(readlink -f /dev/vg0/a-b)" = "$(readlink -f /dev/mapper/vg0-a--b)" ] || fail "no link"
  quiet ashlar lvrename vg0 a-b c
  [ -b /dev/vg0/c ] && [ ! -e /dev/vg0/a-b ] || fail "links after renaming"
  quiet ashlar lvremove -f vg0/c
  [ ! -e /dev/vg0 ] && [ ! -e /dev/mapper/vg0-c ] || fail "nodes are left"
  start_udevd
}

# udevd is there and does not answer: the wait ends, the links are made, and what was waited for is said.
case_a_udevd_that_hangs_delays_no_longer_than_the_deadline() {
  vg0
  pkill -STOP systemd-udevd
  local status=0
  timeout 60 "$ashlar_bin" lvcreate -Zn -Wn -L 8M -n late vg0 >"$work/said" 2>&1 || status=$?
  [ -b /dev/vg0/late ] || status=99
  pkill -CONT systemd-udevd
  udevadm settle
  [ "$status" -eq 0 ] || { cat "$work/said" >&2; fail "status $status"; }
  grep -qi udev "$work/said" || fail "does not say what it waited for: $(cat "$work/said")"
}

case_volume_lists_decide_what_is_activated() {
  vg0
  quiet ashlar lvcreate -an -Zn -L 8M -n a vg0
  quiet ashlar lvcreate -an -Zn -L 8M -n b --addtag here vg0
  quiet ashlar vgchange -ay vg0 --config 'activation/volume_list=["@here"]'
  same "vg0-b" "$(dmsetup ls | awk '/^vg0/ {print $1}' | xargs)"
  quiet ashlar lvchange -ay vg0/a --config 'activation/read_only_volume_list=["vg0/a"]'
  [ "$(blockdev --getro /dev/vg0/a)" = 1 ] || fail "read_only_volume_list"
}

# All that a command could leave behind.
traces() {
  shown
  sha256sum "${disks[@]}"
  find "$LVM_SYSTEM_DIR" /run/lock -printf '%p %T@\n' | sort
}

case_a_plan_writes_nothing_and_is_applied_as_shown() {
  vg0
  quiet ashlar lvcreate -y -L 8M -n one vg0
  local before plan=$work/plan.json
  before=$(traces)
  for line in "lvcreate -y -L 8M -n two vg0" "lvextend -L +8M vg0/one" "lvremove -f vg0/one" "vgchange -an vg0" "vgremove -f vg0" "vgchange --refresh vg0"; do
    quiet ashlar $line --plan
    quiet ashlar $line --plan=json
  done
  same "$before" "$(traces)" "the plans left something"
  ashlar lvextend -L +8M vg0/one --plan=json >"$plan"
  quiet ashlar apply "$plan"
  python3 -c '
import json, subprocess, sys
for table in json.load(open(sys.argv[1]))["vgs"][0]["tables"]:
    real = subprocess.run(["dmsetup", "table", table["device"]], capture_output=True, text=True).stdout.splitlines()
    sys.exit(0 if real == table["after"] else f"{real} is not {table}")' "$plan" || fail "the table is another one than planned"
  refused 5 'has changed since the plan was made' ashlar apply "$plan"
  # A plan made while the device was active is refused when it no longer is.
  ashlar lvextend -L +4M vg0/one --plan=json >"$plan"
  quiet ashlar lvchange -an vg0/one
  refused 5 'has changed since the plan was made' ashlar apply "$plan"
}

case_a_batch_is_one_change_of_metadata_and_kernel() {
  vg0
  quiet ashlar lvcreate -y -L 16M -n one vg0 /dev/ram0
  quiet ashlar lvcreate -y -L 40M -n two vg0 /dev/ram0
  pattern /dev/vg0/one 11
  local seqno
  seqno=$(ashlar vgs --noheadings -o vg_seqno vg0)
  # "three" gets the extents of "two", which is active.
  quiet ashlar batch - <<'LINES'
lvextend -L 24M vg0/one
lvremove -f vg0/two
lvcreate -y -l 8 -n three vg0 /dev/ram0
lvrename vg0 one uno
lvcreate -y -i 3 -L 12M -n four vg0
lvchange -an vg0/four
LINES
  [ "$(ashlar vgs --noheadings -o vg_seqno vg0)" -eq $((seqno + 1)) ] || fail "more than one commit"
  same "$(dmsetup ls | cut -f1 | sort)" "$(printf 'vg0-three\nvg0-uno')" "devices"
  [ -e /dev/vg0/uno ] && [ ! -e /dev/vg0/one ] && [ ! -e /dev/vg0/two ] || fail "links"
  cmp -n 4096 /dev/vg0/three /dev/zero || fail "three is not clear"
  pattern /dev/vg0/three 12
  cmp /dev/vg0/three <(by_model vg0/three) || fail "three lies elsewhere"
  quiet lvm2 vgck vg0
}

case_a_batch_changes_nothing_when_a_new_lv_may_not_be_cleared() {
  vg0
  quiet ashlar lvcreate -y -L 8M -n new vg0
  mkfs.ext4 -q /dev/vg0/new
  quiet ashlar lvremove -f vg0/new
  quiet ashlar lvcreate -y -L 8M -n keep vg0 /dev/ram3
  local before
  before=$(shown; ashlar lvs -o lv_uuid,lv_size,devices --noheadings vg0)
  refused 5 'use -y' ashlar batch - <<<$'lvextend -L +4M vg0/keep\nlvcreate -L 8M -n new vg0 /dev/ram0'
  same "$before" "$(shown; ashlar lvs -o lv_uuid,lv_size,devices --noheadings vg0)" "not as before"
  quiet ashlar batch -y - <<<$'lvextend -L +4M vg0/keep\nlvcreate -L 8M -n new vg0 /dev/ram0'
}

case_ensure_brings_disks_to_a_mounted_filesystem_and_then_changes_nothing() {
  cat >"$work/spec.json" <<'SPEC'
{"volume_groups": [{"name": "vg0", "devices": ["/dev/ram0", "/dev/ram1"], "volumes": [
  {"name": "data", "size": "20m", "filesystem": {"type": "ext4", "options": ["-L", "data"]}},
  {"name": "fast", "size": "16m", "stripes": 2}, {"name": "cold", "size": "8m", "active": false}]}]}
SPEC
  quiet ashlar ensure -y "$work/spec.json"
  mkdir -p /run/mnt
  mount LABEL=data /run/mnt
  echo kept >/run/mnt/file
  sync
  local seqno before
  seqno=$(ashlar vgs --noheadings -o vg_seqno vg0)
  before=$(shown)
  [ -z "$(ashlar ensure -y "$work/spec.json" | grep -v ': unchanged$')" ] || fail "it changed something"
  same "$before" "$(shown)" "the second run left something"
  sed -i 's/"20m"/"28m"/' "$work/spec.json"
  quiet ashlar ensure -y "$work/spec.json"
  [ "$(ashlar vgs --noheadings -o vg_seqno vg0)" -eq $((seqno + 1)) ] || fail "seqno"
  [ "$(blockdev --getsize64 /dev/vg0/data)" -eq $((28 << 20)) ] || fail "size"
  grep -q kept /run/mnt/file || fail "the file"
  sed -i 's/"28m"/"20m", "may_shrink": true/' "$work/spec.json"
  refused 5 'in use (mounted on /run/mnt)' ashlar ensure -y "$work/spec.json"
  umount /run/mnt
  refused 5 'carries ext4.* lvreduce -r -l 5 vg0/data' ashlar ensure -y "$work/spec.json"
  quiet ashlar lvreduce -r -l 5 vg0/data
  [ -z "$(ashlar ensure -y "$work/spec.json" | grep -v ': unchanged$')" ] || fail "it changed something after lvreduce -r"
  mount LABEL=data /run/mnt
  grep -q kept /run/mnt/file || fail "the file in the smaller filesystem"
  umount /run/mnt
}

# libdevmapper takes a semaphore of its own when it takes back what it began.
case_a_failing_ioctl_leaves_no_semaphore() {
  vg0
  quiet strace -f -o "$work/trace" -e trace=ioctl "$ashlar_bin" lvcreate -y -l 2 -n seen vg0
  local call nth
  for call in DM_DEV_CREATE DM_TABLE_STATUS DM_TABLE_LOAD; do
    nth=$(grep 'ioctl(' "$work/trace" | grep -n "$call" | head -1 | cut -d: -f1)
    [ -n "$nth" ] || fail "no $call in the trace"
    refused 5 "vg0/new was not kept" strace -f -o "$work/failing" -e trace=ioctl -e "inject=ioctl:error=EIO:when=$nth" \
      "$ashlar_bin" lvcreate -y -l 2 -n new vg0
    udevadm settle
    if dmsetup udevcookies | grep -q 0x; then fail "a udev cookie is left where $call fails"; fi
    same seen "$(ashlar lvs --noheadings -o lv_name vg0 | tr -d ' ')"
  done
}

case_a_filesystem_changes_its_size_with_its_lv() {
  vg0
  quiet ashlar lvcreate -y -L 40M -n fs vg0
  quiet mkfs.ext4 -q /dev/vg0/fs
  mkdir -p /run/mnt
  quiet ashlar lvextend -r -L +8M vg0/fs
  mount /dev/vg0/fs /run/mnt
  dd if=/dev/urandom of=/run/mnt/data bs=1M count=20 status=none
  local sum blocks
  sum=$(sha256sum </run/mnt/data)
  blocks=$(stat -f -c %b /run/mnt)
  quiet ashlar lvextend -r -L +16M vg0/fs
  [ "$(stat -f -c %b /run/mnt)" -gt "$blocks" ] || fail "the mounted filesystem did not grow"
  # Made smaller only while it is not mounted: it is unmounted once somebody agrees, and mounted again as it was.
  refused 5 "nothing was changed.*is mounted on /run/mnt.*confirm with -y" ashlar lvreduce -r -L 60M vg0/fs
  mount -o remount,noatime /run/mnt
  (cd /run/mnt && refused 5 "is in use on /run/mnt" ashlar lvreduce -r -y -L 60M vg0/fs) || exit 1
  refused 5 "are too few" ashlar lvreduce -r -y -L 12M vg0/fs
  mountpoint -q /run/mnt || fail "it was not mounted again"
  ashlar lvreduce -r -y -L 60M vg0/fs --plan >"$work/said"
  grep -q "unmounted from /run/mnt for that" "$work/said" || fail "the plan does not say it"
  same 64.00m "$(ashlar lvs --noheadings -o lv_size vg0/fs | tr -d ' ')"
  quiet ashlar lvreduce -r -y -L 60M vg0/fs
  same 60.00m "$(ashlar lvs --noheadings -o lv_size vg0/fs | tr -d ' ')"
  grep -q ' /run/mnt ext4 rw,noatime' /proc/mounts || fail "it is mounted otherwise: $(grep /run/mnt /proc/mounts)"
  same "$sum" "$(sha256sum </run/mnt/data)" data
  mkdir -p /run/other && mount --bind /run/mnt /run/other
  refused 5 "is mounted on /run/mnt and /run/other" ashlar lvreduce -r -y -L 56M vg0/fs
  umount /run/other /run/mnt
  quiet ashlar lvextend -r -L 64M vg0/fs
  # It holds 20 MiB: less is refused and nothing is changed.
  refused 5 "are too few" ashlar lvreduce -r -y -L 12M vg0/fs
  same 64.00m "$(ashlar lvs --noheadings -o lv_size vg0/fs | tr -d ' ')"
  # By a plan, and not by one that is too small.
  ashlar lvreduce -r -L 12M vg0/fs --plan=json >"$work/small.json"
  refused 5 "nothing else was changed.*are too few" ashlar apply "$work/small.json"
  same 64.00m "$(ashlar lvs --noheadings -o lv_size vg0/fs | tr -d ' ')"
  ashlar lvreduce -r -L 60M vg0/fs --plan=json >"$work/small.json"
  quiet ashlar apply "$work/small.json"
  same 60.00m "$(ashlar lvs --noheadings -o lv_size vg0/fs | tr -d ' ')"
  quiet e2fsck -f -n /dev/vg0/fs
  quiet ashlar lvreduce -r -L 56M vg0/fs
  same 56.00m "$(ashlar lvs --noheadings -o lv_size vg0/fs | tr -d ' ')"
  quiet e2fsck -f -n /dev/vg0/fs
  mount /dev/vg0/fs /run/mnt
  same "$sum" "$(sha256sum </run/mnt/data)" data
  umount /run/mnt
  quiet ashlar lvcreate -y -L 8M -n raw vg0
  refused 5 "no filesystem that is known" ashlar lvextend -r -L +4M vg0/raw
  quiet ashlar vgchange -an vg0
  refused 5 "must be activated before resizing" ashlar lvextend -r -L +4M vg0/fs
}

case_a_btrfs_changes_its_size_with_its_lv() {
  large_disk
  quiet ashlar lvcreate -y -L 400M -n fs big
  quiet mkfs.btrfs -q -m single -d single /dev/big/fs
  mkdir -p /run/mnt
  local sum
  total() { btrfs inspect-internal dump-super /dev/big/fs | awk '$1 == "dev_item.total_bytes" {print $2 / 1048576}'; }
  mount /dev/big/fs /run/mnt
  dd if=/dev/urandom of=/run/mnt/data bs=1M count=40 status=none
  sum=$(sha256sum </run/mnt/data)
  quiet ashlar lvextend -r -L +40M big/fs
  sync
  same 440 "$(total)" "grown while mounted"
  refused 5 'mounted on /run/mnt' ashlar lvchange -an big/fs
  quiet ashlar lvreduce -r -y -L 420M big/fs
  sync
  same 420 "$(total)" "made smaller while mounted"
  umount /run/mnt
  refused 5 'are too few' ashlar lvreduce -r -y -L 32M big/fs
  same 420.00m "$(ashlar lvs --noheadings -o lv_size big/fs | tr -d ' ')"
  quiet ashlar lvextend -r -L 480M big/fs
  same 480 "$(total)" grown
  ashlar lvreduce -r -L 400M big/fs --plan=json >"$work/small.json"
  quiet ashlar apply "$work/small.json"
  same 400 "$(total)" "made smaller"
  same 400.00m "$(ashlar lvs --noheadings -o lv_size big/fs | tr -d ' ')"
  [ -z "$(find /run -maxdepth 1 -name 'ashlar-grow.*')" ] || fail "a mount point is left"
  quiet btrfs check --readonly /dev/big/fs
  mount /dev/big/fs /run/mnt
  same "$sum" "$(sha256sum </run/mnt/data)" data
  umount /run/mnt
}

case_an_encrypted_filesystem_changes_its_size_with_its_lv() {
  large_disk
  for module in dm-crypt xts algif_skcipher; do modprobe "$module"; done
  quiet ashlar lvcreate -y -L 100M -n secret big
  printf word >"$work/key"
  quiet cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file "$work/key" /dev/big/secret
  refused 5 'is encrypted and closed: open it' ashlar lvextend -r -L +20M big/secret
  same 100.00m "$(ashlar lvs --noheadings -o lv_size big/secret | tr -d ' ')"
  # Without a key in the kernel's keyring there is nothing to ask.
  quiet cryptsetup open --disable-keyring --key-file "$work/key" /dev/big/secret opened
  quiet mkfs.ext4 -q /dev/mapper/opened
  mkdir -p /run/mnt
  mount /dev/mapper/opened /run/mnt
  dd if=/dev/urandom of=/run/mnt/data bs=1M count=30 status=none
  local sum
  sum=$(sha256sum </run/mnt/data)
  quiet ashlar lvextend -r -L +20M big/secret
  local header=$((100 * 2048 + 20 * 2048 - $(blockdev --getsz /dev/mapper/opened)))
  [ "$header" -gt 0 ] && [ "$header" -le 32768 ] || fail "the mapping did not grow: $header sectors are left out"
  umount /run/mnt
  quiet e2fsck -f -n /dev/mapper/opened
  same $(((120 * 2048 - header) / 2)) "$(dumpe2fs -h /dev/mapper/opened 2>/dev/null | awk '/^Block count/ {n = $3} /^Block size/ {print n * $3 / 1024}')" "KiB of the ext4"
  refused 5 'are too few' ashlar lvreduce -r -y -L 40M big/secret
  ashlar lvreduce -r -L 96M big/secret --plan >"$work/said"
  grep -q 'the ext4 in LUKS on big/secret (e2fsck -f -p) and make it smaller, to 96.00 MiB (resize2fs, cryptsetup resize)' "$work/said" || fail "$(cat "$work/said")"
  quiet ashlar lvreduce -r -y -L 96M big/secret
  same $((96 * 2048 - header)) "$(blockdev --getsz /dev/mapper/opened)" "sectors of the mapping"
  quiet e2fsck -f -n /dev/mapper/opened
  quiet cryptsetup close opened
  # With one, cryptsetup asks; nobody answers it here, then somebody does.
  quiet cryptsetup open --key-file "$work/key" /dev/big/secret opened
  mount /dev/mapper/opened /run/mnt
  refused 5 'has its new size, the ext4 in LUKS on it has not: cryptsetup resize' ashlar lvextend -r -L 102M big/secret </dev/null
  quiet ashlar lvextend -r -L 108M big/secret <"$work/key"
  same $((108 * 2048 - header)) "$(blockdev --getsz /dev/mapper/opened)" "sectors of the mapping"
  same "$sum" "$(sha256sum </run/mnt/data)" data
  umount /run/mnt
  quiet cryptsetup close opened
}

case_an_lv_that_is_looked_at_for_pvs_is_not_in_use_for_that() {
  vg0
  quiet ashlar lvcreate -y -L 8M -n one vg0
  quiet ashlar lvcreate -y -L 8M -n two vg0
  local looked="--config devices/scan_lvs=1 --config devices/filter=[\"a|.*|\"]"
  # shellcheck disable=SC2086
  same "-wi-a-----" "$(ashlar lvs $looked --noheadings -o lv_attr vg0/one | tr -d ' ')"
  # shellcheck disable=SC2086
  quiet timeout 4 "$ashlar_bin" lvchange -an $looked vg0/one
  # shellcheck disable=SC2086
  quiet timeout 4 "$ashlar_bin" lvremove -y $looked vg0/two
}

case_error_and_zero_volumes_and_a_new_name() {
  vg0
  quiet ashlar lvcreate --type zero -L 8M -n z vg0
  quiet ashlar lvcreate --type error -L 8M -n e vg0
  quiet ashlar lvcreate -y -L 8M -n plain vg0
  same "0 16384 zero" "$(dmsetup table vg0-z | sed 's/ *$//')"
  same "0 16384 error" "$(dmsetup table vg0-e | sed 's/ *$//')"
  cmp -n 8388608 /dev/vg0/z /dev/zero || fail "the zero volume is not zero"
  quiet ashlar lvextend -L +4M vg0/z
  quiet ashlar vgrename vg0 vg9
  udevadm settle
  [ -e /dev/vg9/plain ] && [ ! -e /dev/vg0/plain ] || fail "links do not follow the new name"
  same "$(lvm2 lvs --noheadings -o lv_name,lv_size,lv_attr vg9)" "$(ashlar lvs --noheadings -o lv_name,lv_size,lv_attr vg9)"
  same "$(lvm2 lvdisplay vg9)" "$(ashlar lvdisplay vg9)" lvdisplay
  same "$(lvm2 lvdisplay -c vg9)" "$(ashlar lvdisplay -c vg9)" "lvdisplay -c"
  same "$(lvm2 lvscan)" "$(ashlar lvscan)" lvscan
  refused 5 "has active logical volumes" ashlar vgexport vg9
  refused 5 "must be inactive" ashlar vgsplit -n plain vg9 other
  quiet ashlar vgchange -an vg9
  quiet ashlar vgexport vg9
  refused 5 "exported" ashlar vgchange -ay vg9
  quiet ashlar vgimport vg9
}

case_read_ahead_changes_at_once() {
  vg0
  quiet ashlar lvcreate -y -L 8M -n a vg0
  read_ahead() { blockdev --getra /dev/vg0/a; }
  local by want
  for by in ashlar lvm2; do
    for want in 1024 64 0; do
      quiet $by lvchange -r "$want" vg0/a
      same "$want" "$(read_ahead)" "read-ahead after lvchange -r $want of $by"
    done
    quiet $by lvchange -r auto vg0/a
    same 256 "$(read_ahead)" "read-ahead after lvchange -r auto of $by"
  done
  blockdev --setra 4096 /dev/vg0/a
  quiet ashlar lvchange -r 128 vg0/a
  same 128 "$(read_ahead)"
  quiet ashlar lvremove -y vg0/a
}

case_udev_settings_decide_who_waits_and_who_checks() {
  vg0
  quiet ashlar lvcreate -an -Zn -L 8M -n a vg0
  # A udevd that handles no event is waited for only where udev_sync says so.
  udevadm control --stop-exec-queue
  quiet timeout 20 "$ashlar_bin" lvchange -ay vg0/a --config activation/udev_sync=0
  dmsetup info vg0-a >/dev/null || fail "vg0-a is not active"
  udevadm control --start-exec-queue
  udevadm settle
  [ -b /dev/vg0/a ] || fail "/dev/vg0/a"
  quiet ashlar lvchange -an vg0/a
  fallback() { udevadm info -q property -n "/dev/mapper/vg0-a" | grep -c DM_UDEV_DISABLE_LIBRARY_FALLBACK_FLAG=1 || true; }
  quiet ashlar lvchange -ay vg0/a
  same 1 "$(fallback)" "udev alone makes the nodes"
  quiet ashlar lvchange -an vg0/a
  quiet ashlar lvchange -ay vg0/a --config activation/verify_udev_operations=1
  same 0 "$(fallback)" "what udev makes is checked"
  [ -b /dev/vg0/a ] || fail "/dev/vg0/a"
}

case_what_a_killed_command_left_is_named_with_what_mends_it() {
  vg0
  quiet ashlar lvcreate -y -L 16M -n a vg0
  quiet mkfs.ext4 -q /dev/vg0/a
  quiet ashlar lvremove -y vg0/a
  # Killed while it asks whether the old file system may be wiped: nothing has been made yet.
  rm -f "$work/answer" "$work/said"
  mkfifo "$work/answer"
  exec 8<>"$work/answer"
  "$ashlar_bin" lvcreate -L 16M -n b vg0 <&8 >"$work/said" 2>&1 8>&- &
  until grep -qs 'ext4 signature' "$work/said"; do sleep 0.1; done
  kill -9 $!
  wait $! 2>/dev/null || true
  exec 8>&-
  same '' "$(ashlar lvs --noheadings vg0; dmsetup ls | grep vg0 || true)"
  quiet ashlar lvcreate -y -L 16M -n b vg0
  # Stopped between suspend and resume.
  dmsetup suspend vg0-b
  ashlar lvs vg0 2>&1 | grep -q 'vg0/b is suspended' || fail "lvs does not say that vg0/b is suspended"
  quiet ashlar lvchange --refresh vg0/b
  same '' "$(ashlar lvs vg0 2>&1 >/dev/null)"
}

case_many_lvs_at_once_are_no_reason_for_warnings() {
  vg0
  local i
  for i in $(seq 40); do echo "lvcreate -an -Zn -l 1 -n m$i vg0"; done >"$work/batch"
  quiet ashlar batch "$work/batch"
  for i in 1 2 3; do
    same '' "$(ashlar vgchange -ay vg0 2>&1 >/dev/null)" "activation number $i warns"
    [ "$(find /dev/vg0 -type l | wc -l)" = 40 ] || fail "links are missing"
    same '' "$(ashlar vgchange -an vg0 2>&1 >/dev/null)" "deactivation number $i warns"
  done
  # Nobody waits for a udevd that handles no event.
  udevadm control --stop-exec-queue
  quiet timeout 20 "$ashlar_bin" lvchange -ay --noudevsync vg0/m1
  udevadm control --start-exec-queue
  udevadm settle
  quiet ashlar lvchange -an --noudevsync vg0/m1
}

case_the_system_log_gets_what_log_level_says() {
  vg0
  [ ! -e /dev/log ] || fail "/dev/log is taken"
  python3 -c '
import socket
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); log.bind("/dev/log")
while True: print(log.recv(8192).decode(), flush=True)' >"$work/log" &
  local listener=$!
  until [ -e /dev/log ]; do sleep 0.1; done
  local level
  for level in 0 2 3 5; do ashlar lvs nosuch$level --config "log { syslog = 1 level = $level }" 2>/dev/null || true; done
  ashlar lvs nosuch --config 'log { syslog = 0 level = 7 }' 2>/dev/null || true
  quiet ashlar vgchange --addtag a vg0 --config 'log { syslog = 1 level = 4 }'
  quiet ashlar vgchange --addtag b vg0 --config 'log { syslog = 1 level = 5 }'
  kill "$listener"
  rm /dev/log
  same $'nosuch3\nnosuch5' "$(sed -n 's/^<11>.* lvm\[[0-9]*\]: Volume group "\(.*\)" not found$/\1/p' "$work/log")" "errors"
  grep -q '^<13>.* lvm' "$work/log" || fail "no account of the change: $(cat "$work/log")"
  grep -q 'nosuch0\|nosuch2\|<14>\|<15>' "$work/log" && fail "more than asked for: $(cat "$work/log")"
  return 0
}

case_an_answer_comes_through_a_pipe() {
  vg0
  local answer
  for answer in '' n 'y' 'no\n'; do
    ashlar lvs vg0/a >/dev/null 2>&1 || quiet ashlar lvcreate -y -L 8M -n a vg0
    printf "$answer" >"$work/answer"
    refused 5 'Do you really want to remove active logical volume vg0/a' ashlar lvremove vg0/a <"$work/answer"
  done
  refused 5 'Do you really want' ashlar lvremove vg0/a </dev/null
  echo y | quiet ashlar lvremove vg0/a
  quiet ashlar lvcreate -y -L 8M -n a vg0
  quiet ashlar lvcreate -y -L 8M -n b vg0
  # Each question takes its own line, and what follows is left for the next reader.
  same rest "$(printf 'perhaps\ny\ny\nrest\n' | { quiet ashlar lvremove vg0; cat; })"
  same '' "$(ashlar lvs --noheadings vg0)"
}

case_udev_rules_are_told_when_a_vg_is_complete() {
  quiet ashlar vgcreate vg0 /dev/ram0 /dev/ram1
  quiet ashlar lvcreate -y -L 8M -n a vg0
  quiet ashlar vgchange -an vg0
  rm -rf /run/lvm/pvs_online /run/lvm/vgs_online
  local event=(pvscan --cache --listvg --checkcomplete --vgonline --autoactivation event --udevoutput --journal=output)
  same "LVM_VG_NAME_INCOMPLETE='vg0'" "$(ashlar "${event[@]}" /dev/ram0)"
  same "LVM_VG_NAME_COMPLETE='vg0'" "$(ashlar "${event[@]}" /dev/ram1)"
  same "" "$(ashlar "${event[@]}" /dev/ram1)" "told twice"
  # lvm2 reads what was recorded.
  same "" "$(lvm2 "${event[@]}" /dev/ram0)" "lvm2 is told again"
  quiet ashlar pvscan --cache -aay
  [ -e /dev/vg0/a ] || fail "not activated"
  same "$(lvm2 pvscan --listlvs /dev/ram0)" "$(ashlar pvscan --listlvs /dev/ram0)"
}

case_an_image_built_without_root_is_activated_and_mounted() {
  local image=$work/disk.img tree=$work/tree loop
  mkdir -p "$tree/etc" "$tree/home/me" /run/mnt
  echo "root was here" >"$tree/etc/motd"
  head -c 5000000 /dev/urandom >"$tree/home/me/data"
  quiet env ASHLAR="$ashlar_bin" "$top/docs/examples/bootable-image.sh" "$image" "$tree"
  modprobe loop
  loop=$(losetup --find --show --partscan "$image")
  udevadm settle
  settings "\"a|^${loop}p2\$|\", \"r|.*|\""
  quiet ashlar vgchange -ay system
  same "$(ashlar lvs --noheadings -o lv_name,lv_size,lv_active system)" "$(lvm2 lvs --noheadings -o lv_name,lv_size,lv_active system)"
  mount /dev/system/root /run/mnt
  mount /dev/system/home /run/mnt/home
  same "root was here" "$(cat /run/mnt/etc/motd)"
  cmp /run/mnt/home/me/data "$tree/home/me/data"
  swapon /dev/system/swap
  swapoff /dev/system/swap
  refused 5 'is active: write to /dev/system/root' ashlar lv import system/root /dev/null
  # What is written there is read without a kernel afterwards.
  echo "and the kernel too" >/run/mnt/etc/motd
  umount -R /run/mnt
  quiet ashlar vgchange -an system
  quiet lvm2 vgck system
  losetup -d "$loop"
  quiet ashlar lv export system/root "$work/root" --image "$image@p2"
  same "and the kernel too" "$(debugfs -R 'cat /etc/motd' "$work/root" 2>/dev/null)"
}

# The library's own test of the kernel layer, where it was built.
case_the_kernel_layer_by_itself() {
  local program=$top/build/release/tests/test_system_dm
  [ -x "$program" ] || fail "$program is not built (cmake --build --preset release --target test_system_dm)"
  ASHLAR_SYSTEM_TEST=1 quiet "$program"
}

. "$top/tests/system/kernel_faults.sh"
run_cases "Ashlar with a real device-mapper ($(uname -r)) and udev" "$@"
