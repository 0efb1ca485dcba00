#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Ashlar and Debian's lvm2 take turns on the same loop devices, without device-mapper: each reads, changes and checks
# what the other wrote. Needs root. SEED and STEPS repeat or lengthen a run.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$RANDOM}
steps=${STEPS:-200}
RANDOM=$seed
work=$(mktemp -d /tmp/ashlar-interop.XXXXXX)
loops=()
end() {
  local loop
  for loop in "${loops[@]}"; do losetup -d "$loop" 2>/dev/null || true; done
  rm -rf "$work"
}
trap end EXIT

export LVM_SYSTEM_DIR=$work/etc
mkdir -p "$LVM_SYSTEM_DIR" "$work/lock"
sizes=(128 128 192 128 96 128)
filter=
for i in "${!sizes[@]}"; do
  truncate -s "${sizes[$i]}M" "$work/disk$i"
  # One disk in three has 4096-byte blocks; LVM2 keeps those in a VG of their own.
  block=512
  [ "$i" -lt 4 ] || block=4096
  loop=$(losetup --find --show --sector-size "$block" "$work/disk$i")
  loops+=("$loop")
  filter+="\"a|^$loop\$|\", "
done
cat >"$LVM_SYSTEM_DIR/lvm.conf" <<CONF
global { locking_dir = "$work/lock" use_aio = 0 }
devices { hints = "none" filter = [ $filter "r|.*|" ] }
CONF

a() { ashlar "$@" --driverloaded n; }
l() { lvm2 "$@" --driverloaded n 2> >(grep -v 'Activation disabled' >&2); }
quiet() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$*"; }; }
after_case() { :; }
clean_up_case() {
  for loop in "${loops[@]}"; do wipefs -qa "$loop" || true; done
  for loop in "${loops[@]}"; do dd if=/dev/zero of="$loop" bs=1M count=3 conv=fsync status=none || true; done
  rm -rf "$LVM_SYSTEM_DIR/archive" "$LVM_SYSTEM_DIR/backup"
}

# The VG as a file, without the lines that say who wrote it and when.
body() { sed -e '/^# Generated/d' -e '/^description/d' -e '/^creation_/d' -e '/^contents/d' "$1"; }
lv_fields=vg_name,lv_name,lv_uuid,lv_size,lv_attr,seg_count,lv_tags,segtype,stripes,stripe_size,seg_start_pe,seg_pe_ranges,devices

# Everything both programs can say about all VGs is the same, and lvm2's checkers find nothing.
agree() {
  local vg
  same "$(l vgs --noheadings --units b -o vg_name,vg_uuid,vg_attr,vg_size,vg_free,vg_extent_size,vg_seqno,pv_count,lv_count,vg_tags,vg_mda_count,vg_mda_free)" \
       "$(a vgs --noheadings --units b -o vg_name,vg_uuid,vg_attr,vg_size,vg_free,vg_extent_size,vg_seqno,pv_count,lv_count,vg_tags,vg_mda_count,vg_mda_free)" "vgs"
  same "$(l pvs --noheadings --units b -o pv_name,pv_uuid,pv_attr,vg_name,pv_size,pv_free,pe_start,dev_size,pv_mda_count,pv_tags)" \
       "$(a pvs --noheadings --units b -o pv_name,pv_uuid,pv_attr,vg_name,pv_size,pv_free,pe_start,dev_size,pv_mda_count,pv_tags)" "pvs"
  same "$(l lvs -a --noheadings --units s --segments -o $lv_fields)" "$(a lvs -a --noheadings --units s --segments -o $lv_fields)" "lvs"
  for vg in $(l vgs --noheadings -o vg_name); do
    quiet l vgcfgbackup -f "$work/by-lvm2" "$vg"
    quiet a vgcfgbackup -f "$work/by-ashlar" "$vg"
    same "$(body "$work/by-lvm2")" "$(body "$work/by-ashlar")" "metadata of $vg"
    quiet l vgck "$vg"
  done
}
# lvm2's pvck finds nothing on any PV, or on those of one VG.
clean_headers() {
  local pv
  for pv in $(l pvs --noheadings -o pv_name ${1:+-S "vg_name=$1"}); do quiet l pvck "$pv"; done
}

