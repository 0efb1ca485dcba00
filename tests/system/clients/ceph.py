# SPDX-License-Identifier: LGPL-2.1-or-later
"""ceph-volume: quotes are part of its separator; an empty selection; everything kept in tags."""


def rows(m, line):
    """As it does it: the separator is '";"' and quotes are taken off afterwards."""
    answer = m.run(line)
    return answer, [[word.strip().strip('"') for word in text.strip().split('";"')] for text in answer.out.splitlines()]


def replay(m):
    m.run("vgcreate --force --yes ceph-1 /dev/1")
    m.run("vgcreate --force --yes ceph-2 /dev/2")
    m.run("lvcreate --yes -l 4 -n osd-block-1 ceph-1")
    for tag in ("ceph.osd_id=0", "ceph.type=block", "ceph.osd_fsid=6a-b", "ceph.null"):
        m.run(f"lvchange --addtag {tag} /dev/ceph-1/osd-block-1")
    m.run("lvchange --deltag ceph.null --addtag ceph.block_device=/dev/ceph-1/osd-block-1 /dev/ceph-1/osd-block-1")
    answer, found = rows(m, "lvs --noheadings --readonly --separator='\";\"' -a --units=b --nosuffix -S '' -o lv_tags,lv_path,lv_name,vg_name,lv_uuid,lv_size")
    tags = dict(tag.split("=", 1) for tag in found[0][0].split(","))
    answer.need(tags == {"ceph.osd_id": "0", "ceph.type": "block", "ceph.osd_fsid": "6a-b", "ceph.block_device": "/dev/ceph-1/osd-block-1"}, "tags")
    answer.need(found[0][1:4] == ["/dev/ceph-1/osd-block-1", "osd-block-1", "ceph-1"] and found[0][5] == str(16 << 20), "path, names, size")
    answer, found = rows(m, "lvs --noheadings --readonly --separator='\";\"' -a --units=b --nosuffix -S 'lv_name=osd-block-1,vg_name=ceph-1' -o lv_name")
    answer.need(found == [["osd-block-1"]], "a comma is AND")
    answer, found = rows(m, "lvs --noheadings --readonly --separator='\";\"' -S 'tags={ceph.type=block,ceph.osd_id=0}' -o lv_name")
    answer.need(found == [["osd-block-1"]], "both tags")
    answer, found = rows(m, "lvs --noheadings --readonly --separator='\";\"' -S 'tags={ceph.type=block,ceph.osd_id=7}' -o lv_name")
    answer.need(found == [], "not both tags")
    answer, found = rows(m, "vgs --noheadings --readonly --units=b --nosuffix --separator='\";\"' -S '' -o vg_name,pv_count,lv_count,vg_attr,vg_extent_count,vg_free_count,vg_extent_size")
    answer.need([row[:3] for row in found] == [["ceph-1", "1", "1"], ["ceph-2", "1", "0"]] and found[0][6] == str(4 << 20), "VGs")
    answer, found = rows(m, "pvs --noheadings --readonly --separator='\";\"' -S 'pv_name=" + m.path("/dev/1") + "' -o pv_name,pv_tags,pv_uuid,vg_name,lv_uuid")
    answer.need(found[0][0] == m.path("/dev/1") and found[0][3] == "ceph-1" and len(found[0]) == 5, "PVs with the LVs on them")
    answer, found = rows(m, "vgs --noheadings --readonly --units=b --nosuffix --separator='\";\"' -S 'vg_name=\"\"' -o vg_name")
    answer.need(found == [], "no VG is without a name")
    m.run("lvremove -v -f /dev/ceph-1/osd-block-1")
    m.run("vgremove -v -f ceph-1")
    m.run("pvremove -v -f -f /dev/1")
