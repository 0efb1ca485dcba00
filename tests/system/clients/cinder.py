# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenStack's cinder with os-brick, and nova."""
import re

ENV = {"LC_ALL": "C", "LVM_SUPPRESS_FD_WARNINGS": "1"}

NOT_YET = [
    "lvcreate --name snap -k y --snapshot vg/lv -L 8m",
    "lvcreate -T -L 16m vg/pool",
    "lvcreate -T -V 16m -n thin vg/pool",
    "lvconvert --merge vg/lv",
]


def replay(m):
    for line in ("lvm version", "vgs --version"):
        answer = m.run(line, env=ENV)
        first = [text for text in answer.out.splitlines() if "LVM version" in text][0]
        answer.need(re.match(r"(\d+)\.(\d+)\.(\d+).*", first.split()[2]), "the third word is the version")
    m.run("vgcreate vg /dev/1 /dev/2", env=ENV)
    answer = m.run("vgs --noheadings -o name vg", env=ENV)
    answer.need(answer.lines() == ["vg"], "its name")
    answer = m.run("vgs --noheadings -o uuid vg", env=ENV)
    answer.need(re.fullmatch(r"\w{6}(-\w{4}){5}-\w{6}", answer.lines()[0]), "its UUID")
    m.run("lvcreate -n volume-1 vg -L 8m", env=ENV)
    m.run("lvcreate -n volume-2 vg -L 1g --test", status=5, env=ENV)
    answer = m.run("vgs --noheadings --unit=g -o name,size,free,lv_count,uuid --separator : --nosuffix vg", env=ENV)
    name, size, free, count, _ = answer.rows(":")[0]
    answer.need((name, float(size), float(free), count) == ("vg", 0.12, 0.11, "1"), "name, sizes in g, how many LVs")
    answer = m.run("lvs --noheadings --unit=g -o vg_name,name,size --nosuffix vg/volume-1 --readonly", env=ENV)
    answer.need(answer.rows() == [["vg", "volume-1", "0.01"]], "VG, name, size")
    answer = m.run("lvs --noheadings --unit=g -o size,data_percent --separator : --nosuffix vg/volume-1", env=ENV)
    answer.need(answer.rows(":") == [["0.01", ""]], "a column for the percentage, empty")
    answer = m.run("pvs --noheadings --unit=g -o vg_name,name,size,free --separator : --nosuffix", env=ENV)
    answer.need([row[0] for row in answer.rows(":")] == ["vg", "vg"], "PVs")
    answer = m.run("lvdisplay --noheading -C -o Attr vg/volume-1", env=ENV)
    answer.need(answer.lines()[0][0] not in "oO" and len(answer.lines()[0]) == 10, "it has no snapshot")
    answer = m.run("lvs --noheadings -o lv_name,origin vg", env=ENV)
    m.run("lvextend -L 16m vg/volume-1", env=ENV)
    m.run("lvrename vg volume-1 volume-3", env=ENV)
    m.run("lvchange -a y --yes -K vg/volume-3", env=ENV)
    m.run("lvchange -a n vg/volume-3", env=ENV)
    answer = m.run("vgs --noheadings --nosuffix --separator | --units b -o vg_size,vg_free vg".replace("|", "'|'"), env=ENV)
    answer.need([int(word) for word in answer.rows("|")[0]] == [30 << 22, 26 << 22], "bytes")
    # nova makes a dictionary of the headings and the one row.
    answer = m.run("lvs -o vg_all,lv_all --separator '|' vg/volume-3", env=ENV)
    heads, values = answer.rows("|")
    answer.need(len(heads) == len(values) and dict(zip(heads, values))["VG"] == "vg", "a value for each heading")
    m.run("lvremove --config 'activation { retry_deactivation = 1} devices { ignore_suspended_devices = 1}' -f vg/volume-3", env=ENV)
    m.run("lvremove -f vg/volume-3", status=5, err="not found|Failed to find", env=ENV)
    m.run("lvs --noheadings -o lv_name nope/x", status=5, err="not found|Failed to find", env=ENV)
    m.run("vgs --noheadings -o name nope", status=5, err="not found", env=ENV)
