#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records where lvm2's pvcreate puts the areas of a PV, as cases.txt beside this script.

    sudo ./make.py > cases.txt

Needs lvm2 (recorded with 2.03.16), loop devices and unshare(2). Nothing of the machine's own
configuration is used or changed: lvm2 gets a directory of its own and sees one loop device. The
I/O hints of a device are staged by mounting files over its queue/ files in sysfs, in a private
mount namespace.

A line is: SIZE | KEY=VALUE of the device | pvcreate's options | what the label says
"label" lists the label sector, the device size, the data area, metadata areas and bootloader area.
A restore file is written as "restore:KEY=VALUE,..."; settings as "config:NAME=VALUE".
"""
import ctypes
import os
import re
import struct
import subprocess
import sys
import tempfile

K, M = 1 << 10, 1 << 20
ID = "111111-1111-1111-1111-1111-1111-111111"

# On 128 MiB: the rows of docs/format.md 1.7 first; then alignments, metadata sizes, bootloader areas, label sectors,
# sizes said by the user, settings, restore files.
ON_128M = '''
-
--metadatasize 500k
--metadatasize 1020k
--metadatasize 1021k
--metadatasize 1024k
--metadatasize 2m
--dataalignment 8m
--dataalignment 64k
--dataalignment 64k --dataalignmentoffset 7k
--metadatasize 30k --dataalignment 4k
--metadatasize 64k --dataalignment 4k
--metadatacopies 0
--metadatacopies 2
--metadatacopies 2 --metadatasize 3m
--bootloaderareasize 3m
--bootloaderareasize 100k --metadatacopies 0
--labelsector 3
--setphysicalvolumesize 64m
--dataalignment 1m
--dataalignment 4k
--dataalignment 512b
--dataalignment 3k
--dataalignment 1023k
--dataalignment 5m
--dataalignment 100m
--dataalignment 127m
--dataalignment 128m
--dataalignment 129m
--dataalignment 0
--dataalignmentoffset 0
--dataalignmentoffset 512b
--dataalignmentoffset 1m
--dataalignmentoffset 1025k
--dataalignment 64k --dataalignmentoffset 64k
--dataalignment 64k --dataalignmentoffset 65k
--dataalignment 127m --dataalignmentoffset 2m
--dataalignment 8m --dataalignmentoffset 3584b --metadatacopies 0
--dataalignment 4k --metadatasize 100k --dataalignmentoffset 1k
--metadatacopies 2 --dataalignment 8m
--metadatacopies 2 --dataalignment 5m --dataalignmentoffset 1m
--metadatacopies 0 --dataalignment 64k
--metadatacopies 0 --dataalignment 4k
--metadatacopies 0 --dataalignment 512b
--metadatacopies 0 --dataalignment 3k --dataalignmentoffset 512b
--metadatasize 0
--metadatasize 1k
--metadatasize 16k --dataalignment 4k
--metadatasize 32k --dataalignment 512b
--metadatasize 33k --dataalignment 512b
--metadatasize 32769b --dataalignment 512b
--metadatasize 40k --dataalignment 3k
--metadatasize 100m
--metadatasize 126m
--metadatasize 127m
--metadatasize 128m
--metadatasize 200m
--metadatasize 130048k --dataalignment 4k
--metadatasize 125m --dataalignment 2m
--metadatasize 127m --dataalignment 64m
--metadatacopies 2 --metadatasize 63m
--metadatacopies 2 --metadatasize 64m
--metadatacopies 2 --metadatasize 100m
--metadatacopies 2 --metadatasize 127m
--metadatacopies 2 --metadatasize 200m
--metadatacopies 2 --metadatasize 30k --dataalignment 4k
--metadatacopies 2 --metadatasize 500k
--metadatacopies 2 --setphysicalvolumesize 64m
--metadatacopies 2 --setphysicalvolumesize 65537k
--metadatacopies 2 --dataalignment 64k --dataalignmentoffset 7k
--metadatacopies 1 --metadatasize 512b --dataalignment 4k
--metadatacopies 2 --metadatasize 131052k --dataalignment 512b
--metadatacopies 2 --metadatasize 131036k --dataalignment 512b
--metadatacopies 2 --metadatasize 131020k --dataalignment 512b
--metadatasize 200m --dataalignment 512b
--metadatasize 200m --dataalignment 3k
--metadatasize 200m --dataalignment 40m
--metadatasize 200m --dataalignment 70m
--metadatasize 200m --dataalignment 3m --dataalignmentoffset 1m
--metadatasize 127m --dataalignmentoffset 512k
--metadatasize 126m --dataalignmentoffset 512k
--metadatasize 126m --dataalignmentoffset 1m
config:devices/default_data_alignment=0 --metadatasize 100k
--bootloaderareasize 0
--bootloaderareasize 1k
--bootloaderareasize 1m --dataalignment 64k
--bootloaderareasize 100k --dataalignment 3k
--bootloaderareasize 3m --metadatacopies 2
--bootloaderareasize 3m --dataalignmentoffset 7k
--bootloaderareasize 3m --dataalignment 64k --dataalignmentoffset 7k
--bootloaderareasize 120m
--bootloaderareasize 126m
--bootloaderareasize 127m
--bootloaderareasize 128m
--bootloaderareasize 200m
--bootloaderareasize 2m --metadatasize 10m
--bootloaderareasize 100m --metadatasize 40m
--bootloaderareasize 100m --metadatasize 40m --metadatacopies 2
--bootloaderareasize 4m --metadatacopies 0 --dataalignmentoffset 512b
--labelsector 0
--labelsector 2
--labelsector 4
--labelsector 1 --metadatacopies 2
--setphysicalvolumesize 2m
--setphysicalvolumesize 1m
--setphysicalvolumesize 3m --metadatasize 2m
--setphysicalvolumesize 256m
--setphysicalvolumesize 256m --metadatacopies 2
--setphysicalvolumesize 0
--setphysicalvolumesize 100000s
config:devices/data_alignment=64
config:devices/data_alignment=4096
config:devices/data_alignment=64 --dataalignment 2m
config:devices/default_data_alignment=4
config:devices/default_data_alignment=0
config:metadata/pvmetadatasize=10000
config:metadata/pvmetadatacopies=2
restore:pe_start=2048,pe_count=31
restore:pe_start=384,pe_count=31
restore:pe_start=4096,pe_count=30
restore:pe_start=4096,pe_count=30 --metadatasize 500k
restore:pe_start=4096,pe_count=30 --metadatasize 5m
restore:pe_start=128,pe_count=31
restore:pe_start=64,pe_count=31
restore:pe_start=72,pe_count=31
restore:pe_start=32,pe_count=31
restore:pe_start=8,pe_count=31
restore:pe_start=9,pe_count=31 --metadatacopies 0
restore:pe_start=8,pe_count=31 --metadatacopies 0
restore:pe_start=0,pe_count=32 --metadatacopies 0
restore:pe_start=0,pe_count=32
restore:pe_start=1,pe_count=31
restore:pe_start=2055,pe_count=31
restore:pe_start=2048,pe_count=31 --metadatacopies 2
restore:pe_start=2048,pe_count=30 --metadatacopies 2
restore:pe_start=2048,pe_count=30 --metadatacopies 2 --metadatasize 10m
restore:pe_start=2048,pe_count=32
restore:pe_start=2048,pe_count=40
restore:pe_start=300000,pe_count=1
restore:pe_start=2048,pe_count=31 --dataalignment 8m
restore:pe_start=2048,pe_count=31 --dataalignmentoffset 7k
restore:pe_start=100,pe_count=31 --dataalignment 512b
restore:pe_start=2062,pe_count=31 --dataalignment 64k
restore:pe_start=8192,pe_count=30,ba_start=2048,ba_size=6144
restore:pe_start=8192,pe_count=30,ba_start=2048,ba_size=6144 --metadatasize 3m
restore:pe_start=8192,pe_count=30,ba_start=2048,ba_size=2048
restore:pe_start=8192,pe_count=30,ba_start=4096,ba_size=4096 --metadatacopies 2
restore:pe_start=8192,pe_count=30 --bootloaderareasize 2m
restore:pe_start=2048,pe_count=15 --setphysicalvolumesize 64m
restore:pe_start=2048,pe_count=31 --setphysicalvolumesize 64m
restore:pe_start=2048,pe_count=31 --labelsector 2
restore:pe_start=68,pe_count=31
restore:pe_start=71,pe_count=31
restore:pe_start=2,pe_count=31
restore:pe_start=16384,pe_count=29 --metadatasize 10m
restore:pe_start=16384,pe_count=29 --metadatasize 3500k
restore:pe_start=16384,pe_count=29,ba_start=8192,ba_size=8192
restore:pe_start=16384,pe_count=29,ba_start=8192,ba_size=8192 --metadatasize 10m
restore:pe_start=16384,pe_count=29,ba_start=64,ba_size=16320
restore:pe_start=4096,pe_count=29,ba_start=9000,ba_size=100
restore:pe_start=2055,pe_count=29 --metadatacopies 2
restore:pe_start=2100,pe_count=29 --metadatacopies 2 --dataalignment 512b
restore:pe_start=2055,pe_count=30 --metadatacopies 2 --metadatasize 10m
restore:pe_start=5000,pe_count=29 --metadatacopies 2 --dataalignment 512b --metadatasize 1m
restore:pe_start=2048,pe_count=31 config:metadata/pvmetadatasize=100
restore:pe_start=6000,pe_count=20 config:metadata/pvmetadatasize=100
restore:pe_start=5000,pe_count=29 --dataalignment 64k --dataalignmentoffset 4k --metadatasize 1m
restore:pe_start=8,pe_count=1 --metadatacopies 0 --dataalignmentoffset 1k
restore:pe_start=256000,pe_count=0
restore:pe_start=200,pe_count=31 --metadatasize 40k --dataalignment 4k
restore:pe_start=200,pe_count=31 --metadatasize 20k --dataalignment 4k
'''

# On each of these sizes.
ON_ODD_SIZES = '''
-
--metadatacopies 2
--metadatacopies 0
--dataalignment 64k --metadatacopies 2
--bootloaderareasize 1m
--metadatasize 2m
--dataalignment 2m
--metadatacopies 2 --bootloaderareasize 1m --metadatasize 100k --dataalignment 4k
'''

SIZES = (2 * M, 2 * M + 512, 3 * M, 3 * M + 3 * K + 512, 5 * M, 10 * M + 4 * K, 64 * M - 512, 1 << 30,
         (1 << 30) + 7 * K)

# On 64 MiB less a sector.
ON_CUT_64M = '''
--bootloaderareasize 63m
--bootloaderareasize 64000k
--bootloaderareasize 64000k --metadatacopies 2
--metadatasize 200m
--metadatasize 200m --metadatacopies 2
--metadatasize 200m --dataalignmentoffset 7k
--metadatasize 62m
--metadatasize 63m
--metadatasize 63m --dataalignment 3m
--metadatasize 50m --bootloaderareasize 30m
'''

# What the kernel says of a device, and the options tried on each.
HINTS = (
    {"minimum_io_size": 4096},
    {"minimum_io_size": 65536},
    {"minimum_io_size": 3072},
    {"optimal_io_size": 8388608},
    {"optimal_io_size": 3145728},
    {"optimal_io_size": 33553920},
    {"minimum_io_size": 786432, "optimal_io_size": 1572864},
    {"minimum_io_size": 2097152, "optimal_io_size": 4194304},
    {"minimum_io_size": 2097152, "optimal_io_size": 524288},
    {"alignment_offset": 3584},
    {"alignment_offset": -1},
    {"minimum_io_size": 65536, "alignment_offset": 3584},
    {"alignment_offset": 2097152},
    {"minimum_io_size": 4096, "logical_block_size": 4096},
)
WITH_HINTS = '''
-
--dataalignment 64k
--dataalignmentoffset 1k
--metadatacopies 2 --bootloaderareasize 1m
config:devices/data_alignment_detection=0
config:devices/data_alignment_offset_detection=0
'''


def options(block):
    return ["" if line == "-" else line for line in block.strip().splitlines()]


# (device size in bytes, what the kernel says of it, options)
CASES = [(128 * M, {}, o) for o in options(ON_128M)]
CASES += [(size, {}, o) for size in SIZES for o in options(ON_ODD_SIZES)]
CASES += [(64 * M - 512, {}, o) for o in options(ON_CUT_64M)]
CASES += [(1 * M, {}, ""), (2 * M - 512, {}, "")]
CASES += [(1 << 40, {}, "--metadatacopies 2"), (1 << 40, {}, "--metadatasize 16g")]
CASES += [(128 * M, hints, o) for hints in HINTS for o in options(WITH_HINTS)]


def run(*argv, check=True, **kw):
    r = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    if check and r.returncode != 0:
        raise RuntimeError(f"{argv}: {r.stdout}")
    return r


def restore_file(path, size, keys):
    keys = {"pe_start": 2048, "pe_count": 31, **keys}
    ba = f"ba_start = {keys['ba_start']}\nba_size = {keys['ba_size']}\n" if "ba_start" in keys else ""
    with open(path, "w") as f:
        f.write(f"""contents = "Text Format Volume Group"
