# SPDX-License-Identifier: LGPL-2.1-or-later
"""Command lines that differential.py makes itself: every option that `lvm CMD --longhelp` lists, once with each value that is
right and once with one that is wrong, and every field of the reports. A line alone is not enough for some: BASES and VALUES say more."""
import json
import re
import subprocess

OPTION = re.compile(r"(?:-(\w)\||\s)--(\w+)(?: ([^\s\],)]+))?")

# Where each command stands with an option to try: which disks, and the line. An option that does not go with that line has one of its own.
BASES = {
    "config": "lvmconfig {} global/units", "dumpconfig": "lvmconfig {} global/units", "lvmconfig": "lvmconfig {} global/units",
    "devtypes": "devtypes {}", "formats": "formats {}", "segtypes": "segtypes {}", "systemid": "systemid {}", "tags": "tags {}",
    "version": "? version {}", "help": "? help {}", "lastlog": "lastlog {}", "fullreport": "fullreport --config 'report/pvs_cols_full=\"pv_name,vg_name,pv_size\"' {} vga",
    "lvmchange": "lvmchange {}", "lvmsadc": "lvmsadc {}", "lvmsar": "lvmsar {}", "pvdata": "pvdata {}",
    "lvpoll": "lvpoll {} vgb/one", "lvmdevices": "lvmdevices $ON {}", "vgimportdevices": "vgimportdevices $ON {} vgb",
    "lvmdiskscan": "? lvmdiskscan {}", "lvscan": "lvscan {}", "pvscan": "pvscan {}", "vgscan": "vgscan {}",
    "pvs": "pvs {}", "vgs": "vgs {}", "lvs": "lvs {}", "pvdisplay": "pvdisplay {} /dev/1", "vgdisplay": "vgdisplay {} vga",
    "lvdisplay": "lvdisplay {} vgb/one", "pvck": "pvck {} /dev/1", "vgck": "vgck {} vgb",
    "lvchange": "lvchange {} vgb/one", "lvcreate": "lvcreate -an -Zn -Wn -l1 {} vgb", "lvextend": "lvextend {} vgb/one",
    "lvreduce": "lvreduce -f {} vgb/one", "lvresize": "lvresize -f {} vgb/one", "lvremove": "lvremove -f {} vgb/one",
    "lvrename": "lvrename {} vgb/one uno", "pvchange": "pvchange {} /dev/1", "pvcreate": "pvcreate {} /dev/5",
    "pvremove": "pvremove {} /dev/4", "pvresize": "pvresize {} /dev/1", "vgcfgbackup": "vgcfgbackup {} vgb",
    "vgcfgrestore": "vgcfgrestore {} vgb", "vgchange": "vgchange {} vga", "vgconvert": "vgconvert {} vga",
    "vgcreate": "vgcreate {} vgx /dev/5", "vgexport": "vgexport {} vga", "vgextend": "vgextend {} vga /dev/4", "vgimport": "vgimport {} vga",
    "vgimportclone": "vgimportclone {} /dev/6", "vgmerge": "vgmerge {} vgb vga", "vgmknodes": "vgmknodes {}",
    "vgreduce": "vgreduce {} vgb /dev/2", "vgremove": "vgremove -f {} vga", "vgrename": "vgrename {} vga vgx", "vgsplit": "vgsplit {} vgb vgx /dev/2",
}
READERS = {"config", "dumpconfig", "lvmconfig", "devtypes", "formats", "segtypes", "systemid", "tags", "version", "help", "lastlog", "fullreport",
           "lvmchange", "lvmsadc", "lvmsar", "pvdata", "lvpoll", "lvmdiskscan", "lvscan", "pvscan", "vgscan", "pvs", "vgs", "lvs", "pvdisplay",
           "vgdisplay", "lvdisplay", "pvck", "vgck"}
SETUP = ["vgcreate vgb /dev/1 /dev/2 --addtag vt", "vgcreate vga /dev/3", "pvcreate /dev/4",
         "lvcreate -an -Zn -Wn -l 4 -n one vgb /dev/1 --addtag x", "lvcreate -an -Zn -Wn -l 2 -n two vga", "vgcfgbackup -f $TMP/saved vgb"]

