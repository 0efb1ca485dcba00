#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Disk images by the real program: as an ordinary user, served by nbdkit, and twice the same.
#   tests/system/images.sh [CASE...]
# PLUGIN names nbdkit's plugin; that beside the program if it is not set.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
plugin=${PLUGIN:-$(dirname "$ashlar_bin")/nbdkit-ashlar-plugin.so}
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
work=$(mktemp -d /tmp/ashlar-images.XXXXXX)
trap 'rm -rf "$work"' EXIT
export LVM_SYSTEM_DIR=$work/etc

quiet() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$*"; }; }
after_case() { :; }
clean_up_case() {
  rm -rf "$work"
  mkdir -p "$work/etc"
  echo "global { locking_dir = \"$work/lock\" }" >"$work/etc/lvm.conf"
}
clean_up_case

# A disk with a partition, a second one, and a striped volume over both that holds an ext4 with some files.
volume() {
  cd "$work"
  truncate -s 200M disk1
  truncate -s 100M disk2
  printf 'label: gpt\nstart=1MiB,size=8MiB\nstart=9MiB,size=150MiB\n' | sfdisk --quiet disk1
  images=(--image disk1@p2 --image disk2)
  quiet ashlar vgcreate vg0 disk1@p2 disk2 "${images[@]}"
  quiet ashlar lvcreate -i 2 -I 64k -L 64M -n data vg0 "${images[@]}"
  mkdir -p tree/deep
  head -c 3000000 /dev/urandom >tree/deep/noise
  echo hello >tree/file
  truncate -s 64M fs
  quiet mke2fs -q -t ext4 -d tree fs
}
# served COMMAND: runs it, with $uri, while nbdkit serves vg0/data. `options` are nbdkit's.
served() { nbdkit -U - "${options[@]}" "$plugin" vg=vg0 lv=data image=disk1@p2 image=disk2 --run "$1"; }

case_a_backup_that_is_asked_for_is_made_or_refused() {
  cd "$work"
  truncate -s 64M disk
  quiet ashlar vgcreate vg0 disk --image disk --config 'backup { backup = 0 }'
  [ ! -e etc/backup/vg0 ] || fail "the setting has no effect on changes"
  quiet ashlar vgcfgbackup vg0 --image disk --config 'backup { backup = 0 }'
  grep -q '^vg0 {' etc/backup/vg0 || fail "vgcfgbackup wrote nothing"
  # An empty name is no directory: nothing is read or kept anywhere.
  quiet env LVM_SYSTEM_DIR= "$ashlar_bin" vgchange --addtag t vg0 --image disk
  grep -q 'NOT backed up' said || fail "no word of it"
  refused 5 'Backing up' env LVM_SYSTEM_DIR= "$ashlar_bin" vgcfgbackup vg0 --image disk
}
case_nbdkit_serves_what_the_volume_holds() {
  volume
  options=()
  quiet ashlar lv import vg0/data fs "${images[@]}"
  same "$((64 << 20))" "$(served 'nbdinfo --size "$uri"')" size
  served 'nbdcopy "$uri" copy'
  cmp copy fs
  # Holes are told of, so that nobody reads them.
  [ "$(served 'nbdinfo --map --totals "$uri"' | awk '/hole,zero/ {print $1}')" -gt $((32 << 20)) ] || fail "no holes"
  options=(-r)
  served 'nbdinfo "$uri"' | grep -q 'is_read_only: true' || fail "-r"
  [ -z "$(ls "$work/lock")" ] || fail "locks are left"
}

case_nbdkit_writes_where_the_volume_lies_and_nowhere_else() {
  volume
  options=()
  cp --sparse=always disk1 before1
  cp --sparse=always disk2 before2
  served 'nbdcopy fs "$uri"'
  quiet ashlar lv export vg0/data copy "${images[@]}"
  cmp copy fs
  same hello "$(debugfs -R 'cat /file' copy 2>/dev/null)"
  # The same through `lv import` on the disks as they were gives the same disks.
  cp --sparse=always disk1 by1
  cp --sparse=always disk2 by2
  cp --sparse=always before1 disk1
  cp --sparse=always before2 disk2
  quiet ashlar lv import vg0/data fs "${images[@]}"
  cmp disk1 by1
  cmp disk2 by2
  quiet e2fsck -fn copy
}

