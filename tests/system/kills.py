#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random commands of real processes on image files, killed at random moments. After each: the VG is the old one or what
the command makes of it, readers do not complain of anything that the next change does not mend, and no lock is left
standing in the way. KILLS and SEED lengthen or repeat a run."""
import os
import random
import signal
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
        self.tagged = False
        self.before = self.facts()

    def facts(self):
        """Seqno, and all else that the metadata says."""
        text = self.rig.text_of("vg0")
        need(text is not None, f"SEED={SEED}: the VG cannot be read")
        lines = text.splitlines()
        seqno = next(int(line.split("=")[1]) for line in lines if line.strip().startswith("seqno ="))
        return seqno, [line for line in lines if "seqno =" not in line]

    def command(self):
        self.serial += 1
        name = f"lv{self.rng.randrange(9)}"
        return self.rng.choice([
            f"lvcreate -l {self.rng.randrange(1, 4)} -n {name} vg0", f"lvcreate -i 2 -l 2 -n {name} vg0",
            f"lvremove -f vg0/{name}", f"lvextend -l +1 vg0/{name}", f"lvreduce -y -l -1 vg0/{name}",
            f"lvrename vg0 {name} lv{self.rng.randrange(6, 9)}", f"lvchange --addtag t{self.serial} vg0/{name}",
            f"vgchange --addtag v{self.rng.randrange(9)} vg0", f"vgchange --deltag v{self.rng.randrange(9)} vg0",
            "vgextend vg0 DISK2", "vgreduce vg0 DISK2", "lvremove -f vg0",
        ])

    def start(self, line, length):
        """A process that is killed: when some time has gone by, or with its n-th write, flush, link or rename."""
        sent = self.rng.choice(["KILL", "KILL", "KILL", "INT", "TERM"])
        prefix = []
        if self.rng.random() < 0.7:
            calls = "pwrite64,fdatasync,fsync,linkat,renameat,renameat2,unlinkat"
            prefix = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=SIG{sent}:when={self.rng.randrange(1, 25)}"]
        process = subprocess.Popen([*prefix, *self.rig.argv(line)], env=self.rig.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if not prefix:
            time.sleep(self.rng.random() * length)
            for _ in range(2 if sent == "INT" else 1):
                process.send_signal(getattr(signal, "SIG" + sent))
        return process, sent

    def step(self, length):
        line = self.command()
        process, sent = self.start(line, length)
        _, said = process.communicate(timeout=60)
        before, after = self.before, self.facts()
        where = f"SEED={SEED}: {line}, SIG{sent}: "
        changes = after[0] - before[0]
        need(changes >= 0, where + "an older VG came to light")
        need(changes > 0 or before == after, f"{where}the VG is neither old nor new")
        if process.returncode < 0:
            self.counts["kills"] += 1
            self.counts["new" if changes else "old"] += 1
            need(changes <= 1, f"{where}{changes} changes of one command")
        else:
            self.counts["done" if process.returncode == 0 else "refused"] += 1
            need(process.returncode in (0, 3, 5), f"{where}status {process.returncode}: {said}")
            need(process.returncode == 0 or before == after, f"{where}refused, but done: {said}")
        self.tagged = not self.tagged
        healed = self.rig.run(f"vgchange --{'add' if self.tagged else 'del'}tag healed vg0")
        need(healed.returncode == 0, where + "the next change fails: " + healed.stderr)
        clean = self.rig.run("vgs vg0")
        left = "which it left" in clean.stderr
        need(clean.returncode == 0 and (not clean.stderr or left), f"{where}the next change does not heal: {clean.stderr}")
        if "DISK2" in line and "vg0" not in self.rig.run("pvs DISK2").stdout:
            self.rig.run("pvcreate -ff -y DISK2")
        self.before = self.facts()


def run():
    rng = random.Random(SEED)
    print(f"kills: SEED={SEED}", flush=True)
    with Rig(images=3, mib=32) as rig:
        kills = Kills(rig, rng)
        began = time.monotonic()
        for _ in range(10):
            rig.run("vgchange --addtag w --deltag w vg0")
        length = (time.monotonic() - began) / 10
        kills.before = kills.facts()
        while kills.counts["kills"] < KILLS:
            kills.step(length)
        print("kills: {kills} killed, {old} of them before the commit and {new} after; {done} came to their end first, {refused} were refused"
              .format(**kills.counts))


if __name__ == "__main__":
    main(run)
