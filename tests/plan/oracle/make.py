#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what Debian's lvm2 does with random allocation commands, for tests/plan/allocation_replay_test.cc.

    tests/plan/oracle/make.py FIRST_SEED COUNT > tests/data/allocation/random.txt
    tests/plan/oracle/make.py again tests/data/allocation/table.txt > NEW

The second form runs the commands of a file again and writes the file with what they do now.
Needs root and the packages lvm2 and python3. Works on loop devices over sparse files in a temporary folder; the
kernel's device-mapper is not used. One scenario is a VG made from some of the loop devices and a dozen commands:

    scenario 7
    config allocation/maximise_cling=0
    pv p0 31 fast
    alloc cling
    $ lvcreate -l 5 -n a
    | Rounding size ...            what lvm2 said, without warnings and success
    a 0+5 1 0 p0:0-4               after a command that worked: every segment of the LV it touched:
                                   first LE + extents, stripes, stripe size in sectors, PE ranges (inclusive)
    failed                         instead, if it did not
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

EXTENTS = [5, 7, 8, 12, 16, 20, 31, 31, 47]
QUIET = re.compile(r"not zeroed|Activation disabled|NOT backed up|successfully|created\.$|changed from|Run `lv|^$")


class Host:
    """Loop devices and an lvm.conf of our own; undone by close()."""

    def __init__(self, extents):
        self.extents = extents
        self.dir = tempfile.mkdtemp(prefix="allocation-")
        self.devices = []
        for i, extents in enumerate(self.extents):
            image = f"{self.dir}/{i}.img"
            with open(image, "wb") as f:
                f.truncate((1 + 4 * extents) << 20)
            found = subprocess.run(["losetup", "-f", "--show", image], check=True, capture_output=True, text=True)
            self.devices.append(found.stdout.strip())
        accept = ",".join(f'"a|^{device}$|"' for device in self.devices)
        with open(f"{self.dir}/lvm.conf", "w") as f:
            f.write(f"""
global {{ locking_dir="{self.dir}/lock" activation=0 use_lvmpolld=0 event_activation=0 notify_dbus=0 }}
activation {{ udev_sync=0 udev_rules=0 monitoring=0 }}
devices {{ hints="none" filter=[{accept},"r|.*|"] scan_lvs=0 use_devicesfile=0 obtain_device_list_from_udev=0
  external_device_info_source="none" }}
backup {{ backup=0 archive=0 }}
""")
        self.env = dict(os.environ, LVM_SYSTEM_DIR=self.dir, LVM_SUPPRESS_FD_WARNINGS="1", LC_ALL="C")

    def lvm(self, *args):
        done = subprocess.run(["lvm", *args], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, [line.strip() for line in done.stdout.splitlines()]

    def version(self):
        return next(line for line in self.lvm("version")[1] if line.startswith("LVM version"))

    def close(self):
        for device in self.devices:
            subprocess.run(["losetup", "-d", device], check=False)
        shutil.rmtree(self.dir)


class Scenario:
    def __init__(self, host, seed):
        self.host = host
        self.random = random.Random(seed)
        self.config = []
        self.lvs = []
        self.next_lv = 0
        print(f"scenario {seed}")
        self.names = {}

    def settings(self):
        if self.random.random() < 0.15:
            self.config.append("allocation/maximise_cling=0")
        self.tagged = self.random.random() < 0.25
        if self.tagged:
            tags = self.random.choice([["@fast"], ["@fast", "@slow"], ["@*"]])
            self.config.append("allocation/cling_tag_list=[" + ",".join(f'"{tag}"' for tag in tags) + "]")
        for setting in self.config:
            print("config", setting)

    def lvm(self, *args):
        config = ["--config", " ".join(self.config)] if self.config else []
        return self.host.lvm(*args, *config)

    def make_vg(self):
        devices = list(self.names.values())
        self.lvm("pvcreate", "-ff", "-y", *devices)
        self.lvm("vgcreate", "vg", *devices)

    def remove_vg(self):
        self.lvm("vgremove", "-ff", "-y", "vg")
        self.lvm("pvremove", "-ff", "-y", *self.names.values())
        print()

    def run(self):
        pvs = self.random.sample(range(len(EXTENTS)), self.random.choice([1, 2, 3, 3, 4, 4, 5, 6, 7]))
        self.names = {f"p{i}": self.host.devices[pv] for i, pv in enumerate(pvs)}
        self.settings()
        self.make_vg()
        for name, device in self.names.items():
            tags = [tag for tag in ("fast", "slow", "old") if self.tagged and self.random.random() < 0.4]
            for tag in tags:
                self.lvm("pvchange", "--addtag", tag, device)
            print("pv", name, self.host.extents[self.host.devices.index(device)], *tags)
        if self.random.random() < 0.3:
            policy = self.random.choice(["contiguous", "cling", "anywhere"])
            print("alloc", policy)
            self.lvm("vgchange", "--alloc", policy, "vg")
        self.holes()
        for _ in range(self.random.randint(4, 12)):
            self.step()
        self.remove_vg()

    def again(self, lines):
        """Runs recorded lines again. Hand-made scenarios name no settings, tags or policies of the VG."""
        pvs = [line.split() for line in lines if line.startswith("pv ")]
        self.names = {pv[1]: device for pv, device in zip(pvs, self.host.devices)}
        self.make_vg()
        for line in lines:
            if line.startswith(("#", "pv ")):
                print(line)
            if not line.startswith("$ "):
                continue
            words = line[2:].split()
            if words[0] == "lvremove":
                self.lvs.append(words[1])
                self.remove(words[1])
                continue
            named = [word for word in words if word.split(":")[0] in self.names]
            self.command(*(word for word in words if word not in named), pvs=named)
        self.remove_vg()

    def holes(self):
        """Small LVs all over, half of them removed again."""
        for name, device in self.names.items():
            size = self.host.extents[self.host.devices.index(device)]
            for _ in range(self.random.randint(0, 3)):
                start = self.random.randrange(size)
                end = min(size - 1, start + self.random.randint(0, 4))
                self.command("lvcreate", "-l", str(end - start + 1), "-n", self.new_name(),
                             pvs=[f"{name}:{start}-{end}"])
        for lv in self.lvs[:]:
            if self.random.random() < 0.3:
                self.remove(lv)

    def new_name(self):
        self.next_lv += 1
        return f"l{self.next_lv}"

    def step(self):
        kind = self.random.random()
        if kind < 0.45 or not self.lvs:
            self.command("lvcreate", *self.size("create"), *self.stripes(), *self.alloc(), "-n", self.new_name(),
                         pvs=self.choice_of_pvs())
        elif kind < 0.85:
            self.command("lvextend", *self.size("extend"), *self.stripes(), *self.alloc(), self.random.choice(self.lvs),
                         pvs=self.choice_of_pvs())
        elif kind < 0.95:
            self.command("lvreduce", *self.size("reduce"), self.random.choice(self.lvs))
        else:
            self.remove(self.random.choice(self.lvs))

    def remove(self, lv):
        print("$ lvremove", lv)
        self.lvm("lvremove", "-y", f"vg/{lv}")
        self.lvs.remove(lv)

    def size(self, verb):
        r = self.random
        if r.random() < 0.2:
            percent = r.choice([1, 7, 10, 33, 50, 90, 100])
            of = {"create": ["VG", "FREE", "FREE", "PVS"], "extend": ["VG", "FREE", "FREE", "PVS", "LV"],
                  "reduce": ["LV"]}[verb]
            sign = {"create": [""], "extend": ["+", "+", ""], "reduce": ["-", ""]}[verb]
            return ["-l", f"{r.choice(sign)}{percent}%{r.choice(of)}"]
        extents = r.choice([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 20, 30, 50])
        if verb == "reduce":
            extents = r.randint(1, 4)
        if r.random() < 0.15:
            return ["-L", {"create": "", "extend": "+", "reduce": "-"}[verb] + f"{extents * 4 - r.randint(0, 3)}m"]
        return ["-l", {"create": "", "extend": "+", "reduce": "-"}[verb] + str(extents)]

    def stripes(self):
        r = self.random
        if r.random() < 0.65:
            return []
        count = r.randint(1, 4)
        size = ["-I", r.choice(["4k", "64k", "128k", "8m"])] if count > 1 and r.random() < 0.3 else []
        return ["-i", str(count), *size]

    def alloc(self):
        r = self.random
        return ["--alloc", r.choice(["contiguous", "cling", "normal", "anywhere"])] if r.random() < 0.35 else []

    def choice_of_pvs(self):
        r = self.random
        if r.random() < 0.65:
            return []
        pvs = r.sample(list(self.names), r.randint(1, len(self.names)))
        chosen = []
        for name in pvs:
            size = self.host.extents[self.host.devices.index(self.names[name])]
            if r.random() < 0.5:
                ends = sorted(r.sample(range(size), 2 * r.randint(1, 2)))
                ranges = [f"{start}-{end}" for start, end in zip(ends[::2], ends[1::2])]
                r.shuffle(ranges)
                chosen.append(name + ":" + ":".join(ranges))
            else:
                chosen.append(name)
        return chosen

    def command(self, verb, *args, pvs=()):
        print("$", verb, *args, *pvs)
        lv = args[args.index("-n") + 1] if "-n" in args else args[-1]
        where = [self.names[pv.split(":")[0]] + pv[len(pv.split(":")[0]):] for pv in pvs]
        if verb == "lvcreate":
            full = [verb, "-an", "-Zn", "-Wn", "-y", *args, "vg", *where]
        else:
            full = [verb, *(["-f"] if verb == "lvreduce" else []), *args[:-1], f"vg/{lv}", *where]
        status, output = self.lvm(*full)
        for line in output:
            if not QUIET.search(line):
                print("|", self.rename(line))
        if status != 0:
            print("failed")
            return
        if verb == "lvcreate":
            self.lvs.append(lv)
        _, rows = self.lvm("lvs", "--noheadings", "--segments", "--nosuffix", "--units", "s", "-o",
                           "lv_name,seg_start_pe,seg_size_pe,stripes,stripe_size,seg_pe_ranges", f"vg/{lv}")
        for row in rows:
            if row.startswith("WARNING"):
                continue
            name, start, size, stripes, stripe_size, *ranges = row.split()
            print(f"{name} {start}+{size} {stripes} {stripe_size}", *map(self.rename, ranges))

    def rename(self, text):
        for name, device in self.names.items():
            text = re.sub(re.escape(device) + r"\b", name, text)
        return text


def again(path):
    with open(path, encoding="ascii") as f:
        blocks = f.read().split("scenario ")
    print(blocks[0], end="")
    for block in blocks[1:]:
        number, *lines = block.splitlines()
        host = Host([int(line.split()[2]) for line in lines if line.startswith("pv ")])
        try:
            Scenario(host, int(number)).again(lines)
        finally:
            host.close()


def main():
    if sys.argv[1] == "again":
        again(sys.argv[2])
        return
    first, count = int(sys.argv[1]), int(sys.argv[2])
    host = Host(EXTENTS)
    try:
        print("# Made by tests/plan/oracle/make.py", first, count, "with", host.version())
        for seed in range(first, first + count):
            Scenario(host, seed).run()
    finally:
        host.close()


if __name__ == "__main__":
    main()
