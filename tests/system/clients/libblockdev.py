# SPDX-License-Identifier: LGPL-2.1-or-later
"""libblockdev 2.28 and 3.5, and through it blivet, anaconda, udisks2, Cockpit and linux-system-roles. Everything through
`lvm`, with --config and --devices at the end."""
import json
import re

V2 = {"LC_ALL": "C"}
V3 = {"LC_ALL": "C.UTF-8"}
PVS = ("pv_name,pv_uuid,pv_free,pv_size,pe_start,vg_name,vg_uuid,vg_size,vg_free,vg_extent_size,vg_extent_count,vg_free_count,pv_count,"
       "pv_tags,pv_missing")
VGS = "name,uuid,size,free,extent_size,extent_count,free_count,pv_count,vg_exported,vg_tags"
LVS = ("vg_name,lv_name,lv_uuid,lv_size,lv_attr,segtype,origin,pool_lv,data_lv,metadata_lv,lv_role,move_pv,data_percent,metadata_percent,"
       "copy_percent,lv_tags,devices,metadata_devices,seg_size_pe")

NOT_YET = [
    "lvm lvcreate -s -L 8192K -n snap vg/lv",
    "lvm lvcreate -T -L 16384K --poolmetadatasize=4096K --chunksize=64K vg/pool",
    "lvm lvcreate -T vg/pool -V 16384K -n thin",
    "lvm lvcreate -n r1 -L 8192K -y --type raid1 vg",
    "lvm lvcreate --type vdo -n v -L 16384K -V 16384K --compression y --deduplication y -y vg/pool",
    "lvm lvconvert --merge vg/lv",
    "lvm lvconvert -y --type cache-pool --poolmetadata meta --cachemode writeback vg/lv",
    "lvm lvconvert -y -f --uncache vg/lv",
    "lvm pvmove -i 1 /dev/1 /dev/2",
]


def pairs(m, line, fields):
    """2.28: as many k=v words as fields were asked for, on each line."""
    answer = m.run(f"lvm {line} --noheadings --nosuffix --nameprefixes --unquoted --units=b -o {fields}", env=V2)
    found = []
    for row in answer.rows():
        found.append(dict(word.split("=", 1) for word in row))
        answer.need(len(row) == len(fields.split(",")), "as many k=v as fields")
    return found


def standard(m, kind, line, fields):
    """3.5: json_std and the types it is read with."""
    answer = m.run(f"lvm {line} --units=b --nosuffix --reportformat json_std -o {fields}", env=V3)
    document = json.loads(answer.out)
    answer.need(list(document) == ["report"] and list(document["report"][0]) == [kind], "the frame of a report")
    return answer, document["report"][0][kind]


def typed(answer, row, kinds):
    for name, kind in kinds.items():
        answer.need(name in row, f"no {name}")
        value = row[name]
        right = {"text": isinstance(value, str), "bytes": isinstance(value, str) and value.isdigit(), "count": type(value) is int,
                 "flag": type(value) is int and value in (0, 1), "list": isinstance(value, list) and all(isinstance(v, str) for v in value),
                 "percent": value is None or isinstance(value, float)}[kind]
        answer.need(right, f"{name} is {value!r}, not a {kind}")


def reports(m):
    pvs = pairs(m, "pvs", PVS)
    vgs = pairs(m, "vgs", VGS)
    lvs = pairs(m, "lvs -a", LVS.replace(",devices,metadata_devices,seg_size_pe", ""))
    if pvs[0]["LVM2_PV_TAGS"] != "p1,p2" or vgs[0]["LVM2_VG_EXTENT_SIZE"] != "4194304" or lvs[0]["LVM2_ORIGIN"] != "":
        raise AssertionError((pvs, vgs, lvs))
    if not m.newer:
        return
    answer, rows = standard(m, "pv", "pvs", PVS)
    sizes = dict.fromkeys("pv_free pv_size pe_start vg_size vg_free vg_extent_size".split(), "bytes")
    typed(answer, rows[0], dict(sizes, pv_name="text", pv_uuid="text", vg_name="text", vg_extent_count="count", vg_free_count="count",
                                pv_count="count", pv_tags="list", pv_missing="flag"))
    answer.need(rows[0]["pv_tags"] == ["p1", "p2"], "tags of the PV")
    answer, rows = standard(m, "vg", "vgs", VGS)
    typed(answer, rows[0], dict(vg_name="text", vg_uuid="text", vg_size="bytes", vg_free="bytes", vg_extent_size="bytes",
                                vg_extent_count="count", vg_free_count="count", pv_count="count", vg_exported="flag", vg_tags="list"))
    answer, rows = standard(m, "lv", "lvs -a", LVS)
    for row in rows:
        typed(answer, row, dict(vg_name="text", lv_name="text", lv_size="bytes", lv_attr="text", segtype="text", origin="text", pool_lv="text",
                                data_lv="text", lv_role="list", move_pv="text", data_percent="percent", metadata_percent="percent",
                                copy_percent="percent", lv_tags="list", devices="list", metadata_devices="list", seg_size_pe="count"))
        answer.need(row["lv_role"] == ["public"] and all(re.fullmatch(r"(/\S+|\[unknown\])\(\d+\)", d) for d in row["devices"]), "role, devices")


