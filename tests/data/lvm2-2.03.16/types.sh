#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# VGs with LVs of the types that need a device-mapper to be made. Run by make.sh, in a VM. See lib.sh for what is kept.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

for driver in snapshot mirror thin-pool cache cache-smq writecache integrity zero raid; do modprobe dm-$driver; done
for _ in 1 2 3 4 5 6; do disk 200M; done
configure 1 'metadata { record_lvs_history=1 }' 'global { support_mirrored_mirror_log=1 }' \
    'allocation { mirror_logs_require_separate_pvs=0 }'

# start PVS: vg0 of extents of 1 MiB on so many PVs
start() {
    lvm vgremove -ff -y vg0 >/dev/null 2>&1 || true
    fresh
    quietly lvm vgcreate -y -s 1m vg0 "${disks[@]:0:$1}"
}
new() { quietly lvm lvcreate -y "$@"; }
change() { quietly lvm lvchange -y "$@"; }
convert() { quietly lvm lvconvert -y "$@"; }

start 1
new -n org -l 4 vg0
new -s -n snap -l 2 vg0/org
new -s -n rosnap -pr -c 16k -l 2 vg0/org
new -n later -l 1 vg0
new -s --type snapshot -n sparse --virtualsize 8m -l 2 vg0
keep snapshot
exec 8<>/dev/vg0/org
convert --merge vg0/snap
keep snapshot-merging
exec 8>&-

start 4
new --type mirror -m 1 -n log -l 2 vg0
new --type mirror -m 2 --mirrorlog core --nosync -R 512k -n core -l 2 vg0
new --type mirror -m 1 --mirrorlog mirrored -n both -l 2 vg0
new --type mirror -m 1 -i 2 -n stripes -l 2 vg0
keep mirror

start 6
new --type raid0 -i 2 -n r0 -l 4 vg0
new --type raid0_meta -i 3 -I 128k -n r0m -l 6 vg0
new --type raid1 -m 2 -n r1 -l 2 --minrecoveryrate 100k --maxrecoveryrate 1m vg0
new --type raid10 -i 2 -m 1 -n r10 -l 4 vg0
change --writemostly "${disks[0]}" --writebehind 256 vg0/r1
keep raid-0-1-10
start 6
new --type raid4 -i 2 -n r4 -l 4 vg0
new --type raid5 -i 3 -I 16k -n r5 -l 3 vg0
new --type raid5_n -i 2 -n r5n -l 2 vg0
new --type raid6 -i 3 -n r6 -l 3 vg0
new --type raid6_nc -i 4 -n r6nc -l 4 vg0
keep raid-4-5-6

start 4
new --type raid1 -m 1 -n ri -l 4 --raidintegrity y vg0
new --type raid1 -m 2 -n split -l 2 vg0
sleep 2
convert --splitmirrors 1 --trackchanges vg0/split
keep raid-integrity

# A reshape has its own keys and flags while it runs.
start 5
new --type raid5 -i 2 -n rs -l 40 vg0
for _ in $(seq 60); do
    [[ $(lvm lvs --noheadings -o sync_percent vg0/rs 2>/dev/null) == *100.00* ]] && break
    sleep 1
done
change --maxrecoveryrate 1k vg0/rs
convert --stripes 3 vg0/rs
keep raid-reshape

start 3
new --type thin-pool -l 16 -n tp --poolmetadatasize 4m vg0
new -V 100m --thinpool tp -n t1 vg0
new -s -n t2 vg0/t1
new -s -n t3 vg0/t2
new -an -n ext -pr -l 2 -Zn vg0
new -s --thinpool tp -n fromext vg0/ext
change --discards nopassdown --errorwhenfull y vg0/tp
quietly lvm lvremove -y vg0/t2
keep thin
new --type thin-pool -l 8 -Zn --discards ignore -c 192k -n other vg0
quietly lvm lvremove -y vg0/t1
keep thin-history

start 3
new --type cache-pool -l 8 -n spare vg0
new --type cache-pool -l 8 -n cp vg0
new -n org -l 10 vg0
new -n org2 -l 10 vg0
new -n org3 -l 10 vg0
new -n fast -l 9 vg0
new -n pool1 -l 8 vg0
convert --type cache --cachepool cp --cachemode writeback vg0/org
convert --type cache --cachevol fast --cachesettings 'migration_threshold=4096' vg0/org2
convert --type cache --cachepool pool1 --cachemetadataformat 1 --cachepolicy mq \
    --cachesettings 'random_threshold=4 sequential_threshold=512' vg0/org3
keep cache
change --cachepolicy cleaner vg0/org
keep cache-cleaner

start 3
new -n org -l 10 vg0
new -an -Zn -n wc -l 4 vg0
writecache_settings='high_watermark=60 low_watermark=40 writeback_jobs=8 autocommit_blocks=100 autocommit_time=1000'
convert --type writecache --cachevol wc --cachesettings "$writecache_settings" vg0/org
new -n plain -l 4 vg0
new -an -Zn -n wc2 -l 4 vg0
convert --type writecache --cachevol wc2 vg0/plain
keep writecache

start 1
new --type error -n bad -l 2 vg0
new --type zero -n nothing -l 3 vg0
keep error-zero

start 3
new -n moved -l 60 vg0 "${disks[0]}"
new -n other -l 3 vg0 "${disks[0]}"
lvm pvmove -i 600 "${disks[0]}" >/dev/null 2>&1 &
for _ in $(seq 50); do
    lvm lvs -a vg0 2>/dev/null | grep -q pvmove0 && break
    sleep 0.2
done
sleep 1
keep pvmove 1
kill %1