case_nbdkit_says_why_it_cannot_serve() {
  volume
  options=()
  nbdkit -U - "$plugin" vg=vg0 --run true >"$work/said" 2>&1 && fail "without lv="
  grep -q 'vg=VG lv=LV' "$work/said" || fail "$(cat "$work/said")"
  nbdkit -U - "$plugin" vg=vg0 lv=none image=disk1@p2 image=disk2 --run 'nbdinfo "$uri"' >"$work/said" 2>&1 && fail "no such lv"
  grep -q 'none' "$work/said" || fail "$(cat "$work/said")"
  nbdkit -U - "$plugin" vg=vg0 lv=data image=disk2 --run 'nbdinfo "$uri"' >"$work/said" 2>&1 && fail "a PV is missing"
  grep -q 'missing' "$work/said" || fail "$(cat "$work/said")"
  # Before it serves anybody.
  while IFS='|' read -r words why; do
    # shellcheck disable=SC2086
    nbdkit -U - "$plugin" $words --run true >"$work/said" 2>&1 && fail "served: $words"
    grep -q -- "$why" "$work/said" || fail "$words: $(cat "$work/said")"
  done <<WORDS
|vg=VG lv=LV
vg=vg0 lv=none image=disk1@p2 image=disk2|none
vg=vg1 lv=data image=disk1@p2 image=disk2|"vg1" not found
vg=vg0 lv=data vg=vg1 image=disk1@p2|vg= is given twice
vg=vg0 lv=data lv=data image=disk1@p2|lv= is given twice
vg= lv=data image=disk1@p2|vg= has no value
vg=vg0 lv=data image=|image= has no value
vg=vg0 lv=data image=disk2 image=disk2@1m|overlap
vg=vg0 lv=data image=nowhere|nowhere
vg=vg0 lv=data disk=disk2|unknown parameter 'disk'
vg=vg0 lv=../data image=disk2|data
WORDS
  nbdkit --dump-plugin "$plugin" | grep -q '^name=ashlar$' || fail "--dump-plugin"
  nbdkit "$plugin" --help | grep -q 'image=<FILE>' || fail "--help"
}

case_a_served_volume_is_locked_as_long_as_somebody_uses_it() {
  volume
  options=()
  served 'nbdsh -u "$uri" -c "import subprocess; r = subprocess.run([\"'"$ashlar_bin"'\", \"lvextend\", \"-l\", \"+2\", \"vg0/data\", \"--config\", \"global/wait_for_locks=0\", \"--image\", \"disk1@p2\", \"--image\", \"disk2\"], capture_output=True, text=True); print(r.returncode, r.stderr)"' >"$work/out"
  grep -q '^5 .*lock' "$work/out" || fail "$(cat "$work/out")"
  quiet ashlar lvextend -l +2 vg0/data "${images[@]}"
}

