# SPDX-License-Identifier: LGPL-2.1-or-later
"""Loop devices on sparse files, with device nodes and a configuration of their own, for both programs at once."""
import fcntl
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import time

LOOP_CTL_GET_FREE = 0x4C82
LOOP_MAJOR = 7
CONFIGURATION = """
global {{ locking_dir = "{work}/lock" activation = 0 }}
devices {{ dir = "{work}/dev" scan = [ "{work}/dev" ] hints = "none" use_devicesfile = 0 obtain_device_list_from_udev = 0 }}
backup {{ archive = {archive} backup = {archive} }}
activation {{ udev_sync = 0 udev_rules = 0 }}
"""


class Disks:
    """`count` devices of `size` (as truncate takes it). `archive`: both programs keep their backups."""

    def __init__(self, count, size, archive=False):
        self.count, self.size, self.archive = count, size, archive
        self.nodes, self.loops = [], []

    def __enter__(self):
        # In memory, so that no other program's disk traffic is measured.
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="ashlar-bench.", dir=base))
        try:
            self.make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for loop in self.loops:
            subprocess.run(["losetup", "-d", loop], check=False, capture_output=True)
        shutil.rmtree(self.work, ignore_errors=True)

    def make(self):
        (self.work / "dev").mkdir()
        (self.work / "lock").mkdir()
        (self.work / "etc").mkdir()
        (self.work / "etc/lvm.conf").write_text(CONFIGURATION.format(work=self.work, archive=int(self.archive)))
        for i in range(self.count):
            file = self.work / f"file{i}"
            subprocess.run(["truncate", "-s", self.size, file], check=True)
            self.nodes.append(self.attach(file, str(self.work / f"dev/disk{i}")))

    def attach(self, file, node):
        """A loop device on the file, by a node of our own: /dev need not have one for every loop device."""
        for _ in range(50):
            with open("/dev/loop-control", "rb", buffering=0) as control:
                number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
            os.mknod(node, stat.S_IFBLK | 0o600, os.makedev(LOOP_MAJOR, number))
            done = subprocess.run(["losetup", node, file], check=False, capture_output=True, text=True)
            if done.returncode == 0:
                self.loops.append(node)
                return node
            os.unlink(node)  # somebody else was quicker
        raise RuntimeError(f"no loop device to be had: {done.stderr}")

    def environment(self):
        return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/root",
                "LVM_SYSTEM_DIR": str(self.work / "etc"), "LVM_SUPPRESS_FD_WARNINGS": "1"}

    def clear(self):
        """Takes the labels off all devices."""
        for node in self.nodes:
            with open(node, "r+b", buffering=0) as device:
                device.write(bytes(8192))
                os.fsync(device.fileno())

    def clear_archive(self):
        shutil.rmtree(self.work / "etc/archive", ignore_errors=True)

    def fill_archive(self, count):
        """`count` files of past changes of other VGs, some of this one; none is large."""
        directory = self.work / "etc/archive"
        directory.mkdir(exist_ok=True)
        now = time.time()
        for i in range(count):
            vg = "bvg" if i % 1000 == 0 else f"vg{i % 97}"
            path = directory / f"{vg}_{i:05}-{1000000000 + i}.vg"
            path.write_text(f'contents = "Text Format Volume Group"\nversion = 1\ndescription = ""\ncreation_host = "h"\n'
                            f"creation_time = {int(now) - 60 * i}\n{vg} {{\n}}\n")


def uuid(kind, number):
    """An id of 32 characters, different for each kind and number."""
    digits = f"{kind}{number:031d}"
    return "-".join([digits[:6], digits[6:10], digits[10:14], digits[14:18], digits[18:22], digits[22:26], digits[26:]])


def volume_group_text(count, pieces=1, spread=1):
    """The logical_volumes section of `count` LVs of `pieces` extents, every `spread`th extent of the one PV."""
    out = ["\n\tlogical_volumes {\n"]
    extent = 0
    for i in range(count):
        out.append(f'\n\t\tlv{i} {{\n\t\t\tid = "{uuid("L", i)}"\n\t\t\tstatus = ["READ", "WRITE", "VISIBLE"]\n\t\t\tflags = []\n'
                   f'\t\t\tcreation_time = {1700000000 + i}\n\t\t\tcreation_host = "bench"\n\t\t\tsegment_count = {pieces}\n')
        for piece in range(pieces):
            out.append(f"\n\t\t\tsegment{piece + 1} {{\n\t\t\t\tstart_extent = {piece}\n\t\t\t\textent_count = 1\n\n"
                       f'\t\t\t\ttype = "striped"\n\t\t\t\tstripe_count = 1\n\n\t\t\t\tstripes = [\n\t\t\t\t\t"pv0", {extent}\n'
                       "\t\t\t\t]\n\t\t\t}\n")
            extent += spread
        out.append("\t\t}\n")
    out.append("\t}\n")
    return "".join(out)
