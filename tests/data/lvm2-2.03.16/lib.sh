# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Sourced by the scripts beside it: a private lvm2 on disks of its own, and keep(), which saves what it wrote.
#
# keep NAME [DISK] saves the VG vg0 as
#   NAME.vg   what `vgcfgbackup -f` writes
#   NAME.raw  of the disk (default: the first in use): the label sectors (2048 bytes), the mda_header (512 bytes at
#             4096), the committed text with its NUL
set -euo pipefail
[[ $(uname -n) == ashlar-vm ]] || { # it removes all device-mapper devices
    echo "to be run by make.sh, in a VM" >&2
    exit 1
}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${OUT:-$here}
work=$(mktemp -d /tmp/golden.XXXXXX)
disks=()

finish() {
    local disk
    lvm vgchange -an vg0 >/dev/null 2>&1 || true
    for disk in "${disks[@]}"; do losetup -d "$disk" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

export LVM_SYSTEM_DIR=$work LVM_SUPPRESS_FD_WARNINGS=1 LC_ALL=C TZ=UTC
mkdir -p "$work/profile"
cd "$work"

# configure ACTIVATION [MORE...]: an lvm.conf that sees our disks alone
configure() {
    local activation=$1 disk
    shift
    {
        printf 'global { activation=%s locking_dir="%s/lock" use_lvmpolld=0 }\n' "$activation" "$work"
        printf 'devices { hints="none" use_devicesfile=0 filter=['
        for disk in "${disks[@]}"; do printf '"a|^%s$|",' "$disk"; done
        printf '"r|.*|"] }\nbackup { backup=0 archive=0 }\nactivation { monitoring=0 }\n'
        printf 'config { profile_dir="%s/profile" }\n' "$work"
        printf '%s\n' "$@"
    } >"$work/lvm.conf"
}

# disk SIZE: one more loop device
disk() {
    local image=$work/${#disks[@]}.img
    truncate -s "$1" "$image"
    disks+=("$(losetup --find --show "$image")")
}

# fresh: the disks as new, and nothing on them active: udev may have activated what it saw
fresh() {
    local disk
    udevadm settle
    dmsetup remove_all --force --retry
    for disk in "${disks[@]}"; do dd if=/dev/zero of="$disk" bs=1M count=4 conv=fsync status=none; done
    udevadm settle
}

quietly() {
    "$@" >"$work/log" 2>&1 || {
        printf '%s\n' "failed: $*" >&2
        cat "$work/log" >&2
        return 1
    }
}

number() { # FILE OFFSET BYTES
    od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

raw() { # DISK: what keep() saves of it
    local disk=$1 start=4096 size offset length rest
    dd if="$disk" bs=2048 count=1 status=none
    dd if="$disk" bs=512 skip=8 count=1 status=none
    size=$(number "$disk" $((start + 32)) 8)
    offset=$(number "$disk" $((start + 40)) 8)
    length=$(number "$disk" $((start + 48)) 8)
    rest=$((offset + length > size ? offset + length - size : 0))
    dd if="$disk" iflag=skip_bytes,count_bytes skip=$((start + offset)) count=$((length - rest)) status=none
    dd if="$disk" iflag=skip_bytes,count_bytes skip=$((start + 512)) count=$rest status=none
}

keep() {
    local disk=${2:-}
    if [[ -z $disk ]]; then # the first one whose metadata area is in use
        disk=0
        while (($(number "${disks[disk]}" $((4096 + 60)) 4) == 1)); do disk=$((disk + 1)); done
    fi
    quietly lvm vgcfgbackup -f "$1.vg" "${@:3}" vg0
    install -m 644 "$1.vg" "$out"
    raw "${disks[disk]}" >"$out/$1.raw"
}
