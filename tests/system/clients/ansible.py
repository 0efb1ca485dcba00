# SPDX-License-Identifier: LGPL-2.1-or-later
"""community.general's lvg, lvol, lvg_rename, lvm_pv, filesystem, and the facts of ansible-core."""
import re

ENV = {"LC_ALL": "C", "LANGUAGE": "C"}

NOT_YET = [
    "lvcreate --yes -n snap -L 8m -s vg/lv",
    "lvcreate --yes -l 100%FREE -T vg/pool",
    "lvcreate --yes -n thin -V 1g -T vg/pool",
    "pvmove -y --autobackup y /dev/1 /dev/2",
]


def facts(m):
    for command, columns in (("vgs", 7), ("lvs", 12), ("pvs", 6)):
        answer = m.run(f"{command} --noheadings --nosuffix --units g --separator ,", env=ENV)
        for row in answer.rows(","):
            answer.need(len(row) == columns, f"{command} has not {columns} columns")
            numbers = {"vgs": row[-2:], "lvs": row[3:4], "pvs": row[4:6]}[command]
            [float(number) for number in numbers]


def lvg(m):
    m.run("pvcreate -f /dev/1", env=ENV)
    m.run("pvcreate -f /dev/2", env=ENV)
    for probe in ("vgchange", "vgcreate"):
        m.run(f"{probe} --help", out="--setautoactivation", env=ENV)
    m.run("vgcreate -s 4 --setautoactivation n vg /dev/1", env=ENV)
    answer = m.run("vgs --noheadings --separator ';' -o vg_name,pv_count,lv_count", env=ENV)
    answer.need(answer.rows(";") == [["vg", "1", "0"]], "vg;1;0")
    select = " || ".join(f"pv_name = {m.path(d)}" for d in ("/dev/1", "/dev/2")) + " || vg_name = vg"
    answer = m.run(f"pvs --noheadings --separator ';' -o pv_name,vg_name --select '{select}'", env=ENV)
    answer.need(answer.rows(";") == [[m.path("/dev/1"), "vg"], [m.path("/dev/2"), ""]], "the PVs and their VGs")
    for command in ("pvs", "pvdisplay --columns"):
        answer = m.run(f"{command} --units b --noheadings --nosuffix --separator ';' -o dev_size,pv_size,pe_start,vg_extent_size /dev/1", env=ENV)
        dev, size, start, extent = (int(word) for word in answer.rows(";")[0])
        answer.need((dev, start, extent) == (64 << 20, 1 << 20, 4 << 20) and size == 60 << 20, "sizes in bytes")
    answer = m.run("vgs --noheadings --separator ';' -o lv_attr,autoactivation vg", env=ENV)
    answer.need(answer.rows(";") == [], "no row without LVs")
    m.run("vgchange --setautoactivation y vg", env=ENV)
    m.run("vgextend vg /dev/2", env=ENV)
    m.run("lvcreate -an -Zn -Wn -n lv -L 8m vg /dev/1", env=ENV)
    answer = m.run("vgs --noheadings --separator ';' -o lv_attr,autoactivation vg", env=ENV)
    answer.need([(len(a), b) for a, b in answer.rows(";")] == [(10, "enabled")], "an attribute of ten letters, enabled")
    m.run("vgreduce --force vg /dev/2", env=ENV)
    m.run("pvresize /dev/1", env=ENV)
    m.run("pvchange -u /dev/1", env=ENV)
    m.run("vgchange -u vg", env=ENV)
    for word in ("y", "n"):
        m.run(f"vgchange --activate {word} vg", env=ENV)


def lvol(m):
    m.run("lvm version", out=r"LVM version:\s+(\d+)\.(\d+)\.(\d+)", env=ENV)
    for unit in "bskmgtpe":
        answer = m.run(f"vgs --noheadings --nosuffix --units {unit} --separator ';' -o vg_name,size,free,vg_extent_size vg", env=ENV)
        [float(word) for word in answer.rows(";")[0][1:]]
    m.run("lvcreate --test --yes -n new -L 8m vg", env=ENV)
    m.run("lvcreate --yes -n new -L 8m vg /dev/1", env=ENV)
    m.run("lvcreate --yes -n part -l 10%VG vg", env=ENV)
    answer = m.run("lvs -a --noheadings --nosuffix --units m --separator ';' -o lv_name,size,lv_attr vg", env=ENV)
    answer.need([(row[0], float(row[1]), len(row[2])) for row in answer.rows(";")] == [("lv", 8, 10), ("new", 8, 10), ("part", 4, 10)],
                "names, sizes, attributes")
    m.run("lvextend -L 16m vg/new", env=ENV)
    m.run("lvextend --test -l +1 vg/new", env=ENV)
    same = m.run("lvextend -L 16m vg/new", status=(0, 5), env=ENV)
    same.need("matches existing size" in same.out + same.err, "matches existing size")
    smaller = m.run("lvextend -L 8m vg/new", status=5, env=ENV)
    smaller.need("not larger than existing size" in smaller.out + smaller.err, "not larger than existing size")
    m.run("lvreduce --force -L 12m vg/new", env=ENV)
    m.run("lvreduce --test --force -L -4m vg/new", env=ENV)
    m.run("lvextend -l +50%FREE vg/new /dev/1", env=ENV)
    m.run("lvchange -ay vg/new", env=ENV)
    m.run("lvchange -an vg/new", env=ENV)
    m.run("lvremove --test --force vg/new", env=ENV)
    m.run("lvremove --force vg/new", env=ENV)
    m.run("lvs -a --noheadings --nosuffix --units m --separator ';' -o lv_name,size,lv_attr nope", status=5, err="not found", env=ENV)


def lvg_rename(m):
    answer = m.run("vgs --noheadings --separator ';' -o vg_name,vg_uuid", env=ENV)
    (name, uuid), = answer.rows(";")
    answer.need(name == "vg" and re.fullmatch(r"\w{6}(-\w{4}){5}-\w{6}", uuid), "a name and a UUID")
    m.run("vgrename vg other", out='Volume group "vg" successfully renamed to "other"', env=ENV)
    m.run("vgrename other vg", env=ENV)


def lvm_pv(m):
    m.run("pvs --noheadings --readonly /dev/3", status=5, env=ENV)
    m.run("pvcreate /dev/3", env=ENV)
    m.run("pvs --noheadings --readonly /dev/3", env=ENV)
    answer = m.run("pvs --noheadings --nosuffix --readonly --units b -o pv_size /dev/3", env=ENV)
    answer.need(int(answer.lines()[0]) == 64 << 20, "its size")
    answer = m.run("pvs --noheadings -o uuid /dev/3", env=ENV)
    m.run("pvremove -y /dev/3", env=ENV)
    m.run(f"pvcreate -f --uuid {answer.lines()[0]} --norestorefile /dev/3", env=ENV)
    m.run("pvremove -y -ff /dev/3", env=ENV)
    for field, want in (("vg_name", "vg"), ("pv_pe_alloc_count", "3"), ("pv_pe_count", "15")):
        answer = m.run(f"pvs --noheadings -o {field} /dev/1", env=ENV)
        answer.need(answer.lines() == [want], want)


def replay(m):
    facts(m)
    lvg(m)
    lvol(m)
    facts(m)
    lvg_rename(m)
    lvm_pv(m)
    m.run("vgremove --force vg", env=ENV)
    facts(m)
