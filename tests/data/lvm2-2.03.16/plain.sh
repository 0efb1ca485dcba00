#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# VGs of linear and striped LVs with every attribute, made without activating anything; and the places in the ring of
# many texts that follow one another. Run by make.sh, in a VM. See lib.sh for what is kept.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

new() { lvm lvcreate -an -Zn -Wn -y "$@"; }

for _ in 0 1 2 3; do disk 128M; done
d0=${disks[0]} d1=${disks[1]} d2=${disks[2]} d3=${disks[3]}
configure 0

fresh
quietly lvm vgcreate vg0 "$d0"
keep empty

fresh
quietly lvm vgcreate vg0 "$d0" "$d1" "$d2"
quietly new -n a -l 5 vg0
quietly new -n b -l 3 vg0
quietly lvm lvextend -l +4 vg0/a
quietly lvm lvextend -l +20 vg0/b "$d1" "$d2:0-5"
keep linear

quietly new -i 3 -l 9 -n s vg0
quietly new -i 2 -I 4k -l 2 -n t vg0 "$d1" "$d2"
quietly lvm lvextend -i 1 -l +2 vg0/s
quietly lvm lvextend -i 2 -I 32k -l +2 vg0/s "$d0" "$d1"
quietly lvm lvremove -y vg0/a
keep striped 2

fresh
quietly lvm vgcreate --addtag a --addtag b vg0 "$d0" "$d1"
quietly lvm pvchange --addtag 'host=x:/&#!' --addtag rack.1+2 "$d1"
quietly new -n l -l 1 --addtag one --addtag two --addtag three vg0
quietly new -n 0+a_b.c-d -l 1 vg0
keep tags

fresh
quietly lvm vgcreate --setautoactivation n --alloc cling -l 10 -p 5 vg0 "$d0" "$d1" "$d2"
quietly new -pr -l 1 -n readonly --alloc contiguous vg0
quietly new -ky -l 1 -n skip --setautoactivation n vg0
quietly new -My --major 253 --minor 77 -l 1 -n fixed vg0
quietly new -l 1 -r 128 -n ahead --alloc anywhere vg0
quietly new -l 1 -r none -n noahead --alloc normal vg0
quietly new -l 1 -r auto -n auto --alloc cling vg0
quietly lvm lvchange -r 256 vg0/skip
quietly lvm pvchange -xn "$d1"
keep flags

for alloc in contiguous normal anywhere; do
    quietly lvm vgchange --alloc $alloc vg0
    keep alloc-$alloc
done
quietly lvm vgchange --vgmetadatacopies 2 vg0
keep copies-2
quietly lvm vgchange --vgmetadatacopies all vg0
keep copies-all
quietly lvm vgchange --vgmetadatacopies unmanaged vg0
quietly lvm pvchange --metadataignore y "$d0"
keep ignored 0

fresh
quietly lvm pvcreate --bootloaderareasize 3m "$d0"
quietly lvm pvcreate --metadatacopies 2 --dataalignment 64k --dataalignmentoffset 7k "$d1"
quietly lvm pvcreate --metadatacopies 0 "$d2"
quietly lvm vgcreate -s 128k vg0 "$d0" "$d1" "$d2"
quietly new -n l -l 700 vg0
keep bootloader
keep two-areas 1

fresh
quietly lvm vgcreate vg0 "$d0" "$d1"
quietly new -n l -l 3 vg0
quietly lvm vgexport vg0
keep exported

fresh
configure 0 'global { system_id_source="lvmlocal" }' 'local { system_id="host-1.example" }'
quietly lvm vgcreate vg0 "$d0"
quietly new -n rw -l 1 vg0
quietly new -n ro -pr -l 1 vg0
keep system-id
quietly lvm vgchange -y --systemid other vg0
keep foreign-id 0 --foreign
configure 0

fresh
quietly lvm vgcreate vg0 "$d0" "$d1" "$d2"
quietly new -n l -l 40 vg0
disks=("$d0" "$d1" "$d3")
configure 0
quietly lvm vgchange --addtag t vg0
keep missing
disks=("$d0" "$d1" "$d2" "$d3")
configure 0

