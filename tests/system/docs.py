#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the examples of docs/*.md (or of the pages named) and compares what they print with what the page shows.

A fenced block of language "console" is a piece of a shell session: a line "$ COMMAND", perhaps continued by lines
"> ...", then its output, stdout and stderr together. A line "..." in the output stands for any lines. All blocks of a
page run one after the other in one empty folder, with settings, locks and archives of their own there, as the user who
started this. UUIDs, times and random bytes may differ. `--update` writes the outputs into the pages.

ASHLAR names the program; build/release/ashlar if it is not set."""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(```console\n)(.*?)^(```)$", re.M | re.S)
SAME = [
    (re.compile(r"\b[A-Za-z0-9]{6}(?:-[A-Za-z0-9]{4}){5}-[A-Za-z0-9]{6}\b"), "UUID"),
    (re.compile(r'("time": |creation_time = )\d+'), r"\1TIME"),
    (re.compile(r'("random": )"[0-9a-f]+"'), r'\1"RANDOM"'),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?: ?[+-]\d{4}|Z)?"), "DATE"),
    (re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"), "DATE"),
    (re.compile(r"_\d{5}-\d+\.vg"), "_ARCHIVE.vg"),
    (re.compile(r"_[A-Za-z0-9-]{38}_area\d_[0-9a-f]{8}\.saved"), "_AREA.saved"),
]


def commands_of(block):
    """[(text as shown, shell text, output as shown)]"""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append([line, line[2:], ""])
        elif line.startswith("> ") and found and not found[-1][2]:
            found[-1][0] += line
            found[-1][1] += line[2:]
        elif found:
            found[-1][2] += line
        else:
            sys.exit(f"an example begins with output: {line}")
    return found


def run(commands, folder):
    """What each of the commands printed."""
    mark = "\x01end\x01"
    script = "".join(f"{c}status=$?; printf '%s' '{mark}'; (exit $status)\n" for c in commands)
    (folder / "bin").mkdir()
    (folder / "bin" / "ashlar").symlink_to(os.environ.get("ASHLAR") or TOP / "build" / "release" / "ashlar")
    (folder / "etc").mkdir()
    (folder / "etc" / "lvm.conf").write_text(f'global {{ locking_dir = "{folder}/lock" }}\n')
    work = folder / "work"
    work.mkdir()
    env = {"PATH": f"{folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LVM_SYSTEM_DIR": f"{folder}/etc", "HOME": str(folder), "EXAMPLES": str(TOP / "docs" / "examples"), "LD_LIBRARY_PATH": os.environ.get("LIBASHLAR_DIR") or str(TOP / "build" / "release"), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", script], cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=1800)
    return done.stdout.replace(str(folder), "/tmp/example").split(mark)


def normal(text):
    for pattern, word in SAME:
        text = pattern.sub(word, text)
    return text


def matches(shown, printed):
    parts = [re.escape(p) for p in re.split(r"^\.\.\.\n", normal(shown), flags=re.M)]
    return re.fullmatch("(?:.*\n)*?".join(parts), normal(printed)) is not None


def check(page, update):
    text = page.read_text()
    blocks = [commands_of(m.group(2)) for m in FENCE.finditer(text)]
    commands = [c for block in blocks for c in block]
    if not commands:
        return 0, 0
    with tempfile.TemporaryDirectory(prefix="ashlar-docs.") as name:
        printed = run([c[1] for c in commands], pathlib.Path(name))
    wrong = 0
    for (shown, _, output), real in zip(commands, printed + [""] * len(commands)):
        if matches(output, real):
            continue
        wrong += 1
        if not update:
            print(f"{page.relative_to(TOP)}: {shown}", *difflib.unified_diff(normal(output).splitlines(), normal(real).splitlines(), "shown", "printed", lineterm=""), sep="\n")
    if update and wrong:
        new = iter(["".join(c[0] + (c[2] if matches(c[2], p) else p) for c, p in zip(block, [printed.pop(0) for _ in block])) for block in blocks])
        page.write_text(FENCE.sub(lambda m: m.group(1) + next(new) + m.group(3), text))
    return len(commands), wrong


def main():
    words = [w for w in sys.argv[1:] if w != "--update"]
    pages = [pathlib.Path(w).resolve() for w in words] or sorted(TOP.glob("docs/*.md"))
    total = failed = 0
    for page in pages:
        count, wrong = check(page, "--update" in sys.argv)
        total += count
        failed += wrong
    print(f"docs: {total} commands, {failed} with another output than shown")
    return 1 if failed and "--update" not in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
