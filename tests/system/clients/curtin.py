# SPDX-License-Identifier: LGPL-2.1-or-later
"""curtin, the installer of Ubuntu Server."""
import json


def human2bytes(text):
    assert text.endswith("B")
    return int(text[:-1])


def replay(m):
    for command in ("pvscan", "vgscan", "vgchange --activate=y"):
        m.run(f"{command} --config 'devices {{ filter = [ \"a|^{m.path('/dev')}/d[0-9]$|\", \"r|.*|\" ] }}'")
    m.run("pvcreate --force --yes /dev/1")
    m.run("vgcreate --force --zero=y --yes vg /dev/1 /dev/2")
    m.run("lvcreate vg --name one --zero=y --wipesignatures=y --yes --size 8388608B")
    m.run("lvcreate vg --name rest --zero=y --wipesignatures=y --yes --extents 100%FREE")
    answer = m.run("pvs --reportformat=json --units=B --options pv_name,pv_size,vg_name,pv_missing,pv_duplicate")
    for pv in json.loads(answer.out)["report"][0]["pv"]:
        answer.need(human2bytes(pv["pv_size"]) == 60 << 20 and pv["pv_missing"] == "", "bytes with a B, and none missing")
    answer = m.run("lvs --reportformat=json --units=B --options lv_name,vg_name,lv_size,lv_full_name")
    answer.need([human2bytes(lv["lv_size"]) for lv in json.loads(answer.out)["report"][0]["lv"]] == [8 << 20, 112 << 20], "sizes")
    answer = m.run("lvdisplay -C --separator = --noheadings -o vg_name,lv_name")
    answer.need(answer.rows("=") == [["vg", "one"], ["vg", "rest"]], "VG=LV")
    answer = m.run("vgdisplay -C --separator = --noheadings -o vg_name,pv_name")
    answer.need(len(answer.rows("=")) == 2, "a row for each PV")
    m.run("lvremove --force --force vg/one")
    m.run("vgremove --force --force vg", status=(0, 5))
    m.run("pvremove --force --force --yes /dev/1", status=(0, 5))
    answer = m.run("pvs --reportformat=json --units=B --options pv_name")
    answer.need(len(json.loads(answer.out)["report"][0]["pv"]) == 1, "the other PV")
