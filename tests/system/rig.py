# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real processes on image files or loop devices in a directory of their own, for faults.py, kills.py and many.py."""
import ctypes
import errno
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ASHLAR = os.environ.get("ASHLAR", os.path.join(TOP, "build/release/ashlar"))


class Failure(Exception):
    pass


class Rig:
    """A directory with images disk0, disk1, ... and an LVM_SYSTEM_DIR; gone at the end."""

    def __init__(self, images=3, mib=16, loops=False):
        self.dir = tempfile.mkdtemp(prefix="ashlar-rig-", dir="/tmp")
        self.etc = os.path.join(self.dir, "etc")
        self.images = [os.path.join(self.dir, f"disk{i}") for i in range(images)]
        self.loops = []
        os.mkdir(self.etc, 0o700)
        for image in self.images:
            with open(image, "wb") as f:
                f.truncate(mib << 20)
        if loops:
            for image in self.images:
                found = subprocess.run(["losetup", "--find", "--show", image], check=True, capture_output=True, text=True)
                self.loops.append(found.stdout.strip())
        devices = ", ".join(f'"a|^{loop}$|"' for loop in self.loops)
        self.write_conf(f'devices {{ hints = "none" use_devicesfile = 0 scan_lvs = 0 '
                        f'filter = [ {devices + ", " if devices else ""}"r|.*|" ] }}\n')
        self.env = dict(os.environ, LVM_SYSTEM_DIR=self.etc, LC_ALL="C", LVM_SUPPRESS_FD_WARNINGS="1")

    def write_conf(self, more):
        with open(os.path.join(self.etc, "lvm.conf"), "w") as f:
            f.write(f'global {{ locking_dir = "{self.dir}/lock" event_activation = 0 use_aio = 0 }}\n{more}')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for loop in self.loops:
            subprocess.run(["losetup", "-d", loop], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def argv(self, line, program="ashlar", seen=None):
        """The words of a command line; DISK0 is the first image or loop device, FILE a file. Of images only the first `seen` are
        shown to it."""
        names = self.loops or self.images
        words = [names[int(w[4:])] if w.startswith("DISK") else w for w in line.split()]
        words = [os.path.join(self.dir, "file") if w == "FILE" else w for w in words]
        if program == "lvm":
            return ["/sbin/lvm", words[0], "--driverloaded", "n", *words[1:]]
        if self.loops:
            return [ASHLAR, words[0], "--driverloaded", "n", *words[1:]]
        return [ASHLAR, words[0], "--devices", ",".join(self.images[:seen]), *words[1:]]

    def run(self, line, program="ashlar", prefix=(), timeout=60, seen=None):
        return subprocess.run([*prefix, *self.argv(line, program, seen)], env=self.env, capture_output=True, text=True,
                              errors="replace", timeout=timeout, stdin=subprocess.DEVNULL)

    def must(self, line, program="ashlar", seen=None):
        done = self.run(line, program, seen=seen)
        if done.returncode != 0:
            raise Failure(f"{program} {line}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def text_of(self, vg):
        """The VG's metadata without the lines that say who wrote it and when."""
        path = os.path.join(self.dir, "text")
        done = self.run(f"vgcfgbackup -f {path} {vg}")
        if done.returncode != 0:
            return None
        skip = ("# Generated", "description", "creation_", "contents", "device =", "\t\t\tdevice =")
        with open(path, errors="replace") as f:
            return "".join(l for l in f if not l.startswith(skip) and "device = " not in l)


class _Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class _Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction))]


def without_io_uring():
    """From now on this thread and whatever it starts find a kernel without io_uring: io_uring_setup, which has the number
    425 everywhere, says ENOSYS. Disks are then written by pwrite64 and flushed by fdatasync, which strace can fail. (strace's own
    inject= cannot be had for a call without a path beside -P.)"""
    rows = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050000 | errno.ENOSYS), (0x06, 0, 0, 0x7FFF0000)]
    program = _Program(len(rows), (_Instruction * len(rows))(*(_Instruction(*row) for row in rows)))
    libc = ctypes.CDLL(None, use_errno=True)
    set_no_new_privs, set_seccomp, mode_filter = 38, 22, 2
    if libc.prctl(set_no_new_privs, 1, 0, 0, 0) != 0 or libc.prctl(set_seccomp, mode_filter, ctypes.byref(program), 0, 0) != 0:
        raise Failure(f"io_uring cannot be taken away: {os.strerror(ctypes.get_errno())}")


def need(condition, what):
    if not condition:
        raise Failure(what)


def main(run):
    if not os.path.exists(ASHLAR):
        sys.exit(f"{ASHLAR} is not there: build it, or name it in ASHLAR")
    try:
        run()
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
