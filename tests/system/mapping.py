#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads an LV's bytes from its PVs by a model of the mapping that knows nothing of Ashlar: the text of vgcfgbackup.

usage: mapping.py BACKUP LV PVID=DEVICE... > bytes
"""
import re
import sys

SECTOR = 512


def section(text, name):
    """The text between the braces of `name { ... }`."""
    start = re.search(r"(?m)^\s*" + re.escape(name) + r" \{", text).end()
    depth, at = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[start:at - 1]


def number(text, key):
    return int(re.search(r"(?m)^\s*" + key + r" = (\d+)", text).group(1))


def main():
    backup, lv, devices = open(sys.argv[1]).read(), sys.argv[2], dict(a.split("=") for a in sys.argv[3:])
    extent = number(backup, "extent_size")
    pvs = {}
    for name in re.findall(r"(?m)^\s*(pv\d+) \{", section(backup, "physical_volumes")):
        pv = section(section(backup, "physical_volumes"), name)
        pvs[name] = (open(devices[re.search(r'id = "(.*?)"', pv).group(1)], "rb"), number(pv, "pe_start"))
    text = section(section(backup, "logical_volumes"), lv)
    out = sys.stdout.buffer
    for n in range(1, number(text, "segment_count") + 1):
        segment = section(text, f"segment{n}")
        stripes = [(pvs[p], int(first)) for p, first in re.findall(r'"(pv\d+)", (\d+)', segment)]
        length = number(segment, "extent_count") * extent
        chunk = number(segment, "stripe_size") if len(stripes) > 1 else length
        for at in range(0, length, chunk):
            row, column = divmod(at // chunk, len(stripes))
            (device, pe_start), first = stripes[column]
            device.seek((pe_start + first * extent + row * chunk) * SECTOR)
            out.write(device.read(min(chunk, length - at) * SECTOR))


main()
