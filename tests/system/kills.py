#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random commands of real processes on image files, killed at random moments. After each: the VGs are the old ones, or to the
last word what the same command makes of a copy of the same disks when nothing stops it; readers do not complain of
anything that the next change does not mend, and no lock is left standing in the way. Half of the steps have no io_uring.
KILLS and SEED lengthen or repeat a run; UNHARMED=N: N commands that nobody kills, for a program under valgrind."""
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Failure, Rig, main, need, without_io_uring

KILLS = int(os.environ.get("KILLS", "500"))
UNHARMED = int(os.environ.get("UNHARMED", "0"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))


WITH_METADATA = 2 << 20  # of each image; what lies behind it is data
ID = re.compile(r'"(\w{6}(?:-\w{4}){5}-\w{6})"')


def facts(rig):
    """Of every VG its seqno, and all else that the metadata say."""
    found = {}
    for vg in rig.must("vgs --noheadings -o vg_name").split():
        text = rig.text_of(vg)
        need(text is not None, f"VG {vg} cannot be read")
        lines = text.splitlines()
        seqno = next(int(line.split("=")[1]) for line in lines if line.strip().startswith("seqno ="))
        found[vg] = seqno, [line for line in lines if "seqno =" not in line]
    return found


def told_apart(found, known):
    """Facts for comparison of two runs: what is drawn by chance, the ids of new things, by its place alone; no times."""
    new = {}

    def name(match):
        return match.group() if match.group(1) in known else f"new {new.setdefault(match.group(1), len(new))}"
    return {vg: [ID.sub(name, line) for line in lines if "creation_time" not in line] for vg, (_, lines) in sorted(found.items())}


def ids_of(found):
    return {match for _, lines in found.values() for line in lines for match in ID.findall(line)}


class Kills:
    def __init__(self, rig, twin, rng):
        self.rig, self.twin, self.rng = rig, twin, rng
        self.counts = {"kills": 0, "old": 0, "new": 0, "done": 0, "refused": 0}
        self.serial = 0
        rig.must("vgcreate -s 1m vg0 DISK0 DISK1")
        rig.must("pvcreate DISK2")
        self.tagged = False
        self.before = facts(rig)

    def came_to(self):
        """How many steps there were of those that are asked for."""
        return self.counts["done"] if UNHARMED else self.counts["kills"]

    def keep(self):
        """The disks as they are, for the twin."""
        self.kept = []
        for image in self.rig.images:
            with open(image, "rb") as f:
                self.kept.append(f.read(WITH_METADATA))

    def to_its_end(self, line):
        """What the command makes of the disks as they were kept, when nothing stops it."""
        for image, start in zip(self.twin.images, self.kept):
            with open(image, "r+b") as f:
                f.write(start)
        done = self.twin.run(line)
        need(done.returncode == 0, f"of a copy of the disks it says: {done.stderr}")
        return facts(self.twin)

    def command(self):
        self.serial += 1
        name = f"lv{self.rng.randrange(9)}"
        return self.rng.choice([
            f"lvcreate -l {self.rng.randrange(1, 4)} -n {name} vg0", f"lvcreate -i 2 -l 2 -n {name} vg0",
            f"lvremove -f vg0/{name}", f"lvextend -l +1 vg0/{name}", f"lvreduce -y -l -1 vg0/{name}",
            f"lvrename vg0 {name} lv{self.rng.randrange(6, 9)}", f"lvchange --addtag t{self.serial} vg0/{name}",
            f"vgchange --addtag v{self.rng.randrange(9)} vg0", f"vgchange --deltag v{self.rng.randrange(9)} vg0",
            "vgextend vg0 DISK2", "vgreduce vg0 DISK2", "lvremove -f vg0", "vgsplit vg0 vg1 DISK1", "vgmerge vg0 vg1", "pvchange -u DISK1",
        ])

    def start(self, line, length):
        """A process that is killed: when some time has gone by, or with its n-th write, flush, link or rename."""
        sent = self.rng.choice(["KILL", "KILL", "KILL", "INT", "TERM"])
        prefix = []
        if UNHARMED == 0 and self.rng.random() < 0.7:
            calls = "io_uring_enter,pwrite64,fdatasync,fsync,linkat,renameat,renameat2,unlinkat"
            prefix = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=SIG{sent}:when={self.rng.randrange(1, 25)}"]
        process = subprocess.Popen([*prefix, *self.rig.argv(line)], env=self.rig.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if UNHARMED == 0 and not prefix:
            time.sleep(self.rng.random() * length)
            for _ in range(2 if sent == "INT" else 1):
                process.send_signal(getattr(signal, "SIG" + sent))
        return process, sent

    def step(self, length):
        line = self.command()
        self.keep()
        process, sent = self.start(line, length)
        _, said = process.communicate(timeout=120)
        before, after = self.before, facts(self.rig)
        where = f"SEED={SEED}: {line}, SIG{sent}: "
        for vg in before.keys() & after.keys():
            need(after[vg][0] >= before[vg][0], f"{where}an older VG {vg} came to light")
        changed = before != after
        if changed:
            try:
                wanted, known = self.to_its_end(line), ids_of(before)
                need(told_apart(after, known) == told_apart(wanted, known), f"the VGs are neither the old ones nor the new ones: {after}\nwanted: {wanted}")
                need({vg: seqno for vg, (seqno, _) in after.items()} == {vg: seqno for vg, (seqno, _) in wanted.items()}, "another seqno than without the signal")
            except Failure as failure:
                raise Failure(where + str(failure)) from None
        if process.returncode < 0:
            self.counts["kills"] += 1
            self.counts["new" if changed else "old"] += 1
        else:
            self.counts["done" if process.returncode == 0 else "refused"] += 1
            need(process.returncode in (0, 3, 5), f"{where}status {process.returncode}: {said}")
            need(process.returncode == 0 or not changed, f"{where}refused, but done: {said}")
        self.tagged = not self.tagged
        for vg in after:
            healed = self.rig.run(f"vgchange --{'add' if self.tagged else 'del'}tag healed {vg}")
            need(healed.returncode == 0, where + "the next change fails: " + healed.stderr)
        clean = self.rig.run("vgs")
        left = "which it left" in clean.stderr
        need(clean.returncode == 0 and (not clean.stderr or left), f"{where}the next change does not heal: {clean.stderr}")
        if "DISK2" in line and "vg" not in self.rig.run("pvs --noheadings -o vg_name DISK2").stdout:
            self.rig.run("pvcreate -ff -y DISK2")
        self.before = facts(self.rig)


def run():
    rng = random.Random(SEED)
    print(f"kills: SEED={SEED}", flush=True)
    wrong = []
    if UNHARMED:
        without_io_uring()  # valgrind does not see what the kernel reads for it
    with Rig(images=3, mib=32) as rig, Rig(images=3, mib=32) as twin:
        kills = Kills(rig, twin, rng)
        began = time.monotonic()
        for _ in range(10):
            rig.run("vgchange --addtag w --deltag w vg0")
        length = (time.monotonic() - began) / 10
        kills.before = facts(rig)

        def some(ring):
            """Until some of them are killed; in a thread of its own, which is how long io_uring is taken away."""
            try:
                if not ring:
                    without_io_uring()
                enough = min(kills.came_to() + 25, UNHARMED or KILLS)
                while kills.came_to() < enough:
                    kills.step(length)
            except Exception as e:  # of any kind: it is told by the main thread
                wrong.append(e)

        ring = False
        while kills.came_to() < (UNHARMED or KILLS) and not wrong:
            thread = threading.Thread(target=some, args=(ring,))
            thread.start()
            thread.join()
            ring = not ring
        if wrong:
            raise wrong[0]
        need(UNHARMED or KILLS < 100 or min(kills.counts["old"], kills.counts["new"]) > 0, "all were killed on the same side of the commit")
        print("kills: {kills} killed, {old} of them before the commit and {new} after; {done} came to their end first, {refused} were refused"
              .format(**kills.counts))


if __name__ == "__main__":
    main(run)
