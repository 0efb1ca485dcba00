#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One devices file for lvm2 and Ashlar: they take turns, names in it go stale, and then many of both change it at once.
After each step both see the same. Needs root for loop devices. STEPS and SEED change a run."""
import os
import random
import re
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Rig, main, need

STEPS = int(os.environ.get("STEPS", "60"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
PROGRAMS = ("lvm", "ashlar")
DISKS = 8


def use_file(rig):
    conf = os.path.join(rig.etc, "lvm.conf")
    with open(conf) as f:
        text = f.read().replace("use_devicesfile = 0", "use_devicesfile = 1")
    with open(conf, "w") as f:
        f.write(text)
    return os.path.join(rig.etc, "devices", "system.devices")


def compare(rig, after):
    """What each of the two says of the file and of what lies on the devices."""
    for line in ("lvmdevices", "lvmdevices --check", "pvs --noheadings -o pv_name,vg_name,pv_uuid", "vgs --noheadings -o vg_name,pv_count", "lvmdevices"):
        said = [rig.run(line, program) for program in PROGRAMS]
        # Rows that the order does not tell apart, as two [unknown] ones, come by VG: in lvm2 by the order of ids.
        rows = [sorted(each.stdout.splitlines()) for each in said]
        need(said[0].returncode == said[1].returncode and rows[0] == rows[1],
             f"SEED={SEED}: after {after}: {line}: lvm2 {said[0].returncode}\n{said[0].stdout}{said[0].stderr}ashlar {said[1].returncode}\n{said[1].stdout}{said[1].stderr}")


def read(path):
    if not os.path.exists(path):
        return None
    with open(path) as f:
        return f.read()


def by_plan(rig, line, path):
    """A plan of it writes nothing; applied it does what the line does."""
    before = read(path)
    plan = rig.run(line + " --plan=json", "ashlar")
    need(read(path) == before, f"SEED={SEED}: {line} --plan=json writes the file")
    if plan.returncode == 0:
        saved = os.path.join(rig.etc, "plan")
        with open(saved, "w") as f:
            f.write(plan.stdout)
        rig.must(f"apply -y {saved}", "ashlar")


def step(rig, rng, path):
    disk = f"DISK{rng.randrange(DISKS)}"
    vg = f"vg{rng.randrange(2)}"
    line = rng.choice([f"pvcreate -y {disk}", f"pvremove {disk}", f"vgcreate {vg} {disk}", f"vgextend {vg} {disk}", f"vgreduce {vg} {disk}",
                       f"vgremove -y {vg}", f"lvmdevices --adddev {disk}", f"lvmdevices --deldev {disk}", "lvmdevices --update",
                       f"vgimportdevices {vg}", f"pvchange -u {disk}", "stale"])
    if line == "stale" and os.path.exists(path):
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(re.sub(r"DEVNAME=/dev/loop\S+", "DEVNAME=/dev/loop9999", text, count=1))
    elif line.startswith(("lvmdevices", "vgimportdevices")) and rng.random() < 0.4:
        by_plan(rig, line, path)
    elif line != "stale":
        rig.run(line, rng.choice(PROGRAMS))  # may be refused: both must agree on what is so then
    return line


def take_turns():
    rng = random.Random(SEED)
    with Rig(images=DISKS, loops=True) as rig:
        path = use_file(rig)
        rig.must("pvcreate DISK0", PROGRAMS[SEED % 2])  # makes the file
        need(os.path.exists(path), "the first PV makes the devices file")
        compare(rig, "the first PV")
        for _ in range(STEPS):
            compare(rig, step(rig, rng, path))
        # A VG may have lost a PV whose line was taken out of the file: both must say so then.
        done = [rig.run("vgck", program) for program in PROGRAMS]
        need(done[0].returncode == done[1].returncode, f"SEED={SEED}: vgck: lvm2 {done[0].stderr}ashlar {done[1].stderr}")


def all_at_once():
    with Rig(images=DISKS, loops=True) as rig:
        path = use_file(rig)
        rig.must("lvmdevices --adddev DISK0")
        with ThreadPoolExecutor(DISKS) as pool:
            lines = [("lvmdevices --adddev" if i % 4 < 2 else "pvcreate -y") + f" DISK{i}" for i in range(1, DISKS)]
            done = list(pool.map(lambda i: rig.run(lines[i], PROGRAMS[i % 2]), range(len(lines))))
        for line, each in zip(lines, done):
            need(each.returncode == 0, f"{line}: {each.stderr}")
        with open(path) as f:
            text = f.read()
        for image in rig.images:
            need(f"IDNAME={image} " in text, f"{image} is not listed:\n{text}")
        need(f"VERSION=1.1.{DISKS}\n" in text, f"{DISKS} writes:\n{text}")


def plans_are_bound_to_the_file():
    """A plan says what becomes of the file, and is of the file as it was."""
    with Rig(images=DISKS, loops=True) as rig:
        path = use_file(rig)
        rig.must("vgcreate vg0 DISK0")
        text = rig.must("vgimportdevices vg0 --plan", "ashlar")
        need("Nothing would change." in text, f"all are listed: {text}")
        saved = os.path.join(rig.etc, "plan")
        for i, line in enumerate(("lvmdevices --adddev DISK1", "lvmdevices --deldev DISK0", "vgimportdevices vg0")):
            plan = rig.must(line + " --plan=json", "ashlar")
            need(line.startswith("vgimport") or f"the devices file: IDTYPE=loop_file IDNAME={rig.images[int(line[-1])]} " in plan, plan)
            with open(saved, "w") as f:
                f.write(plan)
            rig.must(f"lvmdevices --adddev DISK{2 + i}")
            before = read(path)
            done = rig.run(f"apply -y {saved}", "ashlar")
            need(done.returncode == 5 and "has been written" in done.stderr and read(path) == before, f"{line}: {done.returncode} {done.stderr}")


def run():
    take_turns()
    plans_are_bound_to_the_file()
    all_at_once()
    print(f"{STEPS} steps of both on one devices file (SEED={SEED}), {DISKS} changes at once: none was lost")


main(run)
