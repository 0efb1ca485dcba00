#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual and the completion as they are installed, in a real bash and a real zsh.
# BUILD names the build folder; build/release if it is not set.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
build=${BUILD:-$top/build/release}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LVM_SYSTEM_DIR=$work/etc SOURCE_DATE_EPOCH=1700000000
mkdir "$LVM_SYSTEM_DIR" "$work/bin" "$work/disks"
echo "global { locking_dir = \"$work/lock\" activation = 0 }" >"$LVM_SYSTEM_DIR/lvm.conf"
ln -s "$build/ashlar" "$work/bin/ashlar"
PATH=$work/bin:$PATH
cd "$work/disks"
truncate -s 64M one.img two.img
images="--devices one.img,two.img"
# shellcheck disable=SC2086
{
  command ashlar vgcreate -q vg0 one.img $images
  command ashlar lvcreate -q -Zn -an -l 1 -n data vg0 $images
  command ashlar lvcreate -q -Zn -an -l 1 -n logs vg0 $images
}
cmake --install "$build" --prefix "$work/usr" --component manual >"$work/said" || { cat "$work/said" >&2; exit 1; }
after_case() { :; }
clean_up_case() { :; }

# completed_by_bash LINE: what the last word becomes, as Readline would ask for it: words cut at its breaks.
completed_by_bash() {
  bash --norc -c '
    . "$1/usr/share/bash-completion/completions/ashlar"
    COMP_WORDBREAKS=$'"' \\t\\n\"'\\''@><=;|&(:'"'
    COMP_LINE=$2 COMP_POINT=${#2}
    read -r _ _ function _ < <(complete -p ashlar | sed "s/.* -F /- - /")
    "$function" ashlar "" "" 2>"$1/errors"
    [ ! -s "$1/errors" ] || cat "$1/errors"
    printf "%s\n" "${COMPREPLY[@]}"' - "$work" "$1"
}
# completed_by_zsh LINE: the line after a TAB, typed at a terminal.
completed_by_zsh() {
  zsh -f -c '
    zmodload zsh/zpty
    zpty shell "TERM=dumb zsh -f -i"
    send() { zpty -w shell "$1" }
    send "PS1=; unsetopt zle_bracketed_paste 2>/dev/null; fpath=($1/usr/share/zsh/site-functions \$fpath); autoload -Uz compinit; compinit -u -d $1/dump; LISTMAX=0"
    send "show() { print -r -- \"<<\$BUFFER>>\" }; zle -N show; bindkey \"^X\" show; print READY"
    zpty -r shell line "*READY*READY*"
    zpty -w -n shell "$2"$'"'\\t\\x18'"'
    zpty -r shell line "*<<*>>*"
    zpty -d shell
    print -r -- ${${line##*<<}%%>>*}' - "$work" "$1"
}

case_every_command_has_its_page_and_mandoc_likes_them() {
  local name
  for name in $(ashlar help 2>&1 | sed -n 's/^    \([a-z]*\) .*/\1/p'); do
    [ -s "$work/usr/share/man/man8/ashlar-$name.8" ] || fail "no page of $name"
  done
  [ -s "$work/usr/share/man/man5/ashlar-lvm.conf.5" ] || fail "no page of the settings"
  mandoc -Tlint -W warning "$work"/usr/share/man/man?/*
}
case_pages_are_the_same_twice_and_name_no_place_of_this_machine() {
  cmake -DASHLAR="$ashlar_bin" -DTO="$work/again" -P "$top/cmake/manual.cmake"
  cmake -DASHLAR="$work/bin/ashlar" -DTO="$work/more" -P "$top/cmake/manual.cmake"
  diff -r "$work/again" "$work/more"
  ! grep -rF -e "$top" -e "$work" "$work/again" || fail "a path of this machine"
  grep -q ' 2023-11-14 ' "$work/again/man8/ashlar.8" || fail "not dated by SOURCE_DATE_EPOCH"
}
case_lvm2_s_names_lie_in_a_folder_of_their_own() {
  local links=$work/usr/lib/ashlar
  for name in lvm lvcreate vgs pvscan; do
    same "$work/usr/sbin/ashlar" "$(realpath -m "$links/bin/$name")"
    [ -s "$links/man/man8/$name.8" ] || fail "no page behind $name"
  done
  [ ! -e "$links/bin/help" ] && [ ! -e "$links/bin/lv" ] || fail "a name that is not LVM2's"
  [ ! -e "$work/usr/share/man/man8/lvcreate.8" ] && [ ! -e "$work/usr/sbin/lvcreate" ] || fail "a file of the lvm2 package"
}
case_no_file_is_the_bash_completion_package_s() {
  same "ashlar" "$(ls "$work/usr/share/bash-completion/completions")"
  same "_ashlar" "$(ls "$work/usr/share/zsh/site-functions")"
}
case_bash_completes() {
  same $'vgcfgbackup\nvgcfgrestore' "$(completed_by_bash 'ashlar vgcf')"
  same $'--stripes\n--stripesize' "$(completed_by_bash 'ashlar lvcreate vg0 --str')"
  same $'contiguous\ncling\ncling_by_tags' "$(completed_by_bash 'ashlar lvcreate --alloc=c')" "after a word break"
  same 'json' "$(completed_by_bash 'ashlar lvremove --plan=j')"
  same $'vg0\nvg0/data\nvg0/logs' "$(completed_by_bash "ashlar lvremove $images ")"
  same '-o+lv_name' "$(completed_by_bash 'ashlar lvs -o+lv_na')"
  same 'one.img' "$(completed_by_bash "ashlar pvs $images one")"
  same '' "$(completed_by_bash "ashlar lvs \"open")"
}
case_zsh_completes() {
  same 'ashlar vgcfgbackup ' "$(completed_by_zsh 'ashlar vgcfgb')"
  same 'ashlar lvcreate --stripesize ' "$(completed_by_zsh 'ashlar lvcreate --stripesi')"
  same 'ashlar lvremove --plan=json ' "$(completed_by_zsh 'ashlar lvremove --plan=j')"
  same "ashlar lvextend $images vg0/data " "$(completed_by_zsh "ashlar lvextend $images vg0/d")"
  same 'ashlar lvs -o+lv_name ' "$(completed_by_zsh 'ashlar lvs -o+lv_na')"
  same 'ashlar apply two.img ' "$(completed_by_zsh 'ashlar apply tw')" "a file"
}
# typed TEXT WANTED: TEXT at the prompt of ashlar's own shell; waits until it shows WANTED.
typed() {
  timeout 60 python3 -c '
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvpe("ashlar", ["ashlar"], os.environ | {"TERM": "dumb"})
def wait_for(text, shown=b""):
    while text not in shown:
        shown += os.read(terminal, 4096)
wait_for(b"lvm> ")
os.write(terminal, sys.argv[1].encode())
wait_for(sys.argv[2].encode())
os.close(terminal)
os.waitpid(pid, 0)' "$1" "$2"
}
case_its_own_shell_completes() {
  typed $'lvcreate --exte\t' '--extents'
  typed "lvs $images vg0/l"$'\t' 'vg0/logs'
}
case_who_may_not_read_disks_gets_no_names_and_no_words_about_it() {
  [ "$(id -u)" -eq 0 ] || return 0
  chmod -R a+rX "$work"
  chmod 600 ./*.img
  # shellcheck disable=SC2086
  same '' "$(setpriv --reuid 65534 --regid 65534 --clear-groups "$ashlar_bin" help --complete -- "ashlar lvremove $images " 2>&1)"
  same $'pvcreate\tMake physical volumes of devices' "$(setpriv --reuid 65534 --regid 65534 --clear-groups "$ashlar_bin" help --complete -- "ashlar pvcr" 2>&1)"
}
case_asking_writes_nothing() {
  before=$(sha256sum ./*.img; find "$work/etc" "$work/lock" 2>/dev/null | sort)
  echo "log { file = \"$work/log\" level = 7 overwrite = 1 }" >>"$LVM_SYSTEM_DIR/lvm.conf"
  same 'vg0/data' "$(completed_by_bash "ashlar lvremove $images vg0/d")"
  same "$before" "$(sha256sum ./*.img; find "$work/etc" "$work/lock" 2>/dev/null | sort)"
  [ ! -e "$work/log" ] || fail "it logs"
}

run_cases "manual and completion" "$@"
