#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Replays the log that dm-log-writes made of PVs lying side by side on one device, and loses power at every write.

usage: log_writes.py LOG ASHLAR NAME... > figures

LOG: the log's device. Each NAME is a PV; the n-th begins at n * PV_SIZE. Marks in the log end a change each, the first one
ends the preparation. After every crash `lvs` must show what it showed before the change or what it shows after it, and warn of
nothing but copies that are behind. Lines of stdin: what `lvs` showed on the real devices after each change; the replay must come to the same.

The format of the log: the kernel's Documentation/admin-guide/device-mapper/log-writes.rst and dm-log-writes.c's header.
"""
import hashlib
import itertools
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

SECTOR = 512
PV_SIZE = 16 << 20
HEAD = 1 << 20  # the metadata of a PV lie below this
MAGIC, VERSION = 0x6A736677736872, 1
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
MOST_SUBSETS = 1 << 5
STALE = r"  WARNING: metadata area \d of \S+ has seqno \d+ of VG \S+, seqno \d+ rules"
COLUMNS = "vg_name,vg_seqno,vg_tags,pv_count,lv_name,lv_tags,seg_pe_ranges"


def entries(log):
    """(flags, offset, bytes) of each write, mark and flush, in the order in which they became durable."""
    magic, version, count, sector_size = struct.unpack("<QQQI", log.read(28))
    if (magic, version) != (MAGIC, VERSION):
        sys.exit("log_writes.py: this is no log of dm-log-writes")
    log.seek(sector_size)
    for _ in range(count):
        head = log.read(sector_size)
        at, sectors, flags, length = struct.unpack("<QQQQ", head[:32])
        if flags & MARK:
            yield flags, 0, head[32:32 + length]
            continue
        data = b"" if flags & DISCARD else log.read(sectors * sector_size)
        yield flags, at * SECTOR, data


def changes(log):
    """Lists of writes (offset, bytes) and flushes (None), one list a mark."""
    change = []
    for flags, offset, data in entries(log):
        if flags & MARK:
            if data == b"dm-log-writes-end":  # the kernel's own, when the device is removed
                return
            yield data.decode(), change
            change = []
            continue
        if flags & FLUSH:
            change.append(None)
        if data:
            change.append((offset, data))
        if data and flags & FUA:
            change.append(None)


class Disks:
    """The metadata of the PVs as files that have their names, for Ashlar to read."""

    def __init__(self, ashlar, names, folder):
        self.ashlar, self.files, self.folder = ashlar, [os.path.join(folder, name) for name in names], folder
        self.state = [bytearray(HEAD) for _ in names]
        self.written = [bytes(HEAD) for _ in names]
        self.shown = {}
        for path in self.files:
            with open(path, "wb") as f:
                f.truncate(PV_SIZE)

    def shows(self, writes):
        """What lvs says once these are on the disks too; the same disks are asked once."""
        heads = [bytes(head) for head in with_writes(self.state, writes)]
        key = tuple(hashlib.sha1(head).digest() for head in heads)
        if key in self.shown:
            return self.shown[key]
        for n, head in enumerate(heads):
            if head != self.written[n]:
                with open(self.files[n], "r+b") as f:
                    f.write(head)
        self.written = heads
        command = [self.ashlar, "lvs", "--noheadings", "--segments", "-o", COLUMNS, "--devices", ",".join(self.files)]
        run = subprocess.run(command, capture_output=True, text=True)
        warnings = [line for line in run.stderr.splitlines() if not re.fullmatch(STALE, line)]
        if run.returncode != 0 or warnings:
            answer = f"status {run.returncode}: {warnings}"
        else:
            answer = "\n".join(sorted(" ".join(line.split()) for line in run.stdout.replace(self.folder + "/", "").splitlines()))
        self.shown[key] = answer
        return answer


def with_writes(state, writes):
    """Copies of the PVs' heads that these touch, and the others themselves."""
    state, own = list(state), set()
    for offset, data in writes:
        n, within = divmod(offset, PV_SIZE)
        if within + len(data) > HEAD:
            continue
        if n not in own:
            state[n] = bytearray(state[n])
            own.add(n)
        state[n][within:within + len(data)] = data
    return state


def crashes(change, rng):
    """Lists of what is on the disks: cut after each write; each write torn; of what no flush followed any part lost."""
    durable, loose = [], []
    for step in change:
        if step is None:
            durable, loose = durable + loose, []
            continue
        offset, data = step
        for cut in range(SECTOR, len(data), SECTOR):
            yield durable + loose + [(offset, data[:cut])]
        loose = loose + [step]
        if len(loose) <= 5:
            subsets = [list(itertools.compress(loose, bits)) for bits in itertools.product([0, 1], repeat=len(loose))]
        else:
            subsets = [[w for w in loose if rng.random() < 0.5] for _ in range(MOST_SUBSETS)] + [loose]
        for subset in subsets:
            yield durable + subset


def check_order(name, change):
    """Headers of metadata areas are written after a flush of what they point to, and flushed themselves."""
    text = header = False
    for step in change:
        if step is None:
            text = header = False
            continue
        within = step[0] % PV_SIZE
        if within >= HEAD:
            continue
        if within < 4096:
            continue  # the label
        if within == 4096 and len(step[1]) == SECTOR:
            if text:
                return f"{name}: a header was written before the text it points to was flushed"
            header = True
        else:
            if header:
                return f"{name}: a text was written before the header was flushed"
            text = True
    return f"{name}: the end was not flushed" if text or header else None


def main():
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"log-writes: SEED={seed}", flush=True)
    rng = random.Random(seed)
    ashlar, names = sys.argv[2], sys.argv[3:]
    truths = sys.stdin.read().split("\n\n")
    states = cuts = orders = 0
    wrong = []
    with tempfile.TemporaryDirectory(dir="/run") as folder, open(sys.argv[1], "rb") as log:
        disks = Disks(ashlar, names, folder)
        for n, (name, change) in enumerate(changes(log)):
            old = disks.shows([]) if n else ""
            writes = [w for w in change if w]
            new = disks.shows(writes)
            truth = "\n".join(sorted(" ".join(line.split()) for line in truths[n].splitlines())).replace("/dev/mapper/", "")
            if new != truth:
                wrong.append(f"{name}: the log comes to\n{new}\nand the devices to\n{truth}")
            if n:
                orders += 1
                if fault := check_order(name, change):
                    wrong.append(fault)
                for on_disk in crashes([w for w in change if w is None or w[0] % PV_SIZE < HEAD], rng):
                    cuts += 1
                    shown = disks.shows(on_disk)
                    if shown not in (old, new):
                        wrong.append(f"{name}: after {len(on_disk)} writes lvs shows\n{shown}\nneither\n{old}\nnor\n{new}")
            disks.state = with_writes(disks.state, writes)
        states = len(disks.shown)
    for each in wrong[:5]:
        print(each, file=sys.stderr)
    print(f"log-writes: {orders} changes, {cuts} crashes, {states} different states of the disks, {len(wrong)} wrong")
    sys.exit(1 if wrong or orders + 1 != len(truths) else 0)


if __name__ == "__main__":
    main()
