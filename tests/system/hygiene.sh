#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# How the release build is made and how it behaves towards the system: hardening, descriptors, file modes, other programs.
# BUILD names the build folder; build/release if it is not set.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
build=${BUILD:-$top/build/release}
ashlar_bin=$build/ashlar

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LVM_SYSTEM_DIR=$work/etc
mkdir "$LVM_SYSTEM_DIR"
echo "global { locking_dir = \"$work/lock\" activation = 0 }" >"$LVM_SYSTEM_DIR/lvm.conf"
cd "$work"
after_case() { :; }
clean_up_case() { rm -rf "$work"/{*.img,trace} "$work/lock" "$LVM_SYSTEM_DIR"/{archive,backup,cache,devices}; }

# A VG's life; each command behind the words given, if any.
some_commands() {
  truncate -s 32M a.img b.img
  for command in "pvcreate a.img b.img" "vgcreate vg0 a.img b.img" "lvcreate -n data -l 3 vg0" "lvextend -l +1 vg0/data" "vgcfgbackup vg0" \
                 "pvs" "lvs -o +devices" "history vg0" "undo -y vg0" "lvremove -y vg0/data" "vgcfgrestore vg0" "vgck vg0" "vgremove -y vg0"; do
    # shellcheck disable=SC2086
    "$@" "$ashlar_bin" $command --devices a.img,b.img >>"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$command"; }
  done
}

case_programs_and_libraries_are_hardened() {
  local file
  for file in "$ashlar_bin" "$build"/libashlar.so "$build"/nbdkit-ashlar-plugin.so; do
    readelf -Wl "$file" >headers
    readelf -Wd "$file" >dynamic
    grep -q 'GNU_RELRO' headers || fail "$file: no RELRO"
    grep -qE 'BIND_NOW|FLAGS_1.* NOW' dynamic || fail "$file: not bound at once: RELRO is not full"
    grep -q 'GNU_STACK.* RW ' headers || fail "$file: its stack can be executed"
    ! grep -q 'TEXTREL' dynamic || fail "$file: code is relocated"
    readelf -Ws "$file" >symbols
    grep -q '__stack_chk_fail' symbols || fail "$file: no stack protector"
    grep -qE ' __(memcpy|memmove|snprintf|vsnprintf|read|pread64)_chk' symbols || fail "$file: not fortified"
  done
  readelf -Wd "$ashlar_bin" | grep -q 'FLAGS_1.* PIE' || fail "the program is not position-independent"
  grep -q -- '-D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS' "$build/compile_commands.json" || fail "not built with both"
}
case_every_descriptor_is_closed_on_exec() {
  some_commands strace -f -qq -A -o trace -e trace=open,openat,openat2,socket,pipe,pipe2,dup,dup2,dup3,eventfd2,memfd_create,epoll_create1,io_uring_setup,accept4
  # io_uring's descriptors always have the flag; libdevmapper reads /proc/devices and closes it again.
  grep -vE 'CLOEXEC|io_uring_setup|= -1 E|"/proc/devices"' trace >open || true
  [ ! -s open ] || { sort -u open | head -20 >&2; fail "descriptors that another program would inherit"; }
  [ "$(grep -c CLOEXEC trace)" -gt 50 ] || fail "nothing was traced"
}
case_no_other_program_is_run() {
  some_commands strace -f -qq -A -o trace -e trace=execve,execveat
  grep -vF "execve(\"$ashlar_bin\"" trace >others || true
  [ ! -s others ] || { head -5 others >&2; fail "it ran something"; }
}
case_commands_make_no_invalid_access() {
  some_commands valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
}
case_files_are_their_owners_alone_whatever_the_umask() {
  umask 0
  some_commands
  local wide
  wide=$(find "$LVM_SYSTEM_DIR/archive" "$LVM_SYSTEM_DIR/backup" "$work/lock" -perm /077 -printf '%m %p\n')
  [ -z "$wide" ] || fail "others may look into: $wide"
  [ "$(find "$LVM_SYSTEM_DIR/archive" -type f | wc -l)" -gt 2 ] || fail "nothing was archived"
}
case_nothing_is_left_behind() {
  some_commands
  local left
  left=$(find "$work" -name '*.tmp*' -o -name '.lvm_*' -o -name '*.part')
  [ -z "$left" ] || fail "left: $left"
}

case_output_goes_to_the_descriptors_that_are_named() {
  truncate -s 32M a.img
  "$ashlar_bin" vgcreate vg0 a.img --image a.img >/dev/null
  local words="--image a.img" seen
  # shellcheck disable=SC2086
  seen=$(LVM_ERR_FD=1 "$ashlar_bin" vgs nope $words 2>"$work/said") || true
  same 'Volume group "nope" not found' "$(echo "$seen" | head -1 | xargs -0 | sed 's/^ *//;/^$/d')"
  [ ! -s "$work/said" ] || fail "stderr has: $(cat "$work/said")"
  # shellcheck disable=SC2086
  seen=$(LVM_OUT_FD=3 LVM_REPORT_FD=4 "$ashlar_bin" vgs --noheadings -o vg_name $words 3>"$work/said" 4>"$work/report")
  same "" "$seen"
  same "vg0" "$(tr -d ' ' <"$work/report")"
  # shellcheck disable=SC2086
  LVM_OUT_FD=3 "$ashlar_bin" vgchange --addtag t vg0 $words 3>"$work/said" >/dev/null
  same '  Volume group "vg0" successfully changed' "$(cat "$work/said")"
}

case_a_descriptor_that_cannot_be_written_to_keeps_the_command_from_starting() {
  truncate -s 32M a.img
  local variable value status
  for variable in LVM_REPORT_FD LVM_OUT_FD LVM_ERR_FD; do
    for value in 77 x -1 "" 3 99999999999; do
      status=0
      env "$variable=$value" "$ashlar_bin" vgcreate vg0 a.img --image a.img 3</dev/null >/dev/null 2>"$work/said" || status=$?
      same 4 "$status" "$variable=$value"
      grep -q "^  $variable=$value names no descriptor" "$work/said" || fail "$variable=$value: $(cat "$work/said")"
    done
  done
  same "" "$("$ashlar_bin" vgs --noheadings --image a.img)"
}

case_a_descriptor_that_takes_no_more_fails_the_command() {
  truncate -s 32M a.img
  "$ashlar_bin" vgcreate vg0 a.img --image a.img >/dev/null
  local variable status
  for variable in LVM_REPORT_FD LVM_OUT_FD; do
    status=0
    env $variable=3 "$ashlar_bin" vgs --image a.img 3>/dev/full 2>"$work/said" || status=$?
    same 5 "$status"
    same "  Cannot write to the descriptor that $variable names: No space left on device" "$(cat "$work/said")"
  done
}

run_cases "Hygiene" "$@"