# Lines for options that do not go with their command's.
LINES = {
    ("vgs", "units"): [f"vgs --units {u}" for u in "h r b s k m g t p e H R B S K M G T P E 3m 4096b zz 0m".split()],
    ("vgs", "select"): [f"vgs -S '{s}' -o vg_name,vg_size,lv_count" for s in (
        "vg_name=vga", "vg_name!=vga", "vg_name=~^v.b$", "vg_name!~a$", "lv_count>0", "lv_count>=1", "lv_count<1", "lv_count<=1", "vg_size>100m",
        "vg_name=vga || lv_count=1", "vg_name=vga && lv_count=9", "vg_name=vga,lv_count=1", "!(vg_name=vga)", "(vg_name=vga || vg_name=vgb) && pv_count=2",
        "vg_tags=vt", "vg_tags={vt}", "vg_tags=[vt]", "vg_tags={vt||x}", "vg_tags!={vt}", "vg_extendable=1", "vg_extendable=extendable", "vg_size=\"\"",
        "vg_name=", "(vg_name=vga", "lv_count>x", "nofield=1", "vg_name>a", "lv_count=~1", "", "all", "vg_name ge b")],
    ("lvs", "select"): [f"lvs -S '{s}' -o lv_name" for s in (
        "lv_name=one", "lv_time since \"2020-01-01\"", "lv_time until \"2020-01-01\"", "lv_time after \"2020-01-01\"", "lv_time before \"2020-01-01\"",
        "lv_role=public && lv_skip_activation!=yes", "lv_layout=linear", "data_percent>0", "lv_size>=8m", "lv_active=active", "nofield=1")],
    ("lvcreate", "size"): ["lvcreate -an -Zn -Wn -L 8m vgb", "lvcreate -an -Zn -Wn -L 8x vgb"],
    ("lvcreate", "extents"): ["lvcreate -an -Zn -Wn -l 50%FREE vgb", "lvcreate -an -Zn -Wn -l 5%XX vgb"],
    ("lvcreate", "stripesize"): ["lvcreate -an -Zn -Wn -l2 -i2 -I 64k vgb", "lvcreate -an -Zn -Wn -l2 -i2 -I 3k vgb"],
    ("lvcreate", "minor"): ["lvcreate -an -Zn -Wn -l1 -My --minor 77 vgb", "lvcreate -an -Zn -Wn -l1 -My --minor x vgb"],
    ("lvcreate", "major"): ["lvcreate -an -Zn -Wn -l1 -My --major 253 --minor 77 vgb", "lvcreate -an -Zn -Wn -l1 --major x vgb"],
    ("lvcreate", "activate"): ["lvcreate -an -Zn -Wn -l1 vgb", "lvcreate -aq -Zn -Wn -l1 vgb"],
    ("lvcreate", "zero"): ["lvcreate -an -Zn -Wn -l1 vgb", "lvcreate -an -Zq -Wn -l1 vgb", "lvcreate -an -Zy -l1 vgb"],
    ("lvcreate", "wipesignatures"): ["lvcreate -an -Zn -Wn -l1 vgb", "lvcreate -an -Zn -Wq -l1 vgb", "lvcreate -an -Wy -Zn -l1 vgb"],
    ("lvcreate", "type"): [f"lvcreate -an -Zn -Wn -l2 --type {t} vgb" for t in ("linear", "striped", "error", "zero", "nothing")],
    ("lvcreate", "mirrors"): ["lvcreate -an -Zn -Wn -l1 -m 0 vgb", "lvcreate -an -Zn -Wn -l1 --mirrors x vgb"],
    ("lvextend", "mirrors"): ["lvextend -m 0 -l 6 vgb/one", "lvextend --mirrors x -l 6 vgb/one"],
    ("lvchange", "minor"): ["lvchange -My --minor x vgb/one"],
    ("lvchange", "major"): ["lvchange -My --major x --minor 7 vgb/one"],
    ("lvchange", "persistent"): ["lvchange -Mn vgb/one", "lvchange -Mq vgb/one"],
    ("lvextend", "size"): ["lvextend -L +8m vgb/one", "lvextend -L +8x vgb/one"],
    ("lvextend", "extents"): ["lvextend -l +10%VG vgb/one", "lvextend -l +5%XX vgb/one"],
    ("lvextend", "stripesize"): ["lvextend -l+2 -i2 -I 64k vga/two", "lvextend -l+2 -I 64k vgb/one", "lvextend -l+2 -i2 -I 3k vgb/one"],
    ("lvreduce", "size"): ["lvreduce -f -L -8m vgb/one", "lvreduce -f -L -8x vgb/one"],
    ("lvreduce", "extents"): ["lvreduce -f -l 1 vgb/one", "lvreduce -f -l -5%XX vgb/one"],
    ("lvresize", "size"): ["lvresize -f -L 8m vgb/one", "lvresize -f -L 8x vgb/one"],
    ("lvresize", "extents"): ["lvresize -f -l 6 vgb/one", "lvresize -f -l 5%XX vgb/one"],
    ("lvresize", "stripesize"): ["lvresize -l+2 -I 64k vgb/one", "lvresize -l+2 -i2 -I 3k vgb/one"],
    ("lvremove", "select"): ["lvremove -f -S lv_name=one", "lvremove -f -S nofield=one"],
    ("lvremove", "force"): ["lvremove -f vgb/one", "lvremove vgb/one", "lvremove -f=x vgb/one"],
    ("vgremove", "select"): ["vgremove -f -S vg_name=vga", "vgremove -f -S nofield=one"],
    ("vgremove", "force"): ["vgremove -f vga", "vgremove vga"],
    ("pvchange", "select"): ["pvchange -xn -S vg_name=vgb", "pvchange -xn -S nofield=x"],
    ("pvchange", "all"): ["pvchange -a -xn", "pvchange -a -xn /dev/1"],
    ("lvchange", "select"): ["lvchange --addtag n -S lv_name=one", "lvchange --addtag n -S nofield=x"],
    ("vgchange", "select"): ["vgchange --addtag n -S vg_name=vga", "vgchange --addtag n -S nofield=x"],
    ("vgexport", "select"): ["vgexport -S vg_name=vga", "vgexport -S nofield=x"],
    ("vgexport", "all"): ["vgexport -a", "vgexport -a vga"],
    ("vgimport", "all"): ["vgexport -a ; vgimport -a", "vgimport -a vga"],
    ("vgimport", "select"): ["vgexport vga ; vgimport -S vg_name=vga", "vgimport -S nofield=x"],
    ("vgimport", "force"): ["vgexport vga ; vgimport -f vga", "vgimport -f vga"],
    ("vgreduce", "all"): ["vgreduce -a vgb", "vgreduce -a vgb /dev/2"],
    ("vgreduce", "removemissing"): ["vgreduce --removemissing vgb", "vgreduce --removemissing vgb /dev/2"],
    ("vgreduce", "mirrorsonly"): ["vgreduce --removemissing --mirrorsonly vgb", "vgreduce --mirrorsonly vgb /dev/2"],
    ("vgsplit", "name"): ["vgsplit -n one vgb vgx", "vgsplit -n nope vgb vgx"],
    ("pvcreate", "uuid"): ["pvcreate --norestorefile --uuid dxOtiD-fka7-305O-rpsv-zuSF-9gWE-PCI0AX /dev/5", "pvcreate --norestorefile --uuid x /dev/5",
                           "pvcreate --uuid dxOtiD-fka7-305O-rpsv-zuSF-9gWE-PCI0AX /dev/5"],
    ("pvcreate", "norestorefile"): ["pvcreate --norestorefile --uuid dxOtiD-fka7-305O-rpsv-zuSF-9gWE-PCI0AX /dev/5", "pvcreate --norestorefile /dev/5"],
    ("pvcreate", "restorefile"): ["pvcreate --restorefile $TMP/nope --uuid dxOtiD-fka7-305O-rpsv-zuSF-9gWE-PCI0AX /dev/5", "pvcreate --restorefile $TMP/nope /dev/5"],
    ("pvresize", "setphysicalvolumesize"): ["pvresize -y --setphysicalvolumesize 40m /dev/4", "pvresize -y --setphysicalvolumesize 8x /dev/4"],
    ("vgcfgbackup", "file"): ["vgcfgbackup -f $TMP/b vgb", "vgcfgbackup -f /proc/no/such vgb"],
    ("vgcfgrestore", "file"): ["vgcfgbackup -f $TMP/b vgb ; vgcfgrestore -f $TMP/b vgb", "vgcfgrestore -f $TMP/nope vgb"],
    ("vgcfgrestore", "list"): ["vgcfgrestore -l vgb", "vgcfgrestore -l", "vgcfgrestore -l -f $TMP/nope"],
    ("vgcfgrestore", "force"): ["vgcfgbackup -f $TMP/b vgb ; vgcfgrestore --force -f $TMP/b vgb", "vgcfgrestore --force -f $TMP/nope vgb"],
    ("vgcfgrestore", "metadatatype"): ["vgcfgbackup -f $TMP/b vgb ; vgcfgrestore -M2 -f $TMP/b vgb", "vgcfgrestore -M9 -f $TMP/nope vgb"],
    ("vgck", "updatemetadata"): ["vgck --updatemetadata vgb", "vgck --updatemetadata"],
    ("vgrename", "force"): ["vgrename -f vga vgx", "vgrename -f vga vgb"],
    ("vgscan", "mknodes"): ["? vgscan --mknodes", "vgscan --mknodes=x"],
    ("pvck", "dump"): [f"pvck --dump {d} /dev/1" for d in ("headers", "metadata", "metadata_all", "metadata_search", "nothing")],
    ("pvck", "file"): ["pvck --dump metadata -f $TMP/d /dev/1", "pvck -f $TMP/d /dev/1"],
    ("pvck", "repair"): ["pvck --dump metadata -f $TMP/d /dev/1 ; ? pvck -y --repair -f $TMP/d /dev/1", "pvck --repair /dev/1"],
    ("pvck", "repairtype"): ["pvck --dump metadata -f $TMP/d /dev/1 ; ? pvck -y --repairtype pv_header -f $TMP/d /dev/1", "? pvck --repairtype nothing /dev/1"],
    ("pvck", "settings"): ["pvck --dump metadata --settings mda_num=1 /dev/1", "pvck --settings x /dev/1"],
    ("pvscan", "all"): ["pvscan --listlvs --all", "pvscan --all"],
    ("pvscan", "exported"): ["pvscan -e", "pvscan -e -n"],
    ("pvscan", "novolumegroup"): ["pvscan -n", "pvscan -n=x"],
    ("vgimportdevices", "all"): ["vgimportdevices $ON -a", "vgimportdevices $ON -a vga"],
    ("fullreport", "configreport"): ["fullreport --configreport vg -o vg_name vga", "fullreport --configreport xx -o vg_name vga"],
}

