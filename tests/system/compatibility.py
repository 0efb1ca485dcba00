# SPDX-License-Identifier: LGPL-2.1-or-later
"""For differential.py: runs what option_cases.py makes, and tells docs/compatibility.md from what came of it."""
import os
import re
import subprocess

import option_cases as cases

# Where another answer is meant: by command ("*": all) and option.
PURPOSE = {
    ("*", "help"): "help is in Ashlar's own words",
    ("*", "longhelp"): "help is in Ashlar's own words",
    ("*", "version"): "names Ashlar beside the version of LVM2 that it stands for",
    ("*", "debug"): "what is told of the work is Ashlar's own",
    ("*", "devices"): "a device that is named and is not there is a failure",
    ("config", "list"): "the sentences are Ashlar's own", ("dumpconfig", "list"): "the sentences are Ashlar's own",
    ("lvmconfig", "list"): "the sentences are Ashlar's own",
    **{(command, head): "the sentences are Ashlar's own" for command in ("config", "dumpconfig", "lvmconfig")
       for head in ("withgeneralpreamble", "withlocalpreamble")},
    ("pvck", "labelsector"): "says what is wrong of labels that are there, and not of sectors without one",
    ("lvcreate", "zero"): "clears also a volume that is not activated; lvm2 makes none then, with status 0",
    ("vgcreate", "physicalextentsize"): "what is wrong with the VG is found before its PVs are made",
    ("vgcreate", "pvmetadatacopies"): "what is wrong with the VG is found before its PVs are made",
    ("vgchange", "locktype"): "there is no lock manager: a type that needs one is a failure",
    ("vgcreate", "locktype"): "there is no lock manager: a type that needs one is a failure",
    ("vgmerge", "list"): "says what came of it",
    ("vgscan", "notifydbus"): "Ashlar tells no D-Bus service, and says so with a failure",
}

class Run:
    """The made command lines on both sides."""

    def __init__(self, sides, pool, disks, normal, difference, word=""):
        self.sides, self.pool, self.disks, self.normal, self.difference, self.word = sides, pool, disks, normal, difference, word
        self.lines = 0
        self.wrong = []

    def reset(self):
        list(self.pool.map(lambda side: side.put(self.disks), self.sides))

    def line(self, line, disks):
        """What both say: the difference as text, or nothing; and whether lvm2 took it."""
        commands = line.split(" ; ")

        def one(side):
            steps = [side.run(command.removeprefix("? ")) for command in commands]
            return steps, side.texts() if disks else []
        (a, texts_a), (b, texts_b) = self.pool.map(one, self.sides)
        self.lines += 1
        normal = [self.normal(side.work) for side in self.sides]
        said = []
        for command, left, right in zip(commands, a, b):
            words = ["", ""] if command.startswith("? ") else [normal[0](left[1]), normal[1](right[1])]
            if command.split()[0] not in ("pvs", "vgs", "lvs"):  # lvm2 takes VGs against the order of device numbers, Ashlar by name
                words = ["\n".join(sorted(re.sub(r"pvscan\[\d+\]", "pvscan", text).splitlines())) for text in words]
            if left[0] != right[0] or words[0] != words[1]:
                said.append(f"  $ {command}\n    lvm2 {left[0]}: {left[2].strip()[-300:]}\n    ashlar {right[0]}: {right[2].strip()[-300:]}\n"
                            + self.difference(*words))
        if not said and disks:
            texts = [re.sub(r"seqno = \d+|(dev_size = |size )\d+", "", n("\n".join(t))) for n, t in zip(normal, (texts_a, texts_b))]
            if texts[0] != texts[1]:
                said.append(f"  $ {line}\n    disks differ\n" + self.difference(*texts))
        return "\n".join(said), all(step[0] == 0 for step in a)

    def shell(self, lines):
        """Which of the lines, typed into a shell, do not print the same; those whose output starts alike are told apart by running them."""
        def one(side):
            lot = "".join(f"{line}\nsystemid\n" for line in lines)  # its answer stands between them
            lvm = side.work / "lvm"  # the shell, by that name
            if not lvm.exists():
                lvm.symlink_to(os.path.abspath(side.program[0]))
            done = subprocess.run([lvm], input=lot, env=side.env, cwd=side.work / "tmp", text=True, capture_output=True, errors="replace", timeout=500)
            return done.stdout.replace("lvm> ", "").split("  system ID: ")
        a, b = self.pool.map(one, self.sides)
        self.lines += len(lines)
        normal = [self.normal(side.work) for side in self.sides]
        if len(a) != len(b) or len(a) != len(lines) + 1:
            return [line for line in lines if self.line(line, False)[0]]
        # Rows that the order asked for does not tell apart come as they like: the columns of the order are compared, and then rows.
        def shape(line, text):
            rows = text.splitlines()
            return sorted(rows), [row.split("' ")[0] for row in rows] if " -O " in line else []
        return [line for line, left, right in zip(lines, a, b) if shape(line, normal[0](left)) != shape(line, normal[1](right))]

    def all(self, what, lines, disks):
        """Which of the lines are taken and which refused; differences go to `wrong`."""
        taken, same = [], True
        for line in lines:
            if disks:
                self.reset()
            said, ok = self.line(line, disks)
            taken.append(ok)
            if said:
                same = False
                self.wrong.append((what, said))
        return taken, same


