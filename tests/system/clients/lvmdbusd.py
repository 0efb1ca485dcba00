# SPDX-License-Identifier: LGPL-2.1-or-later
"""lvmdbusd: a profile of its own, one full report, UUIDs in place of names, and the log of each command: from its output, or in the
shell by lastlog."""
import json

ENV = {"LC_ALL": "C", "LVM_COMMAND_PROFILE": "lvmdbusd"}
CONFIG = "--config 'log/command_log_selection=\"log_context!='\"''\"'\" global/notify_dbus=0'"
PV = ("pv_name,pv_uuid,pv_fmt,pv_size,pv_free,pv_used,dev_size,pv_mda_size,pv_mda_free,pv_ba_start,pv_ba_size,pe_start,pv_pe_count,"
      "pv_pe_alloc_count,pv_attr,pv_tags,vg_name,vg_uuid,pv_missing")
VG = ("vg_name,vg_uuid,vg_fmt,vg_size,vg_free,vg_sysid,vg_extent_size,vg_extent_count,vg_free_count,vg_profile,max_lv,max_pv,pv_count,"
      "lv_count,snap_count,vg_seqno,vg_mda_count,vg_mda_free,vg_mda_size,vg_mda_used_count,vg_attr,vg_tags")
LV = ("lv_uuid,lv_name,lv_path,lv_size,vg_name,pool_lv_uuid,pool_lv,origin_uuid,origin,data_percent,lv_attr,lv_tags,vg_uuid,lv_active,"
      "data_lv,metadata_lv,lv_parent,lv_role,lv_layout,snap_percent,metadata_percent,copy_percent,sync_percent,lv_metadata_size,move_pv,move_pv_uuid")

NOT_YET = [
    "lvm lvcreate -s -L 8388608B --name snap vg/lv",
    "lvm lvcreate --type thin-pool -L 16777216B --name pool vg",
    "lvm pvmove -i 1 -b /dev/1",
    "lvm lvconvert --merge -i 1 vg/lv",
]


def full(m):
    answer = m.run("lvm fullreport --nosuffix --unbuffered --units b -a "
                   f"--configreport pv -o {PV} --configreport vg -o {VG} --configreport lv -o {LV} "
                   f"--configreport seg -o seg_pe_ranges,segtype,lv_uuid --configreport pvseg -o pvseg_start,pvseg_size,segtype,pv_uuid,lv_uuid,pv_name {CONFIG}",
                   status=(0, 5), env=ENV)
    document = json.loads(answer.out)
    answer.need(all(set(report) >= {"vg", "pv", "lv", "pvseg", "seg"} for report in document["report"] if "vg" in report), "the five reports")
    answer.need(document["log"][-1]["log_object_type"] == "orphan", "the log, with PVs of no VG last")
    answer.need(all(int(row["log_ret_code"]) == 1 for row in document["log"]), "success of all objects")
    return answer, [report for report in document["report"] if "vg" in report]


def log_of(answer):
    """The rows of the log behind the report, or alone."""
    try:
        rows = json.loads(answer.out)["log"]
    except (ValueError, KeyError):
        rows = None
    answer.need(rows is not None, "a document with a log")
    return rows


def fails(m, line, message):
    """Its words are in the log, not on stderr, and the last object of it has failed."""
    answer = m.run(f"lvm {line} {CONFIG}", status=5, env=ENV)
    rows = log_of(answer)
    answer.need(any(row["log_type"] == "error" and message in row["log_message"] for row in rows), f"'{message}' in the log")
    answer.need(rows[-1]["log_type"] == "status" and int(rows[-1]["log_ret_code"]) == 5, "the failure in the last row")
    answer.need(message not in answer.err, "told once")


def in_shell(m, lines):
    """--lvmshell: a document for each line, whose last row of the log says how it fared."""
    answer = m.run("lvm", status=None, input="".join(line + "\n" for line in lines), env=ENV)
    decoder, documents, text = json.JSONDecoder(), [], answer.out.strip()
    while text:
        document, end = decoder.raw_decode(text)
        documents.append(document)
        text = text[end:].strip()
    answer.need(len(documents) >= len(lines) and all("log" in document for document in documents), "a document for each line")
    return answer, documents


