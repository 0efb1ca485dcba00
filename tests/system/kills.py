#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random commands of real processes on image files, killed at random moments. After each: the VG is the old one or what
the command makes of it, readers do not complain of anything that the next change does not mend, and no lock is left
standing in the way. KILLS and SEED lengthen or repeat a run."""
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Rig, main, need

KILLS = int(os.environ.get("KILLS", "500"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))


class Kills:
    def __init__(self, rig, rng):
        self.rig, self.rng = rig, rng
        self.counts = {"kills": 0, "old": 0, "new": 0, "done": 0, "refused": 0}
        self.serial = 0
        rig.must("vgcreate -s 1m vg0 DISK0 DISK1")
        rig.must("pvcreate DISK2")

    def facts(self):
        done = self.rig.run("vgs --noheadings --separator : -o vg_seqno,vg_tags,pv_count,lv_count,vg_free_count vg0")
        lvs = self.rig.run("lvs --noheadings --separator : -o lv_name,lv_size,lv_permissions,seg_pe_ranges,lv_tags vg0")
        need(done.returncode == 0, f"vgs: {done.stderr}")
        need(lvs.returncode == 0, f"lvs: {lvs.stderr}")
        return done.stdout.split(), sorted(lvs.stdout.split())

    def command(self):
        self.serial += 1
        name = f"lv{self.rng.randrange(6)}"
        return self.rng.choice([
            f"lvcreate -l {self.rng.randrange(1, 4)} -n {name} vg0", f"lvcreate -i 2 -l 2 -n {name} vg0",
            f"lvremove -f vg0/{name}", f"lvextend -l +1 vg0/{name}", f"lvreduce -y -l -1 vg0/{name}",
            f"lvrename vg0 {name} lv{self.rng.randrange(6)}", f"lvchange --addtag t{self.serial} vg0/{name}",
            f"vgchange --addtag v{self.rng.randrange(9)} vg0", f"vgchange --deltag v{self.rng.randrange(9)} vg0",
            "vgextend vg0 DISK2", "vgreduce vg0 DISK2", "lvremove -f vg0",
        ])

    def step(self, length):
        before = self.facts()
        line = self.command()
        process = subprocess.Popen(self.rig.argv(line), env=self.rig.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(self.rng.random() * length)
        sent = self.rng.choice([9, 9, 9, 2, 15])
        process.send_signal(sent)
        if sent == 2:
            process.send_signal(2)
        _, said = process.communicate(timeout=60)
        killed = process.returncode < 0
        after = self.facts()
        where = f"SEED={SEED}: {line}, signal {sent}: "
        seqno = int(after[0][0].split(":")[0]) - int(before[0][0].split(":")[0])
        if killed:
            self.counts["kills"] += 1
            need(seqno >= 0, where + "an older VG came to light")
            if seqno == 0:
                self.counts["old"] += 1
                need(before == after, f"{where}the VG is neither old nor new: {before} {after}")
            else:
                self.counts["new"] += 1
                # Removing all LVs is one change; so is every other.
                need(seqno == 1, f"{where}{seqno} changes of one command: {before} {after}")
        else:
            self.counts["done" if process.returncode == 0 else "refused"] += 1
            need(process.returncode in (0, 5), f"{where}status {process.returncode}: {said}")
            if process.returncode == 5:
                need(before[1] == after[1], f"{where}refused, but done: {said}")
        healed = self.rig.run("vgchange --addtag h --deltag h vg0" if self.rng.random() < 0.5 else "vgchange --addtag h vg0")
        need(healed.returncode == 0, where + "the next change fails: " + healed.stderr)
        self.rig.run("vgchange --deltag h vg0")
        clean = self.rig.run("vgs vg0")
        left = "which it left" in clean.stderr
        need(clean.returncode == 0 and (not clean.stderr or left), f"{where}the next change does not heal: {clean.stderr}")
        if left or self.rig.run("pvs DISK2").stdout.count("vg0") == 0:
            self.rig.run("pvcreate -ff -y DISK2")


def run():
    rng = random.Random(SEED)
    print(f"kills: SEED={SEED}", flush=True)
    with Rig(images=3, mib=32) as rig:
        kills = Kills(rig, rng)
        began = time.monotonic()
        for _ in range(10):
            rig.run("vgchange --addtag w --deltag w vg0")
        length = (time.monotonic() - began) / 10
        while kills.counts["kills"] < KILLS:
            kills.step(length)
        print("kills: {kills} killed, {old} of them before the commit and {new} after; {done} came to their end first, {refused} were refused"
              .format(**kills.counts))


if __name__ == "__main__":
    main(run)