case_each_reads_what_the_other_creates() {
  quiet a pvcreate "${loops[0]}" "${loops[1]}"
  quiet l vgcreate vg0 "${loops[0]}" "${loops[1]}"
  quiet a lvcreate -an -Zn -L 20M -n one vg0
  quiet l lvcreate -an -Zn -Wn -i2 -L 24M -n two vg0
  agree
  quiet a lvextend -L +8M vg0/two
  quiet l lvreduce -f -L -8M vg0/one
  quiet a vgextend vg0 "${loops[2]}"
  quiet l vgreduce vg0 "${loops[2]}"
  agree
  clean_headers
  quiet a lvremove -f vg0
  quiet l vgremove vg0
  quiet a pvremove "${loops[@]:0:3}"
  [ -z "$(l pvs --noheadings)" ] || fail "PVs are left"
}

# Options that change what is written, given to both programs on twin disks.
case_the_same_options_write_the_same_metadata() {
  local p d
  for p in a l; do
    d=$([ $p = a ] && echo 0 || echo 1)
    quiet $p pvcreate --metadatasize 2m --dataalignment 2m "${loops[$d]}"
    quiet $p vgcreate -s 1m --addtag x --alloc cling -l 9 -p 7 "twin$p" "${loops[$d]}"
    quiet $p lvcreate -an -Zn -Wn -n ro -pr -L 4m --addtag y "twin$p"
    quiet $p lvcreate -an -Zn -Wn -n skip -ky --setautoactivation n -l 10%VG "twin$p"
    quiet $p lvcreate -an -Zn -Wn -n ahead -r 128 --alloc contiguous -l 50%FREE "twin$p"
    quiet $p lvchange --addtag z "twin$p/ahead"
    quiet $p lvrename "twin$p" skip skipped
    quiet $p vgcfgbackup -f "$work/$p" "twin$p"
  done
  neutral() { body "$1" | sed -E -e 's/(id|creation_time|device) = .*/\1/' -e 's/^twin[al]/twin/' -e '/^\t*$/d'; }
  same "$(neutral "$work/l")" "$(neutral "$work/a")" "metadata"
}

case_lvm2_restores_what_ashlar_backed_up_and_the_reverse() {
  local first second
  quiet a vgcreate vg0 "${loops[0]}" "${loops[1]}"
  quiet a lvcreate -an -Zn -L 20M -n one vg0
  first=$LVM_SYSTEM_DIR/backup/vg0
  cp "$first" "$work/with-one"
  quiet a lvremove -f vg0/one
  quiet l vgcfgrestore -f "$work/with-one" vg0
  agree
  quiet l lvremove -f vg0/one
  quiet a vgcfgrestore -f "$work/with-one" vg0
  agree
  second=$(a lvs --noheadings -o lv_name vg0 | tr -d ' ')
  same one "$second"
  # Files of both programs, by both lists.
  l vgcfgrestore -l vg0 2>/dev/null | grep -c "Description" >"$work/count-l"
  a vgcfgrestore -l vg0 | grep -c "Description" >"$work/count-a"
  same "$(cat "$work/count-l")" "$(cat "$work/count-a")" "archives listed"
}

case_ashlar_undoes_what_lvm2_did() {
  quiet l vgcreate vg0 "${loops[0]}" "${loops[1]}"
  quiet l lvcreate -an -Zn -Wn -y -l 5 -n one --addtag t vg0
  quiet l lvcreate -an -Zn -Wn -y -i2 -l 4 -n two vg0
  quiet l vgcfgbackup -f "$work/before" vg0
  quiet l lvremove -f vg0
  rm -r "$LVM_SYSTEM_DIR/archive" "$LVM_SYSTEM_DIR/backup"
  refused 5 "confirm with -y" a undelete vg0/two  # lvm2 does not write down whether it discards
  quiet a undelete -y vg0/two
  quiet a undelete -y vg0/one
  agree
  quiet l vgcfgbackup -f "$work/after" vg0
  same "$(body "$work/before" | grep -v seqno)" "$(body "$work/after" | grep -v seqno)" "metadata"
  quiet l lvrename vg0 one other
  quiet a undo vg0
  same one,two "$(l lvs --noheadings -o lv_name vg0 | tr -d ' ' | paste -sd,)"
}

# The first MiB of a PV is lost; its label and metadata come back, the data was never touched.
case_disaster_drill() {
  local uuid
  quiet a vgcreate vg0 "${loops[0]}" "${loops[1]}"
  quiet a lvcreate -an -Zn -L 60M -n data vg0 "${loops[0]}"
  dd if=/dev/urandom of="${loops[0]}" bs=1M seek=1 count=60 conv=fsync status=none
  sum=$(dd if="${loops[0]}" bs=1M skip=1 count=60 iflag=direct status=none | sha256sum)
  uuid=$(a pvs --noheadings -o pv_uuid "${loops[0]}" | tr -d ' ')
  dd if=/dev/zero of="${loops[0]}" bs=1M count=1 conv=fsync status=none
  refused 5 "missing" a lvcreate -an -Zn -l1 -n more vg0
  quiet a pvcreate --uuid "$uuid" --restorefile "$LVM_SYSTEM_DIR/backup/vg0" "${loops[0]}"
  quiet a vgcfgrestore vg0
  agree
  clean_headers
  same "$sum" "$(dd if="${loops[0]}" bs=1M skip=1 count=60 iflag=direct status=none | sha256sum)" "data"
}