def options(run, program):
    """What came of each option of each command: (state, taken and refused) by (command, option)."""
    ours = cases.ashlar_options(program)
    found = {}
    for command in cases.lvm2_commands():
        if command not in ours:
            found[command, ""] = "not yet"
            continue
        reads = command in cases.READERS
        if reads:
            run.reset()
        for option, (letter, kind) in cases.lvm2_options(command).items():
            if run.word and run.word not in f"{command} --{option}":
                continue
            if (command, option) in cases.NOT_HERE:
                continue
            if option not in ours[command]:
                found[command, option] = "not yet"
                continue
            _, same = run.all((command, option), cases.lines_for(command, option, letter, kind), not reads)
            found[command, option] = "same" if same else "DIFFERS"
    for option, (letter, kind) in cases.lvm2_common_options().items():
        if run.word and run.word not in f"* --{option}":
            continue
        same = True
        for command, reads in (("vgs", True), ("vgchange", False)):
            run.reset()
            same = run.all(("*", option), cases.lines_for(command, option, letter, kind), not reads)[1] and same
        found["*", option] = "same" if same else "DIFFERS"
    return found


REPORTS = ("pvs", "vgs", "lvs", "lvs --segments", "pvs --segments", "devtypes")
NOT_COMPARED = {"help", "pv_minor", "pv_all"}  # the numbers of the twins' loop devices


def reports(run):
    """Fields that are not the same, by report: each alone, each to sort by, in a shell for all of a report."""
    found = {}
    run.reset()
    for command in REPORTS:
        if run.word and run.word not in "reports":
            continue
        fields = [field for field in cases.fields(command.split()[0]) if field not in NOT_COMPARED]
        lines = [f"{command} -o {field}" for field in fields]
        lines += [f"{command} -o {field},{'devtype_name' if command == 'devtypes' else 'vg_name'} -O -{field} --binary --nameprefixes"
                  for field in fields if not field.endswith("_all") and field != "selected" and "--segments" not in command]
        found[command] = sorted({line.split(" -o ")[1].split()[0].split(",")[0] for line in run.shell(lines)})
    return found


def judge(found, run):
    """DIFFERS becomes "on purpose" where PURPOSE says why."""
    why = {}
    for (command, option), state in found.items():
        reason = PURPOSE.get((command, option)) or PURPOSE.get(("*", option))
        if reason and state == "DIFFERS":
            found[command, option], why[command, option] = "on purpose", reason
    return why


def names(words):
    return ", ".join(f"`{word}`" for word in sorted(words)) or "–"


def page(found, why, fields):
    by_command = {}
    for (command, option), state in found.items():
        by_command.setdefault(command, {}).setdefault(state, []).append(f"--{option}" if option else "")
    lines = [HEAD, "| command | same | different on purpose | not yet |", "|---|---|---|---|"]
    for command in sorted(by_command, key=lambda name: (name != "*", name)):
        states = by_command[command]
        absent, other = states.get("not yet", []), states.get("DIFFERS", [])
        if absent == [""]:
            lines.append(f"| `{command}` | – | – | the command |")
            continue
        later = "; ".join(text for text in (names(absent) if absent else "", "answers otherwise: " + names(other) if other else "") if text) or "–"
        title = "every command" if command == "*" else f"`{command}`"
        lines.append(f"| {title} | {names(states.get('same', []))} | {names(states.get('on purpose', []))} | {later} |")
    lines += ["", "## Why on purpose", ""]
    reasons = {}
    for (command, option), reason in why.items():
        reasons.setdefault(reason, set()).add(f"--{option}" if command == "*" or PURPOSE.get(("*", option)) else f"{command} --{option}")
    lines += [f"- {names(which)}: {reason}." for reason, which in sorted(reasons.items())]
    lines += ["", "## Report fields", "", "Each field that lvm2 has, alone and to sort by. The same in each, but for:", ""]
    lines += [f"- `{command}`: {names(which) if which else 'none'}" for command, which in fields.items()]
    return "\n".join(lines) + "\n"