def shell(m):
    answer, (made, report, gone, last, wrong, *_) = in_shell(m, [
        "lvchange --addtag s vg/one", "vgs -o vg_name", "lvremove -f vg/nope", "lastlog", "lvs --nonsense"])

    def code(document):
        return int(document["log"][-1]["log_ret_code"])
    answer.need([code(document) for document in (made, report, gone, wrong)] == [1, 1, 5, 3], "how each line fared")
    answer.need(report["report"][0]["vg"][0]["vg_name"] == "vg", "the report beside its log")
    answer.need(all(row["log_context"] == "shell" for document in (made, report, gone) for row in document["log"]), "the profile's selection")
    errors = [row for row in last["log"] if row["log_type"] == "error"]
    answer.need(errors and errors[0]["log_message"] == 'Failed to find logical volume "vg/nope"', "lastlog's error")
    answer.need((errors[0]["log_object_type"], errors[0]["log_object_group"]) == ("lv", "vg"), "the object that it is about")


def replay(m):
    m.side.shell("mkdir -p $ETC/profile && cp /etc/lvm/profile/lvmdbusd.profile $ETC/profile/")
    m.run("lvm help", err="fullreport", env=ENV)
    m.run("lvm segtypes", out="striped", env=ENV)
    m.run(f"lvm pvcreate --yes /dev/1 {CONFIG}", env=ENV)
    m.run(f"lvm vgcreate vg /dev/1 /dev/2 {CONFIG}", env=ENV)
    m.run(f"lvm lvcreate --size 8388608B --name one vg --yes {CONFIG}", env=ENV)
    m.run(f"lvm lvcreate --stripes 2 --stripesize 65536B --size 16777216B --name two vg --yes {CONFIG}", env=ENV)
    m.run(f"lvm pvcreate /dev/3 {CONFIG}", env=ENV)
    answer, reports = full(m)
    by_vg = {(report["vg"][0]["vg_name"] if report["vg"] else ""): report for report in reports}
    answer.need({"vg"} <= set(by_vg), "its VG")
    vg = by_vg["vg"]
    answer.need([lv["lv_name"] for lv in vg["lv"]] == ["one", "two"] and len(vg["pv"]) == 2, "LVs and PVs")
    answer.need(all(value == "" or isinstance(value, str) for lv in vg["lv"] for value in lv.values()), "strings")
    answer.need(any(seg["seg_pe_ranges"].count(":") == 2 for seg in vg["seg"]), "ranges of both stripes")
    fails(m, "lvremove -f vg/nope", 'Failed to find logical volume "vg/nope"')
    fails(m, "vgchange --addtag t nope", 'Volume group "nope" not found')
    fails(m, "lvcreate --size 8388608B --name one vg --yes", "already exists")
    change = m.run(f"lvm lvchange --addtag t vg/one {CONFIG}", env=ENV)
    change.need([row["log_object_type"] for row in log_of(change)] == ["lv", "lv", "vg"], "a message and two objects")
    shell(m)
    uuid = vg["vg"][0]["vg_uuid"]
    for change in ("--alloc cling", "--maxphysicalvolumes 9", "--logicalvolume 9", "--addtag t", "--deltag t"):
        m.run(f"lvm vgchange {change} vg {CONFIG}", env=ENV)
    m.run(f"lvm vgrename {uuid} renamed {CONFIG}", env=ENV)
    m.run(f"lvm vgexport renamed {CONFIG}", env=ENV)
    m.run(f"lvm vgimport renamed {CONFIG}", env=ENV)
    m.run(f"lvm lvresize --force -L+4194304B renamed/one {CONFIG}", env=ENV)
    m.run(f"lvm lvresize --force -L-4194304B renamed/one {CONFIG}", env=ENV)
    m.run(f"lvm lvchange -ay --activationmode degraded renamed/one {CONFIG}", env=ENV)
    m.run(f"lvm lvrename renamed/one renamed/uno {CONFIG}", env=ENV)
    m.run(f"lvm pvscan --activate ay --cache /dev/1 {CONFIG}", status=(0, 5), env=ENV)
    m.run(f"lvm vgremove -f renamed {CONFIG}", env=ENV)
    answer, reports = full(m)
    answer.need(not any(report["vg"] and report["vg"][0]["vg_name"] for report in reports), "no VG")
