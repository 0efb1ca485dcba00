# SPDX-License-Identifier: LGPL-2.1-or-later
# Cases of kernel.sh about devices that fail, power that is lost, and what must not happen while devices are suspended.
# shellcheck shell=bash

# A PV that fails while it is written to: nothing is half made, nothing stays suspended, and the VG is the old one.
case_a_pv_vanishes_during_create_and_extend() {
  local size
  size=$(blockdev --getsz /dev/ram1)
  dmsetup create bad --table "0 $size linear /dev/ram1 0"
  udevadm settle
  settings '"a|^/dev/ram0$|", "a|^/dev/mapper/bad$|", "r|.*|"'
  quiet ashlar vgcreate vg0 /dev/ram0 /dev/mapper/bad
  quiet ashlar lvcreate -y -L 8M -n good vg0 /dev/ram0
  quiet ashlar lvcreate -y -L 8M -n there vg0 /dev/mapper/bad
  local before after
  before=$(ashlar vgs --noheadings -o vg_seqno,lv_count vg0; dmsetup table | grep ^vg0; ls /dev/vg0)
  swap() { dmsetup suspend --noflush --nolockfs bad; dmsetup load bad --table "$1"; dmsetup resume bad; }
  swap "0 $size flakey /dev/ram1 0 0 60 1 error_writes"
  refused 5 '/dev/mapper/bad' ashlar lvcreate -L 8M -n new vg0
  refused 5 '/dev/mapper/bad' ashlar lvextend -L +8M vg0/good
  refused 5 '/dev/mapper/bad' ashlar lvextend -L +8M vg0/there
  swap "0 $size error"
  refused 5 '.' ashlar lvcreate -L 8M -n new vg0
  refused 5 '.' ashlar lvextend -L +8M vg0/good
  swap "0 $size linear /dev/ram1 0"
  udevadm settle
  after=$(ashlar vgs --noheadings -o vg_seqno,lv_count vg0; dmsetup table | grep ^vg0; ls /dev/vg0)
  same "$before" "$after"
  quiet ashlar lvextend -L +8M vg0/good
  quiet ashlar vgchange -an vg0
  dmsetup remove bad
}

# A PV whose table somebody changes at this moment (multipath, cryptsetup) is waited for: it is not missing.
case_a_pv_that_is_suspended_for_a_moment_is_waited_for() {
  local size resume words
  size=$(blockdev --getsz /dev/ram1)
  dmsetup create bad --table "0 $size linear /dev/ram1 0"
  udevadm settle
  settings '"a|^/dev/ram0$|", "a|^/dev/mapper/bad$|", "r|.*|"'
  quiet ashlar vgcreate vg0 /dev/ram0 /dev/mapper/bad
  quiet ashlar lvcreate -an -Zn -l 2 -n data vg0 /dev/mapper/bad
  for words in "vgchange --addtag a vg0" "lvextend -l +1 vg0/data" "lvchange -ay vg0/data" "vgs vg0" "pvck /dev/mapper/bad"; do
    dmsetup suspend bad
    { sleep 1; dmsetup resume bad; } &
    resume=$!
    # shellcheck disable=SC2086
    quiet timeout 30 "$ashlar_bin" $words
    wait "$resume"
    same "" "$(ashlar pvs --noheadings -o pv_missing /dev/mapper/bad | tr -d ' ')" "$words"
  done
  dmsetup suspend bad
  { sleep 4; dmsetup resume bad; } &
  resume=$!
  local said
  said=$(timeout 30 "$ashlar_bin" pvs 2>&1)
  wait "$resume"
  case "$said" in *"Waiting for /dev/mapper/bad, which device-mapper has suspended"*"/dev/mapper/bad vg0"*) ;; *) fail "$said" ;; esac
  dmsetup suspend bad
  said=$(timeout 30 "$ashlar_bin" pvs --config devices/ignore_suspended_devices=1 2>&1)
  dmsetup resume bad
  case "$said" in *"[unknown]"*) ;; *) fail "$said" ;; esac
  quiet ashlar vgchange -an vg0
  dmsetup remove bad
}

