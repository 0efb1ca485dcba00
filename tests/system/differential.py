#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same command lines by Debian's lvm2 and by Ashlar on twin disks: stdout, exit status and what lies on the disks
afterwards must be the same. Cases are lines of differential/*.txt (read_cases says how). Needs root for loop
devices; device-mapper is left alone.

    tests/system/differential.py [-v] [-k WORD] [--update] [FILE... | options]
"""
import argparse
import difflib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compatibility

TOP = Path(__file__).resolve().parents[2]
CASES = Path(__file__).resolve().parent / "differential"
SIZES = [64, 64, 64, 64, 96, 48]  # MiB; /dev/1 .. /dev/6 of a case
MIB = 1 << 20
KEPT = MIB  # of the start of each disk, and as much of its end: all that is ever written without activation

# What several cases need.
WORDS = {
    "$ON": "--config devices/use_devicesfile=1",
    # Every row of the log of a command; those of how objects fared; what lvmdbusd asks for.
    "$LOG": """--config 'log{report_command_log=1 command_log_selection="all"}'""",
    "$FARED": """--config 'log{report_command_log=1 command_log_selection="log_type=status" command_log_cols="log_object_type,log_object_name,log_object_group,log_message,log_errno,log_ret_code"}'""",
    "$DBUS": """--config "log/report_command_log=1 log/command_log_selection=\\"log_context!=''\\" report/output_format=json" """,
    "$FILE": "grep -v '^# Created' $ETC/devices/system.devices",
    # The UUID of the PV on /dev/N in the metadata text $TMP/m, which has the disks' names of lvm2's side.
    **{f"$UUID{n}": rf"pv_uuid=$(grep -B1 '/d{n}.$' $TMP/m | sed -n 's/^id = .\(.*\).$/\1/p')" for n in (1, 3, 4)},
    "$PROFILES": "mkdir -p $ETC/profile && echo 'allocation { thin_pool_chunk_size = 128 }' > $ETC/profile/m.profile"
                 " && echo 'report { headings = 0 separator = \"|\" } global { units = \"b\" }' > $ETC/profile/c.profile",
}

CONF = """
global {{ locking_dir = "{work}/lock" activation = 0 event_activation = 0 use_aio = 0 }}
devices {{
  scan = [ "{work}/dev" ] obtain_device_list_from_udev = 0 external_device_info_source = "none"
  hints = "none" use_devicesfile = 0 filter = [ "a|^{work}/dev/d[0-9]$|", "r|.*|" ]
}}
"""


class Side:
    """One program with its own disks, settings and archives."""

    def __init__(self, root, program):
        self.work = Path(root)
        self.program = program
        self.loops = []
        self.saved = {}
        self.env = dict(os.environ, LVM_SYSTEM_DIR=str(self.work / "etc"), LC_ALL="C", TZ="UTC",
                        LVM_SUPPRESS_FD_WARNINGS="1", PROGRAM=" ".join(program))
        for name in ("dev", "etc", "lock", "tmp"):
            (self.work / name).mkdir(parents=True)
        for i, size in enumerate(SIZES, 1):
            image = self.work / f"disk{i}"
            with open(image, "wb") as f:
                f.truncate(size * MIB)
            loop = subprocess.check_output(["losetup", "--find", "--show", image], text=True).strip()
            self.loops.append(loop)
            # Nodes of our own: names of the same length on both sides, so that columns are of one width.
            os.mknod(self.work / "dev" / f"d{i}", 0o600 | 0o060000, os.stat(loop).st_rdev)
        (self.work / "etc" / "lvm.conf").write_text(CONF.format(work=self.work))

    def close(self):
        for loop in self.loops:
            subprocess.run(["losetup", "-d", loop], check=False)

    def run(self, line):
        for word, meaning in WORDS.items():
            line = line.replace(word, meaning)
        words = [self.expand(w) for w in shlex.split(line)]
        if words[0].startswith("!"):  # the shell's, for files and damage
            return self.shell(line[1:])
        done = subprocess.run(self.program + words, env=self.env, cwd=self.work / "tmp", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def expand(self, word):
        word = re.sub(r"/dev/([1-9])\b", rf"{self.work}/dev/d\1", word)
        return word.replace("$TMP", str(self.work / "tmp")).replace("$ETC", str(self.work / "etc"))

    def shell(self, line):
        done = subprocess.run(["bash", "-c", self.expand(line)], env=self.env, cwd=self.work / "tmp",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    # --- disks -------------------------------------------------------------------------------------------------
    def read(self):
        parts = []
        for i, size in enumerate(SIZES, 1):
            with open(self.work / f"disk{i}", "rb") as f:
                start = f.read(KEPT)
                f.seek(size * MIB - KEPT)
                parts.append((start, f.read(KEPT)))
        return parts

    def put(self, parts):
        for i, (size, (start, end)) in enumerate(zip(SIZES, parts), 1):
            with open(self.work / "dev" / f"d{i}", "r+b", buffering=0) as f:
                os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                # Only what is not so already: that is little, and writing is what takes time.
                if any([overwrite(f, 0, start), overwrite(f, size * MIB - KEPT, end)]):
                    os.fsync(f.fileno())
        for name in ("archive", "backup", "cache", "devices", "profile"):
            shutil.rmtree(self.work / "etc" / name, ignore_errors=True)
        for file in (self.work / "etc").glob("lvm*_*.conf"):
            file.unlink()
        (self.work / "etc" / "lvmlocal.conf").unlink(missing_ok=True)
        shutil.rmtree(self.work / "tmp")
        (self.work / "tmp").mkdir()

    def texts(self):
        """Per disk: label flags, area headers without their places in the ring, and the committed text."""
        found = []
        for i in range(1, len(SIZES) + 1):
            with open(self.work / "dev" / f"d{i}", "rb") as f:
                fd = f.fileno()
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                found.append(describe_disk(f))
        return found


def overwrite(f, at, wanted):
    step, wrote = 1 << 16, False
    f.seek(at)
    there = f.read(len(wanted))
    for i in range(0, len(wanted), step):
        if there[i:i + step] != wanted[i:i + step]:
            f.seek(at + i)
            f.write(wanted[i:i + step])
            wrote = True
    return wrote


def u64(data, at):
    return int.from_bytes(data[at:at + 8], "little")


def describe_disk(f):
    head = f.read(2048)
    for sector in range(4):
        label = head[sector * 512:sector * 512 + 512]
        if label[:8] == b"LABELONE":
            break
    else:
        return "no label"
    lines = [f"label in sector {sector} pv {label[32:64].decode()} size {u64(label, 64)}"]
    at, areas = 72, []
    for kind in ("data", "mda"):
        while u64(label, at) or u64(label, at + 8):
            areas.append((kind, u64(label, at), u64(label, at + 8)))
            at += 16
        at += 16
    lines.append(f"extension {int.from_bytes(label[at:at + 4], 'little')} {int.from_bytes(label[at + 4:at + 8], 'little')}")
    lines += [f"{kind} {start}+{size}" for kind, start, size in areas]
    for kind, start, size in areas:
        if kind != "mda":
            continue
        f.seek(start)
        area = f.read(min(size, KEPT))
        offset, length = u64(area, 40), u64(area, 48)
        flags = int.from_bytes(area[60:64], "little")
        lines.append(f"mda flags {flags}" + ("" if offset else " empty"))
        if offset:
            text = area[offset:offset + length]
            if len(text) < length:
                text += area[512:512 + length - len(text)]
            lines.append(text.rstrip(b"\0").decode(errors="replace"))
    return "\n".join(lines)


UUID = re.compile(r"\b[A-Za-z0-9]{6}(?:-[A-Za-z0-9]{4}){5}-[A-Za-z0-9]{6}\b")
UUID32 = re.compile(r"(?<=pv )[A-Za-z0-9]{32}(?= size)|(?<=PVID=)[A-Za-z0-9]{32}")


class Normal:
    """Text with what may differ taken out: ids by order of appearance, times, the programs' names, the folders."""

    def __init__(self, work):
        # Both sides' folders: the hints of a setup name the oracle's until somebody writes.
        self.work = re.compile(re.escape(str(Path(work).parent)) + "/[LA]")
        self.ids = {}

    def __call__(self, text):
        def name(match):
            bare = match.group().replace("-", "")
            return self.ids.setdefault(bare, f"<id{len(self.ids) + 1}>".ljust(38, "_"))

        text = self.work.sub("/W", UUID32.sub(name, UUID.sub(name, text)))
        text = re.sub(r"(creation_time = )\d+.*", r"\1T", text)
        text = re.sub(r"^(# Generated by|description = |contents = ).*$", r"\1", text, flags=re.M)
        text = re.sub(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000", "<time>", text)
        text = re.sub(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}", "<time>", text)
        return text


class Case:
    def __init__(self, where, setup, without, commands):
        self.where, self.setup, self.commands = where, setup, commands
        self.without = re.compile(without, re.M) if without else None  # what of the disks is not compared


def read_cases(path):
    """`setup NAME [from OTHER]: commands` prepares disks once; `NAME [~REGEX]: commands` is a case on a copy of them;
    what REGEX matches on the disks is on purpose not the same. Commands are separated by " ; ". "? command": the words of
    stdout may differ. "!command": the shell's, with the program as $PROGRAM. /dev/1 to /dev/6 are the disks, $TMP and $ETC folders, WORDS
    has others."""
    setups, cases = {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        commands = [c.strip() for c in rest.split(" ; ")]
        words = name.split()
        where = f"{path.name}:{number}"
        if words[0] == "setup":
            setups[words[1]] = (words[3] if len(words) == 4 else None, commands)
        else:
            without = words[1].removeprefix("~") if len(words) > 1 else None
            cases.append(Case(where, words[0], without, commands))
    return setups, cases


def make_setup(side, setups, name):
    """Disks by lvm2, made once; both sides start from the same bytes."""
    if name in side.saved:
        return side.saved[name]
    if name == "empty":
        disks = [(bytes(KEPT), bytes(KEPT))] * len(SIZES)
    else:
        base, commands = setups[name]
        side.put(make_setup(side, setups, base or "empty"))
        for command in commands:
            status, out, err = side.run(command)
            if status != 0:
                raise SystemExit(f"setup {name}: {command}: status {status}\n{out}{err}")
        os.sync()
        disks = side.read()
    side.saved[name] = disks
    return disks


def run_case(side, disks, commands):
    side.put(disks)
    steps = [side.run(command.removeprefix("? ")) for command in commands]
    return steps, side.texts()


def compare(case, oracle, ashlar):
    """The difference as text, or nothing."""
    normal = [Normal(oracle[0].work), Normal(ashlar[0].work)]
    said = []
    for command, a, b in zip(case.commands, oracle[1][0], ashlar[1][0]):
        # "? command": the oracle's words are its own; only the status counts.
        wants = [normal[0](a[1]), normal[1](b[1])]
        if command.startswith("? "):
            wants = ["", ""]
        if a[0] == b[0] and wants[0] == wants[1]:
            continue
        said.append(f"  $ {command}\n    lvm2 {a[0]}: {a[2].strip()}\n    ashlar {b[0]}: {b[2].strip()}")
        if wants[0] != wants[1]:
            said.append(difference(wants[0], wants[1]))
    texts = [normal[0]("\n".join(oracle[1][1])), normal[1]("\n".join(ashlar[1][1]))]
    if case.without:
        texts = [case.without.sub("", text) for text in texts]
    if not said and texts[0] != texts[1]:
        said.append("  disks differ\n" + difference(*texts))
    return "\n".join(said)


def difference(a, b):
    return "\n".join("    " + l for l in list(difflib.unified_diff(a.splitlines(), b.splitlines(), "", "", n=1, lineterm=""))[2:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", action="store_true", help="show what every command says")
    parser.add_argument("-k", default="", help="only cases with this in them")
    parser.add_argument("--update", action="store_true", help="write docs/compatibility.md")
    parser.add_argument("files", nargs="*", help="of cases; or 'options', for those that are made")
    args = parser.parse_args()
    ashlar = os.environ.get("ASHLAR", str(TOP / "build/release/ashlar"))
    root = tempfile.mkdtemp(prefix="ashlar-diff.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sides = []
    failed = total = 0
    made = args.update or not args.files or "options" in args.files
    try:
        sides = [Side(f"{root}/{name}", program) for name, program in (("L", ["/sbin/lvm"]), ("A", [ashlar]))]
        paths = [Path(f) for f in args.files if f != "options"] or ([] if "options" in args.files else sorted(CASES.glob("*.txt")))
        with ThreadPoolExecutor(2) as pool:
            for path in paths:
                setups, cases = read_cases(path)
                for side in sides:
                    side.saved.clear()
                for case in cases:
                    if args.k not in case.where + " " + " ; ".join(case.commands):
                        continue
                    total += 1
                    disks = make_setup(sides[0], setups, case.setup)
                    both = list(pool.map(lambda s: (s, run_case(s, disks, case.commands)), sides))
                    if args.v:
                        for side, (steps, _) in both:
                            for command, step in zip(case.commands, steps):
                                print(f"{side.program[0]} $ {command} -> {step[0]}\n{step[1]}{step[2]}", end="")
                    wrong = compare(case, *both)
                    if wrong:
                        failed += 1
                        print(f"DIFFERS {case.where} ({case.setup})\n{wrong}")
            if made:
                disks = make_setup(sides[0], {"made": (None, compatibility.cases.SETUP)}, "made")
                run = compatibility.Run(sides, pool, disks, Normal, difference, args.k)
                ok = compatibility.check(run, ashlar, TOP / "docs/compatibility.md", args.update)
                total += run.lines - len(run.wrong)
                failed += not ok
    finally:
        for side in sides:
            side.close()
        shutil.rmtree(root, ignore_errors=True)
    print(f"{total - failed} same, {failed} different")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