# Command lines with what must be escaped, and a text long enough for several ring sectors.
fresh
quietly lvm vgcreate --config 'log { prefix = "a \"quoted\" \\ prefix" }' vg0 "$d0"
keep quoted

fresh
printf 'allocation { thin_pool_chunk_size = 128 }\n' >"$work/profile/mine.profile"
quietly lvm vgcreate --metadataprofile mine vg0 "$d0" 2>/dev/null || quietly lvm vgcreate --profile mine vg0 "$d0"
quietly lvm vgchange --metadataprofile mine vg0
quietly new -n l -l 1 vg0
quietly lvm lvchange --metadataprofile mine vg0/l
keep profile

# Dates with an offset from UTC, in summer.
fresh
export TZ=CET-1CEST,M3.5.0,M10.5.0/3
quietly lvm vgcreate vg0 "$d0"
quietly lvm lvcreate -an -Zn -Wn -n l -l 1 vg0
keep berlin
export TZ=UTC

# With a devices file the text says how a device is recognised.
fresh
mkdir -p "$work/devices"
configure 0 'devices { use_devicesfile=1 }'
sed -i 's/use_devicesfile=0 //; s/filter=.*\]/filter=["a|.*|"]/' "$work/lvm.conf"
for d in "$d0" "$d1"; do quietly lvm lvmdevices -y --adddev "$d"; done
quietly lvm pvcreate "$d0" "$d1"
quietly lvm vgcreate vg0 "$d0" "$d1"
keep devices-file
configure 0

# Sizes whose comments round: %g has six digits.
fresh
saved=("${disks[@]}")
for size in 100M 1025M 1100000768 1536M 10G 12345678K 1T 1234567892K 2000G 3T; do
    disk "$size"
done
configure 0
quietly lvm vgcreate -s 4m vg0 "${disks[@]:4}"
quietly new -n s1 -l 1 vg0
quietly new -n s2 -l 257 vg0
quietly new -n s3 -l 1000 vg0
quietly new -n s4 -l 300000 vg0
quietly new -n s5 -l 1000001 vg0
keep sizes 4
quietly lvm vgremove -y vg0
fresh
quietly lvm vgcreate -s 17g vg0 "${disks[6]}" "${disks[9]}" "${disks[13]}"
quietly new -n l -l 100 vg0
keep huge-extents 6
quietly lvm vgremove -y vg0
fresh
quietly lvm vgcreate -s 1k vg0 "${disks[4]}"
quietly new -n l -l 3 vg0
keep small-extents 4
for d in "${disks[@]:4}"; do losetup -d "$d"; done
disks=("${saved[@]}")
configure 0

# Where lvm2 put each of many texts in an area of 32 KiB, and in one that is not a whole number of pages.
ring() { # NAME METADATASIZE
    local n tag
    fresh
    quietly lvm pvcreate --metadatasize "$2" --dataalignment 512b "$d0"
    quietly lvm vgcreate vg0 "$d0"
    printf '# offset and size of each committed text on an area of %s bytes\n' "$(number "$d0" 4128 8)" >"$out/$1.txt"
    for n in $(seq 1 "$3"); do
        printf '%s %s\n' "$(number "$d0" 4136 8)" "$(number "$d0" 4144 8)" >>"$out/$1.txt"
        if ((n % 17 == 16)); then
            quietly lvm lvremove -y vg0
        elif ((n % 10 == 4)); then
            tag=$(printf 'x%.0s' $(seq 1 $((n % 9 * 120 + 1))))
            quietly lvm vgchange --addtag "$tag" vg0
        elif ((n % 10 == 9)); then
            quietly lvm vgchange --deltag "$tag" vg0
        else
            quietly new -l 1 -n "lv$n" vg0
        fi
    done
}
ring ring-32k 32k 120
ring ring-41k 41984b 60

