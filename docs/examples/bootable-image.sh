#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds a disk image as a machine boots from: a GPT, an EFI system partition, and an LVM partition with volumes for root,
# home and swap, filled with files. No root, no loop device, no device-mapper; it runs in a container as anybody.
#
#   docs/examples/bootable-image.sh IMAGE ROOT_TREE [ESP_TREE [SEED]]
#
# IMAGE is made anew. ROOT_TREE is what becomes of /, its home folder goes to the volume for home; ESP_TREE is copied to the
# EFI system partition. Needs sfdisk, mkfs.vfat, mcopy, mke2fs 1.43, debugfs and mkswap. With SOURCE_DATE_EPOCH in the
# environment the same trees give the same bytes each time: every id is drawn from SEED, and every time that is not a file's own is
# that one. Only IMAGE's own name is in it too, in the volume group's metadata. Two images that one machine is to see at once need
# two seeds.
set -euo pipefail

image=${1:?IMAGE} tree=${2:?ROOT_TREE} esp=${3:-} seed=${4:-bootable-image}
ashlar=${ASHLAR:-ashlar}
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)} TZ=UTC
export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH  # the clock of mke2fs and debugfs

# An id of something, the same for the same seed.
id_of() { printf '%s %s' "$seed" "$1" | sha256sum | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/'; }

# The table: 64 MiB for the firmware, the rest for LVM.
rm -f "$image"
truncate -s 1G "$image"
sfdisk --quiet "$image" <<TABLE
label: gpt
label-id: $(id_of table)
start=1MiB, size=64MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=$(id_of esp), name=esp
start=65MiB, size=958MiB, type=E6D6D379-F507-44C2-A23C-238F2A3DF928, uuid=$(id_of lvm), name=lvm
TABLE

# The EFI system partition: made beside the image, then put into it.
truncate -s 64M "$work/esp"
mkfs.vfat --invariant -F 32 -i "$(id_of vfat | cut -c -8)" -n ESP "$work/esp" >/dev/null
[ -z "$esp" ] || mcopy -s -m -i "$work/esp" "$esp"/* ::
dd if="$work/esp" of="$image" bs=1M seek=1 conv=notrunc,sparse status=none

# The volume group, in partition 2 of the image.
lvm=(--image "$image@p2" --uuid-seed "$seed")
"$ashlar" vgcreate system "$image@p2" "${lvm[@]}"
"$ashlar" lvcreate -L 512M -n root system "${lvm[@]}"
"$ashlar" lvcreate -L 256M -n home system "${lvm[@]}"
"$ashlar" lvcreate -L 128M -n swap system "${lvm[@]}"

# Each volume's content is made in a sparse file and copied to where the volume lies.
truncate -s 512M "$work/root"
truncate -s 256M "$work/home"
truncate -s 128M "$work/swap"
mkdir -p "$work/tree" "$work/tree-home"
cp -a "$tree/." "$work/tree/"
if [ -d "$work/tree/home" ]; then
  cp -a "$work/tree/home/." "$work/tree-home/"
  find "$work/tree/home" -mindepth 1 -delete
  touch -r "$tree/home" "$work/tree/home"
fi
# mke2fs copies a file's times, of which access and change say when this script ran.
make_ext4() {
  mke2fs -q -t ext4 -L "$1" -U "$(id_of "$1")" -E hash_seed="$(id_of "$1 names")" -d "$2" "$work/$1"
  local inodes
  inodes=$(dumpe2fs -h "$work/$1" 2>/dev/null | awk -F: '/^Inode count/ {all = $2} /^Free inodes/ {free = $2} END {print all - free}')
  for inode in 2 $(seq 11 "$inodes"); do
    for time in atime ctime; do printf 'sif <%s> %s @%s\nsif <%s> %s_extra 0\n' "$inode" $time "$SOURCE_DATE_EPOCH" "$inode" $time; done
  done >"$work/times"
  debugfs -w -f "$work/times" "$work/$1" >/dev/null 2>&1
}
make_ext4 root "$work/tree"
make_ext4 home "$work/tree-home"
chmod 600 "$work/swap"
mkswap --quiet -L swap -U "$(id_of swap)" "$work/swap"
for volume in root home swap; do "$ashlar" lv import "system/$volume" "$work/$volume" "${lvm[@]}"; done

"$ashlar" lvs -o lv_name,lv_size,devices "${lvm[@]}"