# The first change of all must not be the only one that can be made.
case_an_ordinary_user_without_a_place_for_archives_is_told_so_at_once() {
  cd "$work"
  mkdir -p user
  cp "$ashlar_bin" user
  truncate -s 64M user/disk
  chmod 755 . user
  local as=()
  if [ "$(id -u)" -eq 0 ]; then
    chown -R nobody user
    as=(setpriv --reuid nobody --clear-groups --inh-caps=-all)
  fi
  as+=(env -u LVM_SYSTEM_DIR -u XDG_STATE_HOME HOME=/nowhere XDG_RUNTIME_DIR="$work/user/run" "$work/user/ashlar")
  local before
  before=$(sha256sum user/disk)
  for more in "" --json; do
    refused 5 'A n goes on without.*archive directory /nowhere.*XDG_STATE_HOME or .LVM_SYSTEM_DIR' "${as[@]}" vgcreate vg0 user/disk --image user/disk $more
    same "$before" "$(sha256sum user/disk)" "something was written"
  done
  quiet "${as[@]}" vgcreate -A n vg0 user/disk --image user/disk
  refused 5 'XDG_STATE_HOME or .LVM_SYSTEM_DIR' "${as[@]}" lvcreate -l 1 -n one vg0 --image user/disk
  quiet "${as[@]}" lvcreate -A n -l 1 -n one vg0 --image user/disk
  quiet "${as[@]}" lvs --image user/disk
  # Who may read it may plan, and who may not is told so.
  chmod 444 user/disk
  quiet "${as[@]}" lvcreate -l 1 -n two vg0 --image user/disk --plan
  quiet "${as[@]}" lvremove -y vg0/one --image user/disk --plan=json
  seq 100 >user/file
  quiet "${as[@]}" lv write vg0/one -f user/file --image user/disk --plan
  refused 5 'Cannot open user/disk for writing' "${as[@]}" lvcreate -A n -l 1 -n two vg0 --image user/disk
  chmod 000 user/disk
  [ "$(id -u)" -ne 0 ] || (cd user && "${as[@]}" why disk --image disk | grep -q 'Cannot open disk: Permission denied') || fail "why"
}
# The example of the documentation, as a user who may do nothing.
case_an_ordinary_user_builds_a_bootable_image() {
  cd "$work"
  mkdir -p user tree/etc tree/home/me esp/EFI/BOOT
  echo "root was here" >tree/etc/motd
  echo mine >tree/home/me/file
  echo loader >esp/EFI/BOOT/BOOTX64.EFI
  cp "$ashlar_bin" "$top/docs/examples/bootable-image.sh" user
  chmod 755 . user tree
  local as=()
  if [ "$(id -u)" -eq 0 ]; then
    chown -R nobody user
    as=(setpriv --reuid nobody --clear-groups --inh-caps=-all)
  fi
  for name in one two other; do
    sleep 1  # another second must make no difference
    mkdir -p "$work/user/$name"
    [ ${#as[@]} -eq 0 ] || chown nobody "$work/user/$name"
    (cd "user/$name" && quiet "${as[@]}" env -u LVM_SYSTEM_DIR XDG_STATE_HOME="$work/user/state" XDG_RUNTIME_DIR="$work/user/run" SOURCE_DATE_EPOCH=1700000000 ASHLAR="$work/user/ashlar" bash "$work/user/bootable-image.sh" disk.img "$work/tree" "$work/esp" "${name/two/one}")
  done
  cd user/one
  sfdisk --verify --quiet disk.img
  quiet ashlar vgck system --image disk.img@p2
  for volume in root home swap; do quiet ashlar lv export "system/$volume" "$volume" --image disk.img@p2; done
  same "root was here" "$(debugfs -R 'cat /etc/motd' root 2>/dev/null)"
  same mine "$(debugfs -R 'cat /me/file' home 2>/dev/null)"
  same swap "$(blkid -p -o value -s TYPE swap)"
  same loader "$(mtype -i disk.img@@1M ::/EFI/BOOT/BOOTX64.EFI)"
  quiet e2fsck -fn root
  quiet e2fsck -fn home
  cmp disk.img ../two/disk.img || fail "the second image is another one"
  ! cmp -s disk.img ../other/disk.img || fail "another seed gives the same image"
}

# As the XDG base directory specification has it.
case_relative_folders_of_an_ordinary_user_count_for_nothing() {
  local as=() home=$work/relative
  mkdir "$home"
  cp "$ashlar_bin" "$home/ashlar"
  if [ "$(id -u)" -eq 0 ]; then
    chown nobody "$home" "$work"
    as=(setpriv --reuid nobody --clear-groups --inh-caps=-all)
  fi
  cd "$home"
  quiet "${as[@]}" truncate -s 64M disk
  quiet "${as[@]}" env -u LVM_SYSTEM_DIR HOME="$home" XDG_STATE_HOME=state XDG_RUNTIME_DIR=run ./ashlar vgcreate vg0 disk --image disk
  [ ! -e state ] && [ ! -e run ] || fail "$(ls -d state run)"
  [ -f .local/state/ashlar/backup/vg0 ] || fail "$(find . -name vg0)"
}

run_cases "Disk images without root" "$@"