# A PV whose device starts to fail, to lose writes, to be unreadable in places or slow at some moment of a change: kernel
# and metadata agree afterwards, nothing is left, and as soon as the device is well again every change works. A quarter of
# the pairs of a fault and a change, drawn by SEED; with ALL=1 each of them.
case_a_pv_goes_bad_at_any_moment_of_a_change() {
  local size kind moment change seed=${SEED:-$RANDOM}
  RANDOM=$seed
  echo "    SEED=$seed"
  modprobe dm-flakey; modprobe dm-delay
  modprobe dm-dust || echo "    without dm-dust, which this kernel does not have"
  size=$(blockdev --getsz /dev/ram1)
  dmsetup create bad --table "0 $size linear /dev/ram1 0"
  udevadm settle
  settings '"a|^/dev/ram0$|", "a|^/dev/mapper/bad$|", "r|.*|"'
  quiet ashlar vgcreate vg0 /dev/ram0 /dev/mapper/bad
  quiet ashlar lvcreate -y -l 2 -n data vg0 /dev/ram0
  quiet ashlar lvextend -l +2 vg0/data /dev/mapper/bad
  become() {
    dmsetup suspend --noflush --nolockfs bad
    dmsetup load bad --table "0 $size $1"
    dmsetup resume bad
    case "$1" in dust*) dmsetup message bad 0 addbadblock 8; dmsetup message bad 0 enable ;; esac
  }
  for kind in error "flakey /dev/ram1 0 0 60 1 error_writes" "flakey /dev/ram1 0 0 60 1 drop_writes" "dust /dev/ram1 0 512" "delay /dev/ram1 0 20"; do
    case "$kind" in dust*) [[ $(dmsetup targets) == *dust* ]] || continue ;; esac
    for change in "lvcreate -y -l 4 -i 2 -n new" "lvextend -l +2 data" "lvreduce -y -l -2 data" "lvrename data other" "lvremove -y gone" \
                  "lvchange -an data" "lvchange -ay data" "lvchange --addtag t data"; do
      [ -n "${ALL:-}" ] || [ $((RANDOM % 4)) -eq 0 ] || continue
      ashlar lvs vg0/gone >/dev/null 2>&1 || quiet ashlar lvcreate -y -l 2 -i 2 -n gone vg0
      case "$change" in lvchange\ -ay*) quiet ashlar lvchange -an vg0/data ;; esac
      moment=$((RANDOM % 4))
      # shellcheck disable=SC2086
      set -- ${change/lvrename /lvrename vg0 }
      [ "$1" = lvrename ] || set -- "${@/%data/vg0/data}"
      set -- "${@/%gone/vg0/gone}"
      [ "$1" != lvcreate ] || set -- "$@" vg0
      # Before it starts, or some tenths of a second after.
      [ "$moment" -ne 0 ] || become "$kind"
      timeout 60 "$ashlar_bin" "$@" >"$work/said" 2>&1 &
      local command=$! status=0
      [ "$moment" -eq 0 ] || { sleep "0.$((RANDOM % 30 + 10))"; become "$kind"; }
      wait "$command" || status=$?
      [ "$status" -eq 0 ] || [ "$status" -eq 5 ] || fail "$kind: $*: status $status: $(cat "$work/said")"
      case "$kind" in delay*) [ "$status" -eq 0 ] || fail "$kind: $*: $(cat "$work/said")" ;; esac
      become "linear /dev/ram1 0"
      after_case
      [ -z "$(find "$LVM_SYSTEM_DIR" -name '.lvm_*')" ] || fail "$kind: $*: temporary files are left"
      # A change that was made while it could not be read marked it as missing, and who knows that it is well says so.
      [ -z "$(ashlar pvs --noheadings -o pv_missing /dev/mapper/bad 2>/dev/null | tr -d ' ')" ] ||
        quiet ashlar vgextend --restoremissing vg0 /dev/mapper/bad
      local wanted has
      wanted=$(ashlar tables vg0 | sort)
      has=$(dmsetup table | grep '^vg0' | sort)
      [ -z "$(grep -vxFf <(echo "$wanted") <(echo "$has"))" ] || fail "$kind: $* (status $status): the kernel has
$has
the metadata say
$wanted
$(cat "$work/said")"
      # Whatever is active is a device with its links and no other is.
      same "$(ashlar lvs --noheadings -o lv_dm_path -S 'lv_active=active' vg0 | xargs -n1 | sort)" "$(find /dev/mapper -name 'vg0-*' | sort)" "$kind: $*"
      # The next change heals what is stale, and lvm2 then finds nothing wrong.
      quiet ashlar vgchange --addtag healed vg0
      quiet ashlar vgchange --deltag healed vg0
      quiet lvm2 vgck vg0
      quiet ashlar vgchange -ay vg0
      ! ashlar lvs vg0/other >/dev/null 2>&1 || quiet ashlar lvrename vg0 other data
      ! ashlar lvs vg0/new >/dev/null 2>&1 || quiet ashlar lvremove -y vg0/new
      [ "$(ashlar lvs --noheadings --nosuffix --units s -o lv_size vg0/data | xargs)" = 32768 ] || quiet ashlar lvresize -y -l 4 vg0/data
    done
  done
  quiet ashlar vgchange -an vg0
  dmsetup remove bad
}

