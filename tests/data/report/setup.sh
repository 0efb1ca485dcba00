#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The disks that the recorded reports show: five VGs of all kinds and PVs of none. Runs inside tools/vm; see make.sh.
set -euo pipefail

for module in dm-mod dm-snapshot dm-mirror dm-raid raid1 raid456 dm-thin-pool dm-cache dm-cache-smq loop; do modprobe "$module"; done

# loopN is disk N of so many MiB.
disk() {
  truncate -s "${2}M" "$work/disk$1"
  [[ -b /dev/loop$1 ]] || mknod "/dev/loop$1" b 7 "$1"
  losetup "/dev/loop$1" "$work/disk$1"
}
pv() {  # N MiB [pvcreate options]
  disk "$1" "$2"
  local id
  id=$(printf '%06d-0000-0000-0000-0000-0000-pv0000' "$1")
  pvcreate -q --uuid "$id" --norestorefile "${@:3}" "/dev/loop$1"
}

pv 0 128
pv 1 128 --metadatacopies 2
pv 2 256 --metadatacopies 0
pv 3 64 --bootloaderareasize 1m
vgcreate -q vg0 /dev/loop0 /dev/loop1 /dev/loop2 /dev/loop3
pvchange -q -xn /dev/loop3
pvchange -q --addtag slow --addtag a_tag /dev/loop2
vgchange -q --addtag main --addtag "k=v" vg0
lvcreate -q -y -n root -l 5 vg0 /dev/loop0
lvcreate -q -y -n swap -l 2 -C y --addtag zz --addtag aa vg0 /dev/loop0
lvextend -q -l +4 vg0/root /dev/loop0 /dev/loop1
lvcreate -q -y -n data -i 2 -I 64k -l 10 vg0 /dev/loop1 /dev/loop2
lvcreate -q -y -n wide -i 3 -I 8k -l 6 -p r vg0
lvextend -q -i 1 -l +3 vg0/wide /dev/loop2
lvcreate -q -y -n skipped -l 1 -k y --setautoactivation n vg0
lvcreate -q -y -n fixed -l 1 -M y --major 252 --minor 200 -r none vg0
lvcreate -q -y -n with-dash -l 1 --alloc anywhere -r 512k vg0
lvcreate -q -y -n off -l 1 vg0
lvchange -q -an vg0/off

for n in 4 5 6 7; do pv "$n" 256; done
vgcreate -q -s 1m mix /dev/loop4 /dev/loop5 /dev/loop6 /dev/loop7
lvcreate -q -y --type thin-pool -L 16m -n pool mix
lvcreate -q -y -V 32m -T mix/pool -n thin
lvcreate -q -y -s -n thinsnap mix/thin
lvcreate -q -y --type thin-pool -L 8m -n unused mix
lvcreate -q -y -L 8m -n org mix
lvcreate -q -y -s -L 4m -n snap mix/org
lvcreate -q -y -s -L 4m -n snapro -p r mix/org
lvcreate -q -y --type raid1 -m 1 -L 8m -n r1 mix
lvcreate -q -y --type raid5 -i 2 -L 8m -n r5 mix
lvcreate -q -y --type raid0 -i 2 -L 8m -n r0 mix
lvcreate -q -y --type raid10 -i 2 -m 1 -L 8m -n r10 mix
lvcreate -q -y --type mirror -m 1 --mirrorlog disk -L 8m -n mdisk mix
lvcreate -q -y --type mirror -m 1 --mirrorlog core --nosync -L 8m -n mcore mix
lvcreate -q -y --type error -L 4m -n bad mix
lvcreate -q -y --type zero -L 4m -n zeros mix
lvcreate -q -y -L 16m -n slow mix
lvcreate -q -y --type cache-pool -L 8m -n cpool mix
lvconvert -q -y --type cache --cachepool mix/cpool mix/slow
lvcreate -q -y --type cache-pool -L 8m -n spare mix
lvcreate -q -y -L 16m -n slow2 mix
lvcreate -q -y -L 16m -n fast mix
lvconvert -q -y --type cache --cachevol mix/fast mix/slow2
lvcreate -q -y --type snapshot -V 64m -L 4m -n sparse mix

lvcreate -q -y --type raid1 -m 1 -L 4m -n roff mix
lvchange -q -an mix/roff
lvcreate -q -y --type mirror -m 1 --mirrorlog core -L 4m -n moff mix
lvchange -q -an mix/moff
lvcreate -q -y -L 4m -n soff mix
lvcreate -q -y -s -L 4m -n soffsnap mix/soff
lvchange -q -an mix/soff
# Slow enough that it is still moving when its state is recorded.
echo 1 >/sys/module/dm_mirror/parameters/raid1_resync_throttle
lvcreate -q -y -L 64m -n moving mix /dev/loop5
pvmove -q -b -i 600 -n moving /dev/loop5 /dev/loop6

pv 8 32
vgcreate -q --alloc cling -l 10 -p 4 exp /dev/loop8
lvcreate -q -y -l 2 -n vol exp
vgchange -q -an exp
vgexport -q exp

pv 9 32
pv 10 32
vgcreate -q part /dev/loop9 /dev/loop10
lvcreate -q -y -l 2 -n whole part /dev/loop9
lvcreate -q -y -l 2 -n broken part /dev/loop10
lvcreate -q -y -l 4 -i 2 -n half part
vgchange -q -an part

pv 11 32
vgcreate -q --setautoactivation n empty /dev/loop11

pv 12 64 --bootloaderareasize 1m
pv 13 32 --metadataignore y
pv 14 32 --metadatacopies 0
udevadm settle
losetup -d /dev/loop10

# States of a device that lvm2 alone does not leave behind.
dmsetup table vg0-swap | dmsetup load vg0-swap
dmsetup suspend vg0-data
dmsetup table vg0-with--dash | dmsetup load --readonly vg0-with--dash
dmsetup resume vg0-with--dash
