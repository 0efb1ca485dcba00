# SPDX-License-Identifier: LGPL-2.1-or-later
"""libstorage-ng (YaST, Agama): --verbose with everything, hyphens within option names, "--" before names."""
import json

CONFIG = "--config 'log { command_names = 0 prefix = \"\" }' --units b --nosuffix"
LVS = ("lv_name,lv_uuid,vg_name,vg_uuid,lv_role,lv_attr,lv_size,origin_size,segtype,stripes,stripe_size,chunk_size,pool_lv,pool_lv_uuid,"
       "origin,origin_uuid,data_lv,data_lv_uuid,metadata_lv,metadata_lv_uuid")

NOT_YET = [
    "lvcreate --verbose --type thin-pool --zero=y --yes --extents 4 --name pool -- vg",
    "lvcreate --verbose --type thin --wipesignatures=y --yes --virtualsize 16777216B --thin-pool pool --name thin -- vg",
    "lvcreate --verbose --snapshot --yes --extents 2 --name snap -- vg/lv",
]


def rows(m, command, kind, fields, more=""):
    answer = m.run(f"{command} --reportformat json {CONFIG} {more} --options {fields}")
    answer.need(answer.out.lstrip().startswith('{') and '"report": [' in answer.out, "LVM2's JSON")
    document = json.loads(answer.out)
    answer.need(len(document["report"]) == 1, "one report")
    return answer, document["report"][0][kind]


def replay(m):
    m.run("pvcreate --verbose --force /dev/1")
    m.run("pvcreate --verbose --force /dev/2")
    m.run("pvresize --verbose /dev/2 --yes --setphysicalvolumesize 50331648b")
    m.run("pvresize --verbose /dev/2")
    m.run("vgcreate --verbose --physicalextentsize 4096k vg /dev/1 /dev/2")
    m.run("vgextend --verbose -- vg /dev/3")
    m.run("lvcreate --verbose --zero=y --wipesignatures=y --yes --extents 4 --name one -- vg")
    m.run("lvcreate --verbose --zero=y --wipesignatures=y --yes --extents 6 --name two --stripes 2 --stripesize 64 -- vg")
    answer, pvs = rows(m, "pvs", "pv", "pv_name,pv_uuid,vg_name,vg_uuid,pv_attr,pe_start", "--all")
    answer.need(len([pv for pv in pvs if pv["pv_uuid"]]) == 3 and len(pvs) == 6, "PVs, and disks that are none")
    answer.need(all(len(pv["pv_attr"]) >= 3 for pv in pvs), "attributes")
    answer, vgs = rows(m, "vgs", "vg", "vg_name,vg_uuid,vg_attr,vg_extent_size,vg_extent_count,vg_free_count")
    answer.need(len(vgs[0]["vg_attr"]) >= 6 and int(vgs[0]["vg_extent_count"]) == 45 and int(vgs[0]["vg_free_count"]) == 35, "attributes, counts")
    answer, lvs = rows(m, "lvs", "lv", LVS, "--all")
    answer.need([lv["lv_name"] for lv in lvs] == ["one", "two"], "names")
    for lv in lvs:
        answer.need(len(lv["lv_attr"]) >= 10 and "public" in lv["lv_role"] and int(lv["lv_size"]) % (4 << 20) == 0, "attributes, role, size")
    answer.need((lvs[1]["segtype"], lvs[1]["stripes"], lvs[1]["stripe_size"]) == ("striped", "2", "65536"), "stripes")
    answer = m.run(f"lvs --reportformat json {CONFIG} --options {LVS} -- vg/one")
    answer.need(len(json.loads(answer.out)["report"][0]["lv"]) == 1, "one LV")
    m.run("lvresize --verbose --extents 8 -- vg/one")
    m.run("lvresize --verbose --force --extents 2 -- vg/one")
    answer, lvs = rows(m, "lvs", "lv", LVS)
    for word in ("y", "n"):
        m.run(f"lvchange --verbose --activate {word} -- vg/one")
        m.run(f"vgchange --verbose --activate {word} vg")
    m.run("lvrename vg one uno")
    m.run("lvremove --verbose --force -- vg/uno")
    m.run("lvremove --verbose --force -- vg/two")
    m.run("vgreduce --verbose -- vg /dev/3")
    m.run("vgreduce --verbose --removemissing --force -- vg")
    m.run("vgrename --verbose vg new")
    m.run("vgremove --verbose -- new")
    m.run("pvremove --verbose /dev/1 --config 'devices { use_devicesfile = 0 }'")
    m.run("lvmdevices --verbose --adddev /dev/1 --devicesfile ng.devices")
    m.run("lvmdevices --verbose --deldev /dev/1 --devicesfile ng.devices")
