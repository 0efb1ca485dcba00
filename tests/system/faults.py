#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""System calls of real processes fail, by strace: the n-th of each kind, for n = 1, 2, ... until the command makes no
more of them. And signals that come with the n-th write, io_uring that is refused for good, requests for memory, and transfers
of which each moves a part of what it was asked for. The command
ends with the old VGs or the new ones, names what failed, and the next command works. Each command runs on a kernel with io_uring, where the submission of its batches fails, and
on one without, where each single read, write and flush does. Prints how many faults there were. ALL=1: every error with
every command; else the second and later ones with the first commands alone. ONLY=WORD: commands with that word."""
import collections
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Failure, Rig, main, need, without_io_uring

ALL = os.environ.get("ALL") == "1"
ONLY = os.environ.get("ONLY", "")

VG = ["vgcreate -s 1m vg0 DISK0 DISK1", "lvcreate -l 2 -n one vg0 DISK0"]
# An LV lies on the second disk, which was away once: an empty one would be taken in again by itself.
MISSING = [*VG, "lvcreate -l 2 -n two vg0 DISK1", "1 vgck --updatemetadata vg0"]
# A command, what there is before (1: with the first disk alone; copy: DISK2 and DISK3 are copies of the first two), and
#   two_vgs: it commits two VGs; what was cut off between them the next change or repair brings to its end
#   again:   it has more than one step; the same command brings to its end what was cut off between them
Scene = collections.namedtuple("Scene", "command before two_vgs again copy", defaults=(VG, False, False, False))
SCENES = [
    Scene("vgchange --addtag t vg0"),
    Scene("lvcreate -l 2 -n three vg0"),
    Scene("lvremove -f vg0/one"),
    Scene("vgextend vg0 DISK2"),
    Scene("vgreduce vg0 DISK1"),
    Scene("vgsplit vg0 vg1 DISK1", two_vgs=True),
    Scene("vgmerge vg0 vg1", [*VG, "vgcreate -s 1m vg1 DISK2"], two_vgs=True),
    Scene("pvchange -u DISK1", two_vgs=True),
    Scene("vgimportclone -n vg1 DISK2 DISK3", again=True, copy=True),
    Scene("vgremove -y vg0", again=True),
    Scene("lvextend -l +2 vg0/one"),
    Scene("vgrename vg0 vg1"),
    Scene("vgcfgrestore -f FILE vg0", [*VG, "vgcfgbackup -f FILE vg0", "lvremove -f vg0/one"]),
    Scene("pvresize -y --setphysicalvolumesize 6m DISK1"),
    Scene("pvchange -x n DISK1"),
    Scene("repair -y vg0", MISSING),
    Scene("vgextend --restoremissing vg0 DISK1", MISSING),
]
FIRST = SCENES[:2]

# Kind of call, its errors, whether only those on the disks are meant, on which kernel, and whether every command makes such calls.
Fault = collections.namedtuple("Fault", "calls errors only_disks ring every")
FAULTS = [
    Fault("pread64", ["EIO", "EINTR"], True, False, True),
    Fault("pwrite64", ["EIO", "ENOSPC", "EINTR"], True, False, True),
    Fault("fdatasync,fsync", ["EIO"], True, False, True),
    Fault("openat", ["EIO", "EMFILE"], True, False, True),
    Fault("io_uring_setup", ["ENOSYS", "EPERM", "ENOMEM"], False, True, True),
    Fault("io_uring_enter", ["EIO", "EINTR", "EAGAIN"], False, True, True),
    Fault("fsync", ["EIO", "ENOSPC"], False, True, True),
    Fault("write", ["ENOSPC"], False, True, True),
    Fault("linkat", ["EIO", "EEXIST", "ENOSPC"], False, True, False),
    Fault("renameat,renameat2,rename", ["EIO", "ENOSPC"], False, True, False),
    Fault("unlinkat", ["EIO"], False, True, False),
    Fault("mkdirat", ["EIO", "ENOSPC"], False, True, True),
    Fault("getdents64", ["EIO"], False, True, False),
    Fault("flock", ["EINTR", "ENOLCK"], False, True, True),
    Fault("clone3,clone", ["EAGAIN"], False, False, False),
]
counts = collections.Counter()
by_call = collections.Counter()
counting = threading.Lock()


def count(*what):
    with counting:
        for each in what:
            counts[each] += 1


class Faults:
    """One command in a directory of its own."""

    def __init__(self, rig, scene, ring):
        self.rig, self.scene, self.ring = rig, scene, ring
        self.saved = os.path.join(rig.dir, "saved")
        self.log = os.path.join(rig.dir, "strace")
        self.ids = None
        for line in scene.before:
            rig.must(line.removeprefix("1 "), seen=1 if line.startswith("1 ") else None)
        if scene.copy:
            for i in range(2):
                shutil.copy(rig.images[i], rig.images[i + 2])
        os.mkdir(self.saved)
        for path in rig.images:
            shutil.copy(path, self.saved)
        self.ids = set(rig.must("pvs --noheadings -o pv_uuid").split())
        self.old, self.original = self.state(), self.state(seen=2)
        rig.must(scene.command)
        self.new = self.state()
        need(self.new != self.old, f"{scene.command}: changes nothing that can be seen")

    def restore(self):
        for path in self.rig.images:
            shutil.copy(os.path.join(self.saved, os.path.basename(path)), path)
        for name in ("archive", "backup"):
            shutil.rmtree(os.path.join(self.rig.etc, name), ignore_errors=True)

    def state(self, seen=None):
        """What there is of VGs, LVs, PVs and tags: the ids of new things differ from run to run."""
        fields = "vg_name,vg_tags,pv_count,lv_count,vg_free_count,vg_missing_pv_count,pv_name,pv_uuid,pv_allocatable,pv_pe_count,lv_name,seg_pe_ranges"
        done = self.rig.run(f"pvs --noheadings --segments --separator | -S vg_name!='' -o {fields}", seen=seen)
        rows = []
        for line in done.stdout.splitlines():
            words = line.strip().split("|")
            words[1] = [tag for tag in words[1].split(",") if tag not in ("", "healed")]
            words[7] = words[7] if words[7] in self.ids else "new"
            rows.append(words)
        return rows

    def is_one_of(self, now, legal, partial):
        """Where a PV could not be read and the command went on without it, all is as it is to be but for the PV's mark."""
        def lean(rows):
            return [row[:4] + row[6:] for row in rows]

        return now in legal or partial and lean(now) in [lean(each) for each in legal]

    def waits(self):
        """A PV is still marked as missing that was so before."""
        return self.scene.before is MISSING and self.state() == self.old

    def traced(self, mark):
        with open(self.log, errors="replace") as f:
            return mark in f.read()

    def strace(self, calls, what, only_disks):
        paths = [word for image in self.rig.images for word in ("-P", image)] if only_disks else []
        self.restore()
        return self.rig.run(self.scene.command, prefix=["strace", "-f", "-qq", "-o", self.log, *paths, "-e", f"trace={calls}", "-e",
                                                        f"inject={calls}:{what}"])

    def after(self, done, what):
        """What must hold after any fault, and any signal."""
        scene, legal = self.scene, (self.old, self.new)
        need(done.returncode in (0, 5, -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP, 130, 143, 129), f"{what}: status {done.returncode}\n{done.stderr}")
        now = self.state()
        partial = "missing" in done.stderr  # went on without an unreadable PV, and said so
        need(self.is_one_of(now, legal, partial) or scene.two_vgs or scene.again, f"{what}: neither the old VGs nor the new ones: {now}\n{done.stderr}")
        if done.returncode == 0:
            need(self.is_one_of(now, (self.new,), partial), f"{what}: success was claimed, but it is not done: {now}\n{done.stderr}")
        if scene.copy:
            need(self.state(seen=2) == self.original, f"{what}: the original is not what it was")
        if scene.again and now != self.new:
            ended = self.rig.run(scene.command)
            need(ended.returncode == 0 and self.state() == self.new, f"{what}: the same command does not bring it to its end: {ended.stderr}")
        for vg in sorted({row[0] for row in self.state()}):
            healed = self.rig.run(f"vgchange --addtag healed {vg}")
            need(healed.returncode == 0, f"{what}: the next change fails: {healed.stderr}")
        clean = self.rig.run("vgs")
        left = "which it left" in clean.stderr  # the PV that vgreduce could not clear
        need(clean.returncode == 0 and (not clean.stderr or partial or left or self.waits()), f"{what}: the next change does not heal: {clean.stderr}")
        healed = self.state()
        need(self.is_one_of(healed, legal, partial), f"{what}: after the next change there are neither the old VGs nor the new ones: {healed}")
        need(now not in legal or self.is_one_of(healed, (now,), partial) or scene.again, f"{what}: the next change makes something else of it: {healed}")

    def calls_fail(self, fault, error):
        for n in range(1, 200):
            what = f"{self.scene.command}: call {n} of {fault.calls} fails with {error}"
            done = self.strace(fault.calls, f"error={error}:when={n}", fault.only_disks)
            if not self.traced("(INJECTED)"):
                need(n > 1 or not fault.every, f"{what}: but no such call was made")
                break
            count("faults")
            with counting:
                by_call[fault.calls] += 1
            self.after(done, what)
            if error in ("EINTR", "EAGAIN") and fault.calls != "clone3,clone":
                need(done.returncode == 0, f"{what}: status {done.returncode}, such a call is made again\n{done.stderr}")
            if done.returncode == 5:
                count("failed")
                need(done.stderr.strip() or fault.calls == "write", f"{what}: says nothing")  # it may have been stderr
                if fault.only_disks or fault.calls == "io_uring_enter":
                    told = done.stdout + done.stderr  # repair shows what it found
                    need(any(image in told for image in self.rig.images), f"{what}: names no disk: {done.stderr}")

    def signals_come(self, name):
        """With each write and each flush of a disk, or each batch of them; twice, with the one after. All is done, or nothing."""
        calls = "io_uring_enter" if self.ring else "pwrite64,fdatasync"
        for n in range(1, 100):
            what = f"{self.scene.command}: {name} with call {n} of {calls}"
            done = self.strace(calls, f"signal={name}:when={n}..{n + 1}", not self.ring)
            if not self.traced(f"--- {name}"):
                need(n > 1, f"{what}: but no such call was made")
                break
            count("signals")
            if not self.scene.again:
                clean = self.rig.run("vgs")
                need(clean.returncode == 0 and (not clean.stderr or self.waits()), f"{what}: leaves work: {clean.stderr}")
                pvs = self.rig.run("pvs --noheadings -o pv_in_use,vg_name")
                need(all(("used" in l) == ("vg" in l) for l in pvs.stdout.splitlines()), f"{what}: labels are behind: {pvs.stdout}")
                need(self.state() in (self.old, self.new), f"{what}: neither old nor new")
            self.after(done, what)

    def all(self):
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if ALL or name == "SIGINT" or self.scene in FIRST:
                self.signals_come(name)
        for fault in FAULTS:
            if fault.ring != self.ring:
                continue
            for error in fault.errors if ALL or self.scene in FIRST else fault.errors[:1]:
                self.calls_fail(fault, error)

    def ring_is_refused(self):
        """From the n-th call on, for good: what io_uring does not take is done without it."""
        for n in (1, 2, 4, 7):
            for error in ("EIO", "EAGAIN"):
                what = f"{self.scene.command}: io_uring_enter fails with {error} from call {n} on"
                done = self.strace("io_uring_enter", f"error={error}:when={n}+", False)
                need(self.traced("(INJECTED)") or n > 1, f"{what}: but no such call was made")
                count("faults")
                need(done.returncode == 0 and self.state() == self.new, f"{what}: status {done.returncode}\n{done.stderr}")
                self.after(done, what)

    def memory_ends(self, shim):
        """The n-th request for memory of the program as it is shipped fails; thirty of them, or all."""
        counted = os.path.join(self.rig.dir, "requests")
        self.restore()
        self.rig.run(self.scene.command, prefix=["env", f"LD_PRELOAD={shim}", f"COUNT_MEMORY={counted}"])
        with open(counted, encoding="ascii") as f:
            requests = int(f.read().split()[0])
        for n in range(1, requests + 1, 1 if ALL else max(1, requests // 30)):
            what = f"{self.scene.command}: request {n} of {requests} for memory fails"
            self.restore()
            done = self.rig.run(self.scene.command, prefix=["env", f"LD_PRELOAD={shim}", f"FAIL_MEMORY={n}"])
            count("faults")
            need(done.returncode in (0, 3, 5), f"{what}: status {done.returncode}\n{done.stderr}")
            need(done.returncode == 0 or done.stderr.strip(), f"{what}: says nothing")
            need("std::" not in done.stderr, f"{what}: says {done.stderr}")
            self.after(done, what)

    def transfers_are_short(self, shim):
        """Each moves a part of what it is asked for: what is left is asked for again."""
        what = f"{self.scene.command}: every transfer is short"
        counted = os.path.join(self.rig.dir, "short")
        self.restore()
        done = self.rig.run(self.scene.command, prefix=["env", f"LD_PRELOAD={shim}", f"COUNT_SHORT={counted}"])
        need(done.returncode == 0 and self.state() == self.new, f"{what}: status {done.returncode}\n{done.stderr}")
        with open(counted, encoding="ascii") as f:
            cut = int(f.read())
        need(cut > 20, f"{what}: but only {cut} were")
        with counting:
            counts["short"] += cut
        self.after(done, what)

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
                count("archives")
            finally:
                subprocess.run(["umount", archive], check=False, stderr=subprocess.DEVNULL)
                if stat.S_ISDIR(os.lstat(archive).st_mode):
                    shutil.rmtree(archive)
                else:
                    os.unlink(archive)
        self.restore()
        need(self.rig.run("vgchange --addtag t vg0").returncode == 0 and os.path.isdir(archive), "a missing archive directory is made")
        count("archives")


def run():
    wrong = []
    places = threading.Semaphore(os.cpu_count() or 1)

    def work(scene, ring):
        with places:
            try:
                if not ring:
                    without_io_uring()
                with Rig(images=4 if scene.copy else 3, mib=8) as rig:
                    faults = Faults(rig, scene, ring)
                    faults.all()
                    if ring:
                        faults.ring_is_refused()
                    else:
                        faults.transfers_are_short(shims["short_transfers"])
                    if ALL or scene in FIRST:
                        faults.memory_ends(shims["failing_malloc"])
            except Exception as e:  # of any kind: the other threads are to end, and it is told
                wrong.append(f"{e if isinstance(e, Failure) else repr(e)} ({'with' if ring else 'without'} io_uring)")

    with Rig(images=3, mib=8) as rig:
        Faults(rig, SCENES[0], True).archive_is_strange()
    threads = [threading.Thread(target=work, args=(scene, ring)) for scene in SCENES if ONLY in scene.command for ring in (False, True)]
    with tempfile.TemporaryDirectory(prefix="ashlar-faults.") as folder:
        shims = {name: os.path.join(folder, name + ".so") for name in ("failing_malloc", "short_transfers")}
        for name, shim in shims.items():
            source = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".c")
            subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", shim, source], check=True)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    need(not wrong, "\n".join(wrong))
    for fault in FAULTS:
        need(by_call[fault.calls] > 0 or ONLY, f"no {fault.calls} was made by any command")
    print("faults: {faults} calls failed, {failed} commands with them; {signals} signals in the middle of writing; "
          "{short} transfers that were short; {archives} archive directories".format(**counts))


if __name__ == "__main__":
    main(run)
