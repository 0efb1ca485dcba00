#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many processes at once on four VGs, half of them Debian's lvm2: each makes, changes and removes LVs of its own, so
that the end is the same in whatever order the commands came, and every success must be seen in it. Readers run all the
time: none may complain, none may see a VG that is half one state and half another. Needs root for loop devices.
WRITERS, COMMANDS and SEED change a run."""
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Failure, Rig, main, need

WRITERS = int(os.environ.get("WRITERS", "16"))
COMMANDS = int(os.environ.get("COMMANDS", "100"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
DEADLINE = 120  # seconds for one command: a deadlock, not a slow machine
VGS = 4


class Writer(threading.Thread):
    """What its own LVs and tags must be in the end: one process after the other, so nobody else changes them."""

    def __init__(self, rig, number):
        super().__init__()
        self.rig, self.number = rig, number
        self.rng = random.Random(SEED * 1000 + number)
        self.program = "lvm" if number % 2 else "ashlar"
        self.lvs = {}   # (vg, name) -> extents
        self.tags = {}  # vg -> set
        self.changed, self.refused, self.error = 0, 0, None

    def run(self):
        try:
            for _ in range(COMMANDS):
                self.step()
        except Exception as error:  # told by the main thread
            self.error = f"SEED={SEED}: writer {self.number} ({self.program}): {error}"

    def step(self):
        vg = f"vg{self.rng.randrange(VGS)}"
        mine = sorted(key for key in self.lvs if key[0] == vg)
        wipe = " -Wn" if self.program == "lvm" else ""
        what = self.rng.randrange(6)
        if what <= 1 or not mine:
            name = f"w{self.number}x{self.rng.randrange(1000)}"
            size = self.rng.randrange(1, 4)
            if (vg, name) in self.lvs:
                return
            self.do(f"lvcreate -y -an -Zn{wipe} -l {size} -n {name} {vg}", lambda: self.lvs.update({(vg, name): size}))
        elif what == 2:
            key = self.rng.choice(mine)
            self.do(f"lvremove -f {key[0]}/{key[1]}", lambda: self.lvs.pop(key))
        elif what == 3:
            key = self.rng.choice(mine)
            self.do(f"lvextend -l +1 {key[0]}/{key[1]}", lambda: self.lvs.update({key: self.lvs[key] + 1}))
        elif what == 4:
            key, name = self.rng.choice(mine), f"w{self.number}y{self.rng.randrange(1000)}"
            if (vg, name) in self.lvs:
                return
            self.do(f"lvrename {vg} {key[1]} {name}", lambda: self.lvs.update({(vg, name): self.lvs.pop(key)}))
        else:
            tag = f"t{self.number}x{self.rng.randrange(4)}"
            have = self.tags.setdefault(vg, set())
            if tag in have:
                self.do(f"vgchange --deltag {tag} {vg}", lambda: have.remove(tag))
            else:
                self.do(f"vgchange --addtag {tag} {vg}", lambda: have.add(tag))

    def do(self, line, then):
        done = self.rig.run(line, self.program, timeout=DEADLINE)
        if done.returncode == 0:
            then()
            self.changed += 1
            return
        need(done.returncode == 5 and ("free" in done.stderr or "Insufficient" in done.stderr), f"{line}: status {done.returncode}: {done.stderr}")
        self.refused += 1  # the VG is full


class Reader(threading.Thread):
    def __init__(self, rig, stop, number):
        super().__init__()
        self.rig, self.stop, self.number = rig, stop, number
        self.read, self.error = 0, None

    def run(self):
        while not self.stop.is_set() and self.error is None:
            done = self.rig.run("lvs -a --reportformat json -o vg_name,vg_seqno,lv_count,vg_extent_count,vg_free_count,lv_name,seg_size_pe --segments", timeout=DEADLINE)
            # It may wait for a writer whom it met in the middle, and say for whom.
            said = [line for line in done.stderr.splitlines() if not line.strip().startswith("Waiting for the lock")]
            if done.returncode != 0 or said:
                self.error = f"SEED={SEED}: a reader complains: status {done.returncode}: {done.stderr}"
                return
            self.look(json.loads(done.stdout)["report"][0]["seg"])
            self.read += 1

    def look(self, rows):
        """Counts of each VG agree with its rows, and with one another."""
        for vg in {row["vg_name"] for row in rows}:
            mine = [row for row in rows if row["vg_name"] == vg]
            used = sum(int(row["seg_size_pe"]) for row in mine)
            first = mine[0]
            if (len({row["vg_seqno"] for row in mine}) != 1 or int(first["lv_count"]) != len({row["lv_name"] for row in mine})
                    or int(first["vg_extent_count"]) - int(first["vg_free_count"]) != used):
                self.error = f"SEED={SEED}: a reader saw a mixture: {mine}"


def check_end(rig, writers):
    """Both programs see what all writers together left, and nothing else."""
    lvs, tags = {}, {f"vg{i}": set() for i in range(VGS)}
    for writer in writers:
        lvs.update(writer.lvs)
        for vg, some in writer.tags.items():
            tags[vg] |= some
    for program in ("ashlar", "lvm"):
        rows = rig.must("lvs --noheadings --units s --nosuffix --separator : -o vg_name,lv_name,lv_size", program).split()
        seen = {}
        for row in rows:
            vg, name, size = row.split(":")
            seen[(vg, name)] = int(size) // 2048
        missing, extra = set(lvs) - set(seen), set(seen) - set(lvs)
        need(not missing and not extra, f"SEED={SEED}: {program}: LVs lost {sorted(missing)}, too many {sorted(extra)}")
        need(seen == lvs, f"SEED={SEED}: {program}: sizes differ: {[(k, v, lvs[k]) for k, v in seen.items() if v != lvs[k]]}")
        for row in rig.must("vgs --noheadings --separator : -o vg_name,vg_tags", program).split():
            vg, some = row.split(":")
            need(set(filter(None, some.split(","))) == tags[vg], f"SEED={SEED}: {program}: tags of {vg}: {some}, not {sorted(tags[vg])}")
    for i in range(VGS):
        rig.must(f"vgck vg{i}", "lvm")
    need(not os.listdir(f"{rig.dir}/lock"), f"lock files are left: {os.listdir(f'{rig.dir}/lock')}")


def run():
    print(f"many: SEED={SEED}", flush=True)
    began = time.monotonic()
    with Rig(images=2 * VGS, mib=256, loops=True) as rig:
        for i in range(VGS):
            rig.must(f"vgcreate -s 1m vg{i} DISK{2 * i} DISK{2 * i + 1}")
        stop = threading.Event()
        writers = [Writer(rig, n) for n in range(WRITERS)]
        readers = [Reader(rig, stop, n) for n in range(2)]
        for thread in writers + readers:
            thread.start()
        for writer in writers:
            writer.join()
        stop.set()
        for reader in readers:
            reader.join()
        for thread in writers + readers:
            if thread.error:
                raise Failure(thread.error)
        check_end(rig, writers)
        print(f"many: {WRITERS} writers made {sum(w.changed for w in writers)} changes ({sum(w.refused for w in writers)} refused for want of "
              f"space), {sum(r.read for r in readers)} reads beside them, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(run)
