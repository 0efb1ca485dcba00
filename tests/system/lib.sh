# SPDX-License-Identifier: LGPL-2.1-or-later
# Shared by the system tests: cases that count, and lvm2 beside ashlar in one system directory.
# shellcheck shell=bash
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ashlar_bin=${ASHLAR:-$top/build/release/ashlar}
passed=0 failed=0

ashlar() { "$ashlar_bin" "$@"; }
# What lvm2 says on stderr about missing kernels and open descriptors is no part of any answer here.
lvm2() { LVM_SUPPRESS_FD_WARNINGS=1 /sbin/lvm "$@"; }

fail() {
  echo "    FAILED: $*" >&2
  return 1
}
# Both arguments are texts; shows the difference.
same() {
  [ "$1" = "$2" ] || { diff <(echo "$1") <(echo "$2") >&2; fail "${3:-texts differ}"; }
}
# refused STATUS PATTERN COMMAND...: the command ends with the status and says the pattern on stderr.
refused() {
  local status=0 want=$1 pattern=$2 said
  shift 2
  said=$("$@" 2>&1 >/dev/null) || status=$?
  [ "$status" -eq "$want" ] || fail "status $status, not $want: $*: $said"
  grep -q -- "$pattern" <<<"$said" || fail "does not say '$pattern': $*: $said"
}

# run_case NAME: runs case_NAME in a subshell with errexit (which || or if would switch off), then after_case.
run_case() {
  local status
  set +e
  ( set -e; "case_$1"; after_case )
  status=$?
  set -e
  if [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
    echo "  ok      $1"
  else
    failed=$((failed + 1))
    echo "  FAILED  $1"
  fi
  clean_up_case || true
}
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
# run_cases TITLE [CASE...]: those, or all that the script has.
run_cases() {
  local title=$1 name cases=("${@:2}")
  [ ${#cases[@]} -ne 0 ] || mapfile -t cases < <(declare -F | sed -n 's/^declare -f case_//p')
  echo "$title"
  for name in "${cases[@]}"; do run_case "$name"; done
  finish
}