REPORT_VALUES = {
    "units": (["b", "H"], ["zz"]),
    "options": (["vg_name", "+vg_tags", "vg_name,vg_name"], ["nofield"]), "sort": (["vg_name", "-vg_name"], ["nofield"]),
    "select": (["vg_name=vgb", ""], ["nofield=1", "vg_name=", "(vg_name=vgb"]), "separator": ([";", "ab", ""], []),
}
# By what longhelp calls them, then by option.
KINDS = {
    "y|n": (["y", "n"], ["q"]), "Number": (["2", "0"], ["x", "-1"]), "Tag": (["t", "@t"], ["a b"]), "PV": (["/dev/4"], ["nope"]),
    "Size[m|UNIT": (["8m", "16"], ["8x"]), "Size[k|UNIT": (["512k", "1024"], ["8x"]), "[Number": (["b"], ["zz"]),
}
VALUES = dict(REPORT_VALUES, **{
    "config": (["global/units=b"], ["{"]), "commandprofile": ([], ["nope"]), "metadataprofile": ([], ["nope"]), "profile": ([], ["nope"]),
    "devices": (["/dev/1,/dev/2,/dev/3,/dev/4,/dev/5,/dev/6"], ["nope"]), "devicesfile": ([""], ["a/b"]), "journal": (["command"], []),
    "lockopt": (["auto"], []), "name": (["fresh"], ["a/b/c", "bad name"]), "systemid": (["", "other"], ["a b"]), "basevgname": (["base"], ["bad name"]),
    "readahead": (["auto", "none", "128"], ["q"]), "physicalextentsize": (["4m", "8m"], ["3k", "8x"]), "extents": (["2"], ["x"]),
    "reportformat": (["basic", "json"], ["nothing"]), "alloc": (["contiguous", "cling", "cling_by_tags", "normal", "anywhere", "inherit"], ["nothing"]),
    "metadatasize": (["4m"], ["8x"]), "dataalignment": (["64k", "1m"], ["8x"]), "dataalignmentoffset": (["4k"], ["8x"]),
    "stripes": (["2"], ["0", "129", "x"]), "labelsector": (["1"], ["x", "9"]), "deviceidtype": ([], ["nothing"]), "typeconfig": ([], ["nothing"]),
    "atversion": (["2.2.98"], ["x"]), "sinceversion": (["2.3.0"], ["x"]), "minor": ([], ["x"]), "major": ([], ["x"]),
})


