# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proxmox pve-storage, LVM plugin."""
REPORT = "--separator : --noheadings --units b --unbuffered --nosuffix --options"

NOT_YET = [
    "lvcreate --type thin-pool -L16384K --poolmetadatasize 4096K -n pool vg",
    "lvcreate -aly -V 16384K --name vm --thinpool vg/pool",
    "lvcreate -n snap -prw -kn -s vg/lv",
]


def replay(m):
    for disk in ("/dev/1", "/dev/2"):
        m.run(f"pvcreate --metadatasize 250k {disk}")
    m.run("vgcreate vg /dev/1 /dev/2")
    m.run("vgscan --ignorelockingfailure --mknodes", status=(0, 5))  # 5 where there is no device-mapper
    m.run("lvcreate -aly -Wy --yes --size 8192k --name vm-100-disk-0 --setautoactivation n --addtag pve-vm-100 vg")
    m.run("lvcreate -aly -Wy --yes --size 4096k --name vm-1000-disk-0 --setautoactivation n vg")
    answer = m.run(f"pvs {REPORT} pv_name,pv_size,vg_name,pv_uuid")
    answer.need([(row[0], row[2]) for row in answer.rows(":")] == [(m.path("/dev/1"), "vg"), (m.path("/dev/2"), "vg")], "PVs")
    answer = m.run(f"vgs {REPORT} vg_name,vg_size,vg_free,lv_count")
    name, size, free, count = answer.rows(":")[0]
    answer.need((name, int(size) - int(free), int(count)) == ("vg", 12 << 20, 2), "sizes and how many LVs")
    answer = m.run(f"vgs {REPORT} vg_name,vg_size,vg_free,lv_count,pv_name,pv_size,pv_free")
    answer.need(len(answer.rows(":")) == 2 and all(len(row) == 7 for row in answer.rows(":")), "a row for each PV")
    answer = m.run("lvs --separator : --noheadings --units b --unbuffered --nosuffix --config 'report/time_format=\"%s\"' --options "
                   "vg_name,lv_name,lv_size,lv_attr,pool_lv,data_percent,metadata_percent,snap_percent,uuid,tags,metadata_size,time")
    for row in answer.rows(":"):
        answer.need(len(row) == 12 and int(row[2]) and len(row[3]) == 10 and int(row[11]), "twelve columns; size and time are numbers")
    answer.need(answer.rows(":")[0][9] == "pve-vm-100", "the tag")
    answer = m.run("pvs --noheadings --readonly -o pv_name")
    answer.need(answer.lines() == [m.path("/dev/1"), m.path("/dev/2")], "names")
    for action in ("-aey", "-aly", "-ay -K", "--refresh", "-aln", "-an", "--setautoactivation y", "--addtag t", "--deltag t", "-pr -ky"):
        m.run(f"lvchange {action} vg/vm-100-disk-0", status=(0, 5) if "refresh" in action else 0)
    answer = m.run("lvchange --select 'vg_name = \"vg\" && lv_name =~ \"^vm-100-disk-[0-9]+$\"' --addtag chosen")
    answer = m.run("lvs --noheadings --separator : -o lv_name,lv_tags vg")
    answer.need([("chosen" in tags) for _, tags in answer.rows(":")] == [True, False], "what --select chose")
    m.run("lvrename vg vm-1000-disk-0 vm-1001-disk-0")
    m.run("lvextend -L 8192k vg/vm-1001-disk-0")
    m.run("vgchange -aln vg")
    m.run("lvremove -f vg/vm-1001-disk-0")
    m.run("vgremove -y vg", status=0)
    answer = m.run(f"vgs {REPORT} vg_name,vg_size,vg_free,lv_count nope", status=5)
    answer.need(not answer.out, "nothing")
