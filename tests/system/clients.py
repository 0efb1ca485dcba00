#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Ansible, libblockdev, TopoLVM and others type and how they read the answers, a file for each in clients/: once with
Ashlar, and once with Debian's lvm2, of which the same must be true. Needs root for loop devices; device-mapper is left alone.

    tests/system/clients.py [-v] [CLIENT...]
"""
import argparse
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from differential import TOP, Side

CLIENTS = Path(__file__).resolve().parent / "clients"
COMMANDS = """fullreport lvchange lvconvert pvmove lvcreate lvdisplay lvextend lvmconfig lvmdevices lvreduce lvremove lvrename lvresize lvs pvchange
pvcreate pvdisplay pvremove pvresize pvs pvscan vgcfgbackup vgcfgrestore vgchange vgck vgcreate vgdisplay vgexport vgextend
vgimport vgimportdevices vgreduce vgremove vgrename vgs vgscan""".split()


class Wrong(Exception):
    pass


class Answer:
    def __init__(self, line, status, out, err):
        self.line, self.status, self.out, self.err = line, status, out, err

    def __str__(self):
        return f"$ {self.line} -> {self.status}\n{self.out}{self.err}"

    def lines(self):
        return [line.strip() for line in self.out.splitlines() if line.strip()]

    def rows(self, separator=None):
        """Words of each line, as most clients take them apart."""
        return [[word.strip() for word in line.split(separator)] for line in self.lines()]

    def need(self, condition, what):
        if not condition:
            raise Wrong(f"{what}\n{self}")
        return self


class Machine:
    """Six disks, a program behind every command's name, and the client's environment."""

    def __init__(self, root, program, newer):
        self.side = Side(root, [program])
        self.newer = newer  # than 2.03.16, the oracle
        self.verbose = False
        self.env = dict(self.side.env, PATH=f"{root}/bin:" + os.environ["PATH"])
        os.mkdir(f"{root}/bin")
        for name in COMMANDS + ["lvm"]:
            os.symlink(program, f"{root}/bin/{name}")

    def run(self, line, status=0, err=None, out=None, env=None, input=None):
        """Runs a line; any status but `status` (one, or several) is wrong, and so is a stderr or stdout without the patterns."""
        words = [self.side.expand(word) for word in shlex.split(line)]
        done = subprocess.run([self.env["PATH"].split(":")[0] + "/" + words[0]] + words[1:], env=dict(self.env, **(env or {})),
                              cwd=self.side.work / "tmp", input=input or "", text=True, capture_output=True, errors="replace", timeout=60)
        answer = Answer(line, done.returncode, done.stdout, done.stderr)
        if self.verbose:
            print(answer)
        answer.need(status is None or done.returncode in (status if isinstance(status, tuple) else (status,)), f"status is not {status}")
        for pattern, text, stream in ((err, done.stderr, "stderr"), (out, done.stdout, "stdout")):
            if pattern is not None:
                answer.need(re.search(pattern, text), f"no '{pattern}' on {stream}")
        return answer

    def path(self, name):
        """A disk as the program names it."""
        return self.side.expand(name)

    def clean(self):
        self.side.put([(b"\0" * (1 << 20), b"\0" * (1 << 20))] * 6)

    def state(self):
        return self.run("pvs -o pv_name,vg_name,vg_seqno", status=None).out, self.side.texts()


def replay(client, machine):
    machine.clean()
    client.replay(machine)
    lines = getattr(client, "NOT_YET", [])
    if not machine.newer or not lines:
        return 0
    # What Ashlar does not do yet it refuses, by name and without a change.
    machine.clean()
    machine.run("vgcreate vg /dev/1 /dev/2")
    machine.run("lvcreate -an -Zn -Wn -L 16m -n lv vg")
    before = machine.state()
    for line in lines:
        answer = machine.run(line, status=None)
        answer.need(answer.status != 0, "this works now: replay it instead of having it in NOT_YET")
        answer.need(re.search(r"Ashlar|No such command", answer.err) and not answer.out, "what is not done yet is to be refused by name")
    if machine.state() != before:
        raise Wrong("what was refused changed something")
    return len(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", action="store_true", help="show every command and what it says")
    parser.add_argument("clients", nargs="*")
    args = parser.parse_args()
    ashlar = os.path.abspath(os.environ.get("ASHLAR", str(TOP / "build/release/ashlar")))
    wrong = 0
    root = tempfile.mkdtemp(prefix="ashlar-clients.")
    machines = []
    try:
        machines = [Machine(f"{root}/{name}", program, newer) for name, program, newer in (("L", "/sbin/lvm", False), ("A", ashlar, True))]
        for path in sorted(CLIENTS.glob("*.py")):
            if args.clients and path.stem not in args.clients:
                continue
            spec = importlib.util.spec_from_file_location(path.stem, path)
            client = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(client)
            not_yet, bad = 0, []
            for machine in machines:
                machine.verbose = args.v
                try:
                    not_yet = replay(client, machine)
                except Wrong as problem:
                    bad.append(f"{path.stem}, {'Ashlar' if machine.newer else 'lvm2'}: {problem}")
            wrong += bool(bad)
            print(f"{path.stem}: " + ("WRONG" if bad else f"as it expects; {not_yet} of its lines not yet" if not_yet else "as it expects"))
            for problem in bad:
                print(problem)
    finally:
        for machine in machines:
            machine.side.close()
        for online in Path("/run/lvm/pvs_online").glob("*"):  # of pvscan --cache, which has no other place for them
            if root in online.read_text(errors="replace"):
                online.unlink()
        shutil.rmtree(root, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.exit(main())