HEAD = """# Command lines and lvm2

What `tests/system/differential.py` found: the same command lines by Debian's lvm2 2.03.16 and by Ashlar, on twin disks without
device-mapper; `--update` writes this page, and the run fails where it does not agree. *Same* means stdout, exit status and
what lies on the disks, for each kind of value that an option takes and for one that it refuses. The hand-written lines of
`tests/system/differential/` must all be the same, and are not counted here. *Answers otherwise*: taken, but at least one of those
lines came out differently.

Some differences that are meant are not those of an option, or not of one in the lines that are made:

- `vgreduce VG PV PV` takes all of the PVs out or none of them, where lvm2 takes out those that it can. Both end with status 5 where
  one of them has to stay.
- `vgremove -y` refuses a VG with a missing PV, with status 5; lvm2 removes it. The disk would bring the VG back in part, so it is
  `vgreduce --removemissing` first, or `vgremove -f`.
- A name that is not there is told, with status 5, also beside a tag: `vgs nope @tag`, `lvs nope/lv @tag`, `vgremove -y nope @tag`,
  `lvremove -y nope @tag`. lvm2 passes over it without a word, with status 0. Both do what the tag asks for.
- `pvcreate --setphysicalvolumesize` asks for a size larger than the device also where there is no PV yet; lvm2 only warns there. -y
  goes on.

Where a command takes several VGs and sorts no report, Ashlar takes them by name. lvm2 takes them against the order of device numbers,
the VG that is found last first, and device numbers may change at each start of the machine.

`global/system_id_source="appmachineid"` stands for an ID that only LVM2 can work out. Every command is refused with it, rather than
that this host's VGs look like another host's; `local/system_id` can be set to the same ID.

`devices/allow_changes_with_duplicate_pvs=1` allows no change: which of the devices holds the PV is for `devices/filter` to say.

`global/metadata_read_only=1` refuses every change, as its description in lvm2 says; lvm2 2.03.16 itself writes all the same.

`vgs` takes names of VGs alone, also where it is asked for fields of LVs: `lvs -o +vg_name` takes those of LVs. `fullreport` with a
field in a part that it does not belong to prints nothing, where lvm2 leaves that part out; both end with status 5. In the shell
`--reportformat` counts for each line, where lvm2 goes by the settings alone.

A size with anything but a unit behind its number (`1mm`) is refused, where lvm2 passes over what follows the unit.

Times in words in a selection (`-S 'lv_time since "2 days ago"'`) mean what they mean to lvm2, but for these: 12am is midnight and
12pm noon, where lvm2 takes them for noon and for the midnight after it; a count without "ago", 25:00 and Feb 30 are refused.

Of LVs of types that Ashlar carries through the fields are lvm2's (`tests/data/report/carried.sh`), but for two. An LV on a running
pvmove has in `seg_pe_ranges`, `seg_le_ranges` and `devices` the part of the pvmove LV that it lies on, where lvm2 names all of it
for each. An LV of a type that lvm2 does not know is shown with the stripes and extents that its keys name, which then count as
used; lvm2 counts them as free.
"""


def without_named(text, there):
    """The page with its fields as `there` has them: rows that an order does not tell apart come in any order from both, so that a
    field may be otherwise in one run and not in the next. One that is not named there is told of."""
    line = re.compile(r"(?m)^- `((?:pv|vg|lv)s(?: --segments)?|devtypes)`: (.*)$")
    named = dict(line.findall(there))
    def kept(match):
        known = named.get(match[1], "")
        new = set(re.findall(r"`(\w+)`", match[2])) - set(re.findall(r"`(\w+)`", known))
        if new:
            print(f"NOTE: {match[1]}: {', '.join(sorted(new))} otherwise in this run")
        return match[0] if match[1] not in named else f"- `{match[1]}`: {known}"
    return line.sub(kept, text)


def check(run, program, file, update):
    """Runs it all; writes the page, or says whether it agrees."""
    found = options(run, program)
    fields = reports(run)
    why = judge(found, run)
    text = page(found, why, fields)
    there = file.read_text() if file.exists() else ""
    if not update:
        text = without_named(text, there)
    for what, said in run.wrong:
        if run.word or (what not in why and text != there):
            print(f"OTHERWISE {' '.join(what)}\n{said}")
    if run.word:
        return True
    if update:
        file.write_text(text)
    elif text != there:
        print(f"DIFFERS {file.name}: --update writes it\n{run.difference(there, text)}")
        return False
    return True