case_locks_exclude_one_another() {
  quiet a vgcreate vg0 "${loops[0]}"
  # lvm2 holds the lock while it waits for an answer.
  ( flock -x 9; sleep 1.5 ) 9>"$work/lock/V_vg0" &
  sleep 0.3
  refused 5 "lock" a vgchange --addtag x vg0 --config global/wait_for_locks=0
  refused 5 "." l vgchange --addtag x vg0 --config global/wait_for_locks=0
  wait
  quiet a vgchange --addtag x vg0
  # Twelve writers of both programs at once: every tag arrives.
  local i pids=()
  for i in 1 2 3 4 5 6; do
    a vgchange --addtag "a$i" vg0 >/dev/null 2>&1 & pids+=($!)
    l vgchange --addtag "l$i" vg0 >/dev/null 2>&1 & pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
  same 13 "$(a vgs --noheadings -o vg_tags vg0 | tr ',' '\n' | wc -l)" "tags"
  agree
  [ -z "$(ls "$work/lock")" ] || fail "lock files are left: $(ls "$work/lock")"
}

case_missing_and_stale_copies_are_read_alike_and_mended() {
  quiet a vgcreate vg0 "${loops[0]}" "${loops[1]}"
  dd if="${loops[0]}" of="$work/old" bs=1M count=1 status=none
  quiet a vgchange --addtag newer vg0
  dd if="$work/old" of="${loops[0]}" bs=1M count=1 conv=fsync,notrunc status=none
  same "$(l vgs --noheadings -o vg_seqno,vg_tags vg0 2>/dev/null)" "$(a vgs --noheadings -o vg_seqno,vg_tags vg0 2>/dev/null)"
  quiet a vgchange --addtag mended vg0
  [ -z "$(l vgs vg0 2>&1 >/dev/null)" ] || fail "lvm2 still complains: $(l vgs vg0 2>&1)"
  agree
  clean_headers
}

random_step() {
  local vg=vg$((RANDOM % 2)) name=lv$((RANDOM % 8)) p=a size=$((RANDOM % 9 + 1)) stripes=$((RANDOM % 3 + 1))
  [ $((RANDOM % 2)) -eq 0 ] || p=l
  case $((RANDOM % 11)) in
    0 | 1 | 2) set -- $p lvcreate -an -Zn -Wn -l $size -n "$name" "$vg" -y ;;
    3) set -- $p lvcreate -an -Zn -Wn -i $stripes -l $size -n "$name" "$vg" -y ;;
    4) set -- $p lvextend -l +$size "$vg/$name" ;;
    5) set -- $p lvreduce -f -l -$size "$vg/$name" ;;
    6) set -- $p lvremove -f "$vg/$name" ;;
    7) set -- $p lvrename "$vg" "$name" "lv$((RANDOM % 8))" ;;
    8) set -- $p lvchange --addtag "t$RANDOM" "$vg/$name" ;;
    9) set -- $p vgchange --addtag "v$((RANDOM % 20))" "$vg" ;;
    10) set -- a undo -y "$vg" ;;
  esac
  # Many of these are refused, rightly; both programs must still see the same.
  if "$@" >/dev/null 2>"$work/said"; then
    changed=$((changed + 1))
    clean_headers "$vg" || fail "after: $*"
  fi
  agree || fail "after: $*"
}

case_random_steps() {
  quiet a vgcreate vg0 "${loops[@]:0:4}"
  quiet l vgcreate vg1 "${loops[@]:4:2}"
  local i changed=0
  for i in $(seq "$steps"); do random_step || fail "step $i, SEED=$seed"; done
  [ "$changed" -ge $((steps / 4)) ] || fail "only $changed of $steps steps changed anything, SEED=$seed"
  clean_headers
}

echo "Ashlar and lvm2 in turn (SEED=$seed, $steps random steps)"
run_case each_reads_what_the_other_creates
run_case the_same_options_write_the_same_metadata
run_case lvm2_restores_what_ashlar_backed_up_and_the_reverse
run_case ashlar_undoes_what_lvm2_did
run_case disaster_drill
run_case locks_exclude_one_another
run_case missing_and_stale_copies_are_read_alike_and_mended
run_case random_steps
finish
