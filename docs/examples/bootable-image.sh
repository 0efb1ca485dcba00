#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds a disk image as a machine boots from: a GPT, an EFI system partition, and an LVM partition with volumes for root,
# home and swap, filled with files. No root, no loop device, no device-mapper; it runs in a container as anybody.
#
#   docs/examples/bootable-image.sh IMAGE ROOT_TREE [ESP_TREE [SEED]]
#
# IMAGE is made anew. ROOT_TREE is what becomes of /, its home folder goes to the volume for home; ESP_TREE is copied to the
# EFI system partition. Needs sfdisk, mkfs.vfat, mcopy, mke2fs 1.43 and mkswap. With SOURCE_DATE_EPOCH in the environment
# the volume group has the same bytes each time, whatever IMAGE is called: its ids are drawn from SEED. Two images that one
# machine is to see at once need two seeds.
set -euo pipefail

image=${1:?IMAGE} tree=${2:?ROOT_TREE} esp=${3:-} seed=${4:-bootable-image}
ashlar=${ASHLAR:-ashlar}
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The table: 64 MiB for the firmware, the rest for LVM.
rm -f "$image"
truncate -s 1G "$image"
sfdisk --quiet "$image" <<'TABLE'
label: gpt
label-id: 6E1C1B53-3F9C-4A0E-9C1B-0B8B0A9F0001
start=1MiB, size=64MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=6E1C1B53-3F9C-4A0E-9C1B-0B8B0A9F0002, name=esp
start=65MiB, size=958MiB, type=E6D6D379-F507-44C2-A23C-238F2A3DF928, uuid=6E1C1B53-3F9C-4A0E-9C1B-0B8B0A9F0003, name=lvm
TABLE

# The EFI system partition: made beside the image, then put into it.
truncate -s 64M "$work/esp"
mkfs.vfat -F 32 -i 0A5B1A12 -n ESP "$work/esp" >/dev/null
[ -z "$esp" ] || mcopy -s -i "$work/esp" "$esp"/* ::
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
fi
mke2fs -q -t ext4 -L root -d "$work/tree" "$work/root"
mke2fs -q -t ext4 -L home -d "$work/tree-home" "$work/home"
chmod 600 "$work/swap"
mkswap --quiet -L swap "$work/swap"
for volume in root home swap; do "$ashlar" lv import "system/$volume" "$work/$volume" "${lvm[@]}"; done

"$ashlar" lvs -o lv_name,lv_size,devices "${lvm[@]}"
