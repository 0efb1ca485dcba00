#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""System calls of real processes fail, by strace: the n-th of each kind, for n = 1, 2, ... until the command makes no
more of them. And signals that come with the n-th write. The command ends with the old VG or the new one, names what
failed, and the next command works. Prints how many faults there were."""
import os
import shutil
import signal
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Failure, Rig, main, need

COMMANDS = ["vgchange --addtag t vg0", "lvcreate -l 2 -n three vg0", "lvremove -f vg0/one", "vgextend vg0 DISK2", "vgreduce vg0 DISK1"]

# Kind of call, its errors, and whether only those on the disks are meant.
FAULTS = [
    ("pread64", ["EIO", "EINTR"], True),
    ("pwrite64", ["EIO", "ENOSPC", "EINTR"], True),
    ("fdatasync,fsync", ["EIO"], True),
    ("openat", ["EIO", "EMFILE"], True),
    ("fsync", ["EIO", "ENOSPC"], False),
    ("write", ["ENOSPC"], False),
    ("linkat", ["EIO", "EEXIST", "ENOSPC"], False),
    ("renameat,renameat2,rename", ["EIO", "ENOSPC"], False),
    ("unlinkat", ["EIO"], False),
    ("mkdirat", ["EIO", "ENOSPC"], False),
    ("getdents64", ["EIO"], False),
    ("flock", ["EINTR", "ENOLCK"], False),
    ("io_uring_setup", ["ENOSYS", "EPERM", "ENOMEM"], False),
    ("io_uring_enter", ["EINTR", "EAGAIN"], False),
    ("clone3,clone", ["EAGAIN"], False),
]
counts = {"faults": 0, "failed": 0, "signals": 0, "archives": 0}


class Faults:
    def __init__(self, rig):
        self.rig = rig
        rig.must("vgcreate -s 1m vg0 DISK0 DISK1")
        rig.must("lvcreate -l 2 -n one vg0 DISK0")
        self.saved = os.path.join(rig.dir, "saved")
        os.mkdir(self.saved)
        for path in rig.images:
            shutil.copy(path, self.saved)
        self.old = self.state()
        self.new = {}
        for command in COMMANDS:
            self.restore()
            rig.must(command)
            self.new[command] = self.state()
        self.log = os.path.join(rig.dir, "strace")

    def restore(self):
        for path in self.rig.images:
            shutil.copy(os.path.join(self.saved, os.path.basename(path)), path)
        for name in ("archive", "backup"):
            shutil.rmtree(os.path.join(self.rig.etc, name), ignore_errors=True)

    def state(self):
        """What there is of LVs, PVs and tags: the ids of new LVs differ from run to run."""
        done = self.rig.run("vgs --noheadings -o vg_tags,pv_count,lv_count,vg_free_count,vg_missing_pv_count vg0")
        names = self.rig.run("lvs --noheadings -o lv_name,seg_pe_ranges vg0")
        return done.stdout.split(), names.stdout.split()

    def injected(self):
        with open(self.log, errors="replace") as f:
            return "(INJECTED)" in f.read()

    def strace(self, command, calls, what, only_disks):
        paths = [word for image in self.rig.images for word in ("-P", image)] if only_disks else []
        return self.rig.run(command, prefix=["strace", "-f", "-qq", "-o", self.log, *paths, "-e", f"trace={calls}", "-e",
                                             f"inject={calls}:{what}"])

    def after(self, command, done, what):
        """What must hold after any fault."""
        need(done.returncode in (0, 5, -signal.SIGINT, 130), f"{what}: status {done.returncode}\n{done.stderr}")
        now = self.state()
        partial = "missing" in done.stderr  # went on without an unreadable PV, and said so
        need(now in (self.old, self.new[command]) or partial, f"{what}: neither the old VG nor the new one: {now}\n{done.stderr}")
        if done.returncode == 0 and not partial:
            need(now == self.new[command], f"{what}: success was claimed, but it is not done\n{done.stderr}")
        healed = self.rig.run("vgchange --addtag healed vg0")
        need(healed.returncode == 0, f"{what}: the next change fails: {healed.stderr}")
        clean = self.rig.run("vgs vg0")
        left = "which it left" in clean.stderr  # the PV that vgreduce could not clear
        need(clean.returncode == 0 and (not clean.stderr or partial or left), f"{what}: the next change does not heal: {clean.stderr}")

    def calls_fail(self, calls, error, only_disks):
        for command in COMMANDS:
            for n in range(1, 200):
                what = f"{command}: call {n} of {calls} fails with {error}"
                self.restore()
                done = self.strace(command, calls, f"error={error}:when={n}", only_disks)
                if not self.injected():
                    break
                counts["faults"] += 1
                self.after(command, done, what)
                if error == "EINTR":
                    need(done.returncode == 0, f"{what}: status {done.returncode}, an interrupted call is made again\n{done.stderr}")
                if done.returncode == 5:
                    counts["failed"] += 1
                    need(done.stderr.strip() or calls == "write", f"{what}: says nothing")  # it may have been stderr
                    if only_disks:
                        need(self.rig.dir in done.stderr, f"{what}: names no disk: {done.stderr}")

    def signals_come(self):
        """With each write and each flush of a disk; twice, with the one after. All is done, or nothing."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            for command in COMMANDS:
                for n in range(1, 100):
                    what = f"{command}: {name} with write or flush {n}"
                    self.restore()
                    done = self.strace(command, "pwrite64,fdatasync", f"signal={name}:when={n}..{n + 1}", True)
                    with open(self.log, errors="replace") as f:
                        if f"--- {name}" not in f.read():
                            break
                    counts["signals"] += 1
                    clean = self.rig.run("vgs vg0")
                    need(clean.returncode == 0 and not clean.stderr, f"{what}: leaves work: {clean.stderr}")
                    pvs = self.rig.run("pvs --noheadings -o pv_in_use,vg_name")
                    need(all(("used" in l) == ("vg0" in l) for l in pvs.stdout.splitlines()), f"{what}: labels are behind: {pvs.stdout}")
                    need(self.state() in (self.old, self.new[command]), f"{what}: neither old nor new")

    def archive_is_strange(self):
        """A directory that cannot be written safely stops the change before it begins, unless -A n."""
        archive = os.path.join(self.rig.etc, "archive")
        other = os.path.join(self.rig.dir, "other")
        os.makedirs(other, exist_ok=True)

        def full():
            os.mkdir(archive)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,mode=700", "tmpfs", archive], check=True)
            try:
                with open(os.path.join(archive, "fill"), "wb") as f:
                    f.write(b"x" * 8192)
            except OSError:
                pass

        def read_only():
            os.mkdir(archive)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,mode=700", "tmpfs", archive], check=True)

        strange = {
            "a link": lambda: os.symlink(other, archive),
            "a FIFO": lambda: os.mkfifo(archive),
            "a file": lambda: open(archive, "w").close(),
            "somebody else's": lambda: (os.mkdir(archive), os.chown(archive, 12345, 12345)),
            "writable by all": lambda: (os.mkdir(archive), os.chmod(archive, 0o777)),
            "full": full,
            "read-only": read_only,
        }
        for what, make in strange.items():
            self.restore()
            make()
            try:
                before = self.state()
                done = self.rig.run("vgchange --addtag t vg0")
                need(done.returncode == 5, f"archive directory {what}: status {done.returncode}")
                need(archive in done.stderr, f"archive directory {what}: not named: {done.stderr}")
                need("-A n" in done.stderr, f"archive directory {what}: no way out is named: {done.stderr}")
                need(self.state() == before, f"archive directory {what}: the VG was changed")
                need(self.rig.run("vgchange -A n --addtag t vg0").returncode == 0, f"archive directory {what}: -A n")
                counts["archives"] += 1
            finally:
                subprocess.run(["umount", archive], check=False, stderr=subprocess.DEVNULL)
                if stat.S_ISDIR(os.lstat(archive).st_mode):
                    shutil.rmtree(archive)
                else:
                    os.unlink(archive)
        self.restore()
        need(self.rig.run("vgchange --addtag t vg0").returncode == 0 and os.path.isdir(archive), "a missing archive directory is made")
        counts["archives"] += 1


def run():
    with Rig(images=3) as rig:
        faults = Faults(rig)
        faults.archive_is_strange()
        faults.signals_come()
        for calls, errors, only_disks in FAULTS:
            for error in errors:
                faults.calls_fail(calls, error, only_disks)
    print("faults: {faults} calls failed, {failed} commands with them; {signals} signals in the middle of writing; "
          "{archives} archive directories".format(**counts))


if __name__ == "__main__":
    main(run)