version = 1
description = ""
creation_host = "host"
creation_time = 1
vg0 {{
id = "222222-2222-2222-2222-2222-2222-222222"
seqno = 1
format = "lvm2"
status = ["RESIZEABLE", "READ", "WRITE"]
flags = []
extent_size = 8192
max_lv = 0
max_pv = 0
metadata_copies = 0
physical_volumes {{
pv0 {{
id = "{ID}"
device = "/dev/x"
status = ["ALLOCATABLE"]
flags = []
dev_size = {size // 512}
pe_start = {keys['pe_start']}
pe_count = {keys['pe_count']}
{ba}}}
}}
}}
""")


def label(path):
    """The label of the device as text, or None."""
    with open(path, "rb") as f:
        first = f.read(2048)
    for n in range(4):
        sector = first[n * 512:(n + 1) * 512]
        if sector[:8] != b"LABELONE":
            continue
        size, = struct.unpack_from("<Q", sector, 64)
        at, lists = 72, []
        for skip in (0, 0, 8):  # version and flags stand before the bootloader areas
            at += skip
            areas = []
            while True:
                offset, length = struct.unpack_from("<QQ", sector, at)
                at += 16
                if offset == 0:
                    break
                areas.append(f"{offset}+{length}")
            lists.append(",".join(areas) or "-")
        return f"label {n} size {size} data {lists[0]} mda {lists[1]} ba {lists[2]}"
    return None


def hint_mounts(device, hints, tmp):
    base = "/sys/block/" + os.path.basename(device)
    for name, value in hints.items():
        if name == "logical_block_size":
            continue
        target = f"{base}/{name}" if name == "alignment_offset" else f"{base}/queue/{name}"
        source = os.path.join(tmp, name)
        with open(source, "w") as f:
            f.write(f"{value}\n")
        run("mount", "--bind", source, target)
        yield target


def one(tmp, size, hints, words):
    image = os.path.join(tmp, "image")
    with open(image, "wb") as f:
        f.truncate(size)
    block = ["-b", str(hints["logical_block_size"])] if "logical_block_size" in hints else []
    device = run("losetup", *block, "--find", "--show", image).stdout.strip()
    mounted = []
    try:
        mounted = list(hint_mounts(device, hints, tmp))
        config = [f'devices/filter=["a|^{device}$|","r|.*|"]']
        args = []
        for word in words.split():
            if word.startswith("config:"):
                config.append(word[len("config:"):])
            elif word.startswith("restore:"):
                file = os.path.join(tmp, "restore")
                restore_file(file, size, dict(p.split("=") for p in word[len("restore:"):].split(",")))
                args += ["--uuid", ID, "--restorefile", file]
            else:
                args.append(word)
        r = run("lvm", "pvcreate", "-y", "--config", " ".join(config), *args, device, check=False)
        found = label(device)
        if r.returncode == 0 and found:
            return found
        lines = [l.strip() for l in r.stdout.splitlines() if l.strip()]
        lines = [l for l in lines if not re.search(r"WARNING|device-mapper|leaked|mapper/control|suppress", l)]
        return "refused " + (lines[0] if lines else "without a word").replace(device, "DEV").replace(tmp + "/", "")
    finally:
        for target in mounted:
            run("umount", target)
        run("losetup", "-d", device)
        os.unlink(image)


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) != 0:  # CLONE_NEWNS
        sys.exit("cannot make a mount namespace: " + os.strerror(ctypes.get_errno()))
    run("mount", "--make-rprivate", "/")
    print("# Where lvm2's pvcreate puts the areas of a PV; made by make.py, which tells the form.")
    print("# " + run("lvm", "version", check=False).stdout.split("LVM version:")[1].splitlines()[0].strip())
    with tempfile.TemporaryDirectory(prefix="pv_layout.") as tmp:
        os.environ.update(LVM_SYSTEM_DIR=tmp, LVM_SUPPRESS_FD_WARNINGS="1", LC_ALL="C")
        with open(os.path.join(tmp, "lvm.conf"), "w") as f:
            f.write(f'global {{ activation=0 locking_dir="{tmp}/lock" }}\n'
                    'devices { hints="none" use_devicesfile=0 obtain_device_list_from_udev=0 }\n'
                    'backup { backup=0 archive=0 }\n')
        for size, hints, words in CASES:
            attributes = " ".join(f"{k}={v}" for k, v in hints.items()) or "-"
            print(f"{size} | {attributes} | {words or '-'} | {one(tmp, size, hints, words)}", flush=True)


main()