# Every write to the PVs is logged by the kernel as it becomes durable; log_writes.py then loses power at each of them.
case_a_loss_of_power_at_any_write_leaves_the_old_vg_or_the_new() {
  local pvs=() n words
  modprobe dm-log-writes
  dmsetup create log --table "0 131072 log-writes /dev/ram0 /dev/ram1"
  for n in 0 1 2 3; do
    dmsetup create "pv$n" --table "0 32768 linear /dev/mapper/log $((n * 32768))"
    pvs+=("/dev/mapper/pv$n")
  done
  udevadm settle
  settings '"a|^/dev/mapper/pv[0-3]$|", "r|.*|"'
  logged() {
    quiet "$@"
    [ ! -e "$work/truth" ] || echo >>"$work/truth"
    ashlar lvs --noheadings --segments -o vg_name,vg_seqno,vg_tags,pv_count,lv_name,lv_tags,seg_pe_ranges >>"$work/truth"
    words="${*:2}"
    dmsetup message log 0 mark "${words// /_}"
  }
  prepare() {
    ashlar pvcreate --metadatacopies 0 /dev/mapper/pv3
    ashlar vgcreate -s 256k vg0 "${pvs[@]}"
    ashlar lvcreate -y -L 1M -n first vg0
  }
  rm -f "$work/truth"
  logged prepare all
  logged ashlar lvcreate -y -i 2 -L 2M -n two vg0
  logged ashlar lvextend -L +1M vg0/first
  logged ashlar lvreduce -y -L -512k vg0/first
  logged ashlar lvchange -pr vg0/two
  logged ashlar vgchange --addtag t vg0
  logged ashlar lvrename vg0 two deux
  logged ashlar lvcreate -an -Zn -L 1M -n third vg0
  logged ashlar vgrename vg0 vg1
  logged ashlar lvremove -y vg1/first
  quiet ashlar vgchange -an vg1
  for n in 0 1 2 3; do dmsetup remove "pv$n"; done
  dmsetup remove log
  python3 "$top/tests/system/log_writes.py" /dev/ram1 "$ashlar_bin" pv0 pv1 pv2 pv3 <"$work/truth" >"$work/figures" || { cat "$work/figures" >&2; fail "the replay"; }
  sed 's/^/    /' "$work/figures"
}

# While a device is suspended, what writes to it waits, and so may the whole machine: from the first suspend to the last
# resume there are device-mapper's own calls, the commit's writes through descriptors that are open, and memory. No file is
# looked up, opened, read or written, and nobody is waited for.
case_between_suspend_and_resume_no_file_is_touched_and_nobody_waited_for() {
  vg0
  quiet ashlar lvcreate -y -L 8M -n one vg0
  quiet ashlar lvcreate -y -i 2 -L 8M -n two vg0
  printf 'lvextend -l +1 vg0/one\nlvextend -l +2 vg0/two\n' >"$work/lines"
  local line
  for line in "lvextend -L +8M vg0/one" "lvreduce -y -L -4M vg0/one" "lvchange -pr vg0/two" "lvchange --refresh vg0/two" "lvrename vg0 two deux" \
              "lvrename vg0 deux two" "batch $work/lines" "vgrename vg0 vg1"; do
    # shellcheck disable=SC2086
    quiet strace -f -o "$work/trace" "$ashlar_bin" $line
    python3 - "$work/trace" "$line" <<'PY' || fail "$line"
import re, sys
calls = [re.sub(r"^\d+ +", "", line) for line in open(sys.argv[1])]
moves = [n for n, call in enumerate(calls) if "DM_DEV_SUSPEND" in call]
suspends = [n for n in moves if "DM_SUSPEND_FLAG" in calls[n].split("=>")[0]]
if not suspends or moves[-1] in suspends:
    sys.exit("no suspend with a resume after it in the trace")
allowed = r"ioctl\(\d+, DM_|io_uring_(setup|enter|register)\(|pwritev?2?\w*\(|f(data)?sync\(|mmap\(|munmap\(|mremap\(|madvise\(|mprotect\(|brk\(|prlimit64\(|" \
          r"close\(|semget\(|semctl\(|futex\(|rt_sig|clone|exit\(|set_robust_list\(|rseq\(|gettid|getpid|clock_gettime|[-+]{3} |<\.\.\. "
# libdevmapper counts a cookie up for each resume; waiting would be for zero.
allowed += r"|semtimedop\(\d+, \[\{sem_num=0, sem_op=1,"
bad = [call for call in calls[suspends[0]:moves[-1]] if not re.match(allowed, call)]
sys.exit("".join(bad[:10]) or 0)
PY
  done
}