def lvm2_commands():
    done = subprocess.run(["/sbin/lvm", "help"], capture_output=True, text=True)
    return re.findall(r"(?m)^  ([a-z]+) {2,}", done.stdout + done.stderr)


def lvm2_options(command):
    """(letter, what its value is called) by name, without those of every command."""
    text = subprocess.run(["/sbin/lvm", command, "--longhelp"], capture_output=True, text=True).stdout
    own = text.partition("Common options for lvm:")[0]
    found = {}
    for match in OPTION.finditer(own):
        found.setdefault(match[2], (match[1] or "", match[3]))
    return found


def lvm2_common_options():
    text = subprocess.run(["/sbin/lvm", "pvs", "--longhelp"], capture_output=True, text=True).stdout
    part = text.partition("Common options for lvm:")[2].partition("Common variables")[0]
    return {match[2]: (match[1] or "", match[3]) for match in OPTION.finditer(part)}


def ashlar_options(program):
    """Ours, by command, with those of every command in each."""
    document = json.loads(subprocess.run([program, "help", "--json"], capture_output=True, text=True, check=True).stdout)
    common = {option["name"] for option in document["common_options"]}
    return {command["name"]: {option["name"] for option in command["options"]} | common for command in document["commands"]}


def quote(word):
    return "'" + word + "'" if not word or re.search(r"[\s;(){}|]", word) else word