def replay(m):
    m.run("lvm version", out=r"LVM version:\s+([\d\.]+)", env=V2)
    m.run("lvmconfig --version", out=r"LVM version:\s+([\d\.]+)", env=V3)
    m.run("lvm lvmconfig --typeconfig full devices/use_devicesfile", out=r"(?m)^use_devicesfile=\d+$", env=V3)
    m.run("lvm lvmconfig --typeconfig default devices/use_devicesfile", out=r"# use_devicesfile=\d+", env=V3)
    m.run("lvm segtypes", env=V3)
    m.run("lvmdevices --help", env=V3)
    m.run("lvm pvcreate /dev/1 --dataalignment=1024K --metadatasize=512K --config=' log {level=7 syslog=0}'",
          env=V3)
    m.run("lvm pvcreate /dev/2", env=V2)
    m.run("lvm vgcreate -s 4096K vg /dev/1 /dev/2", env=V2)
    m.run("lvm pvchange --addtag p1 --addtag p2 /dev/1", env=V2)
    m.run("lvm vgchange --addtag v1 vg", env=V2)
    m.run("lvm lvcreate -n one -L 8192K -y --type linear vg /dev/1", env=V2)
    m.run("lvm lvcreate -n two -L 16384K -y --stripes 2 vg /dev/1 /dev/2", env=V3)
    reports(m)
    for field in ("origin", "pool_lv", "data_lv", "metadata_lv"):
        answer = m.run(f"lvm lvs --noheadings -o {field} vg/one", env=V2)
        answer.need(not answer.lines(), "a linear LV has none")
    m.run("lvm pvscan", env=V2)
    m.run("lvm pvscan --cache", env=V3)
    m.run("lvm vgextend vg /dev/3", env=V2)
    m.run("lvm vgreduce vg /dev/3", env=V2)
    m.run("lvm vgreduce --removemissing --force vg", env=V3)
    m.run("lvm vgchange -ay vg", env=V2)
    m.run("lvm lvchange -asy vg/one", env=V3)
    m.run("lvm lvchange -ay -K vg/one", env=V2)
    m.run("lvm lvchange -an vg/one", env=V2)
    m.run("lvm lvchange -prw vg/one", status=(0, 5), env=V2)
    m.run("lvm lvresize --force -L 12288K vg/one --fs ignore" if m.newer else "lvm lvresize --force -L 12288K vg/one", env=V3)
    m.run("lvm lvresize --force -L 4096K vg/one", env=V3)
    m.run("lvm lvrename vg one other", env=V3)
    m.run("lvm vgcfgbackup -f $TMP/saved vg", env=V3)
    m.run("lvm vgcfgrestore -f $TMP/saved vg", env=V3)
    m.run("lvm lvremove --yes --force vg/other", env=V2)
    m.run("lvm lvremove --yes vg/two", env=V2)
    m.run("lvm pvresize -y --setphysicalvolumesize 49152K /dev/2", env=V2)
    m.run("lvm pvresize /dev/2 -y", env=V2)
    m.run("lvm vgchange --deltag v1 vg", env=V2)
    m.run("lvm vgrename vg new", env=V3)
    m.run(f"lvm vgs -o name --noheadings new --devices={m.path('/dev/1')},{m.path('/dev/2')}", out="^  new", env=V3)
    m.run("lvm vgremove --force new", env=V2)
    for disk in ("/dev/1", "/dev/2", "/dev/3"):
        m.run(f"lvm pvremove --force --force --yes {disk}", env=V2)
    m.run("lvm lvmdevices --adddev /dev/1 --devicesfile=test.devices", env=V3)
    m.run("lvm lvmdevices --deldev /dev/1 --devicesfile=test.devices", env=V3)
    m.run("lvm vgs nope", status=5, err='Volume group "nope" not found', env=V2)
