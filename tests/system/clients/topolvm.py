# SPDX-License-Identifier: LGPL-2.1-or-later
"""TopoLVM's lvmd."""
import json
import re

ENV = {"LC_ALL": "C"}
ABSENT = r'Volume group "(.*?)" not found|Failed to find logical volume "(.*?)"'
LV_FIELDS = ("lv_uuid,lv_name,lv_full_name,lv_path,lv_size,lv_kernel_major,lv_kernel_minor,origin,origin_size,pool_lv,lv_tags,lv_attr,"
             "vg_name,data_percent,metadata_percent,pool_lv")

NOT_YET = [
    "lvm lvcreate -T vg/pool --size 16777216b",
    "lvm lvcreate -T vg/pool -n thin -V 16777216b -W y -y",
    "lvm lvcreate -s -k n -n snap vg/lv --addtag t",
]


def strings(answer, document):
    for report in document["report"]:
        for rows in report.values():
            for row in rows:
                answer.need(all(isinstance(value, str) for value in row.values()), "all values are strings")
    return document["report"]


def everything(m):
    answer = m.run("lvm fullreport --reportformat json --units b --nosuffix --configreport vg -o vg_name,vg_uuid,vg_size,vg_free "
                   f"--configreport lv -o {LV_FIELDS} --configreport pv -o, --configreport pvseg -o, --configreport seg -o,", env=ENV)
    return answer, strings(answer, json.loads(answer.out))


def lv(m, name):
    answer = m.run(f"lvm lvs {name} -o {LV_FIELDS} --units b --nosuffix --reportformat json", env=ENV)
    row, = strings(answer, json.loads(answer.out))[0]["lv"]
    answer.need(len(row["lv_attr"]) == 10, "ten letters")
    return row


def nothing_on_stdout(answer):
    answer.need(not answer.out, "stdout is empty when a command fails")


def replay(m):
    m.run("lvm version", out="LVM version", env=ENV)
    nothing_on_stdout(m.run("lvm vgcreate vg /dev/does-not-exist", status=5, err="No device found for /dev/does-not-exist", env=ENV))
    answer = m.run("lvm foobar", status=2, env=ENV)
    answer.need(not re.search(ABSENT, answer.err), "not as if a VG was not there")
    m.run("vgcreate vg /dev/1 /dev/2", env=ENV)
    m.run("vgcreate empty /dev/3", env=ENV)
    m.run("lvm lvcreate -n one -L 8388608b -W y -y --addtag t1 --addtag t2 vg", env=ENV)
    m.run("lvm lvcreate -n two -L 8388608b -W y -y -i 2 -I 64k vg", env=ENV)
    answer, reports = everything(m)
    by_vg = {report["vg"][0]["vg_name"]: report for report in reports}
    answer.need(set(by_vg) == {"vg", "empty"} and by_vg["empty"]["lv"] == [], "two VGs, one of them without LVs")
    answer.need([row["lv_name"] for row in by_vg["vg"]["lv"]] == ["one", "two"], "its LVs")
    row = lv(m, "vg/one")
    answer.need((row["lv_size"], row["lv_full_name"], row["lv_path"], row["origin_size"]) == ("8388608", "vg/one", "/dev/vg/one", ""), str(row))
    answer.need(sorted(row["lv_tags"].split(",")) == ["t1", "t2"], "tags with commas between")
    answer = m.run("lvm vgs vg -o vg_uuid,vg_name,vg_size,vg_free --units b --nosuffix --reportformat json", env=ENV)
    row, = strings(answer, json.loads(answer.out))[0]["vg"]
    answer.need(row["vg_size"] == str(30 * (4 << 20)) and row["vg_free"] == str(26 * (4 << 20)), "sizes")
    for line in ("lvs vg/nope -o lv_name", "lvs nope/one -o lv_name", "lvremove -f vg/nope", "lvcreate -n x -L 4194304b nope",
                 "lvresize -L 8388608b vg/nope", "lvrename vg nope other", "lvs /dev/vg/nope"):
        answer = m.run(f"lvm {line}", status=5, env=ENV)
        answer.need(re.search(ABSENT, answer.err) or "not found in volume group" in answer.err, "what is not there")
        nothing_on_stdout(answer)
    answer = m.run("lvm vgs nope --reportformat json -o vg_name", status=5, err=ABSENT, env=ENV)
    answer.need(json.loads(answer.out) == {"report": [{"vg": []}]}, "a report all the same")
    nothing_on_stdout(m.run("lvm lvcreate -n big -L 1099511627776b -W y -y vg", status=5, err="insufficient free space|free extents", env=ENV))
    m.run("lvm lvchange -p r /dev/vg/one", env=ENV)
    m.run("lvm lvchange -k n -a y /dev/vg/one", status=(0, 3, 5), env=ENV)
    m.run("lvm lvresize -L 12582912b vg/one", status=(0, 5), env=ENV)
    m.run("lvm lvresize -f -L 16777216b vg/two", env=ENV)
    m.run("lvm lvrename vg two three", env=ENV)
    m.run("lvm lvremove -f vg/one", env=ENV)
    m.run("lvm lvremove -f vg/three", env=ENV)