def lines_for(command, option, letter, kind):
    """Command lines with the option: some that are taken, some that are refused."""
    if (command, option) in LINES:
        return LINES[command, option]
    base = BASES[command]
    if command in ("lvextend", "lvresize", "lvreduce"):
        base = base.replace("{}", "{} -l 3" if command == "lvreduce" else "{} -l 6")
    elif command in ("pvchange", "lvchange", "vgchange") and kind is None and option in COMMON_CHANGE:
        base = base.replace("{}", "{} --addtag n")
    elif command == "lvcreate" and option == "stripes":
        base = base.replace("-l1", "-l2")
    if kind is None:
        words = [f"--{option}"] + ([f"-{letter}"] if letter else []) + [f"--{option}=x"]
    else:
        good, bad = VALUES.get(option) or KINDS.get(kind) or ((kind.split("|"), ["nothing"]) if "|" in kind else (["a"], []))
        words = [f"--{option}={quote(value)}" for value in good + bad]
        if letter and good:
            words.append(f"-{letter} {quote(good[0])}")
        if option in COMMON_CHANGE and command in ("pvchange", "lvchange", "vgchange"):
            words = [word + " --addtag n" for word in words]
    return [base.format(word) for word in words]


# Of files in /run/lvm, which both sides would share: compared in the VM.
NOT_HERE = {("pvscan", option) for option in
            ("activate", "autoactivation", "cache", "checkcomplete", "listlvs", "listvg", "major", "minor", "udevoutput", "vgonline")}

COMMON_CHANGE = {"autobackup", "force", "yes", "test", "reportformat", "ignoreskippedcluster", "noudevsync", "ignorelockingfailure", "config", "quiet",
                 "verbose", "debug", "nolocking", "nohints", "driverloaded", "lockopt", "devices", "devicesfile", "journal", "commandprofile", "metadatacopies"}

FIELD = re.compile(r"(?m)^ {4,}(\w+) +- ")


def fields(command):
    """Names of the fields of a report, as `-o help` lists them."""
    done = subprocess.run(["/sbin/lvm", *command.split(), "-o", "help", "--driverloaded", "n"], capture_output=True, text=True)
    return list(dict.fromkeys(FIELD.findall(done.stdout + done.stderr)))
