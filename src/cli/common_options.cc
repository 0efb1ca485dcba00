// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "cli/option.h"

namespace ashlar::cli {

namespace {
constexpr Option kCommon[] = {
    {"verbose", 'v', Arg::Flag, "", "Say more; up to four times"},
    {"quiet", 'q', Arg::Flag, "", "Say less; twice answers questions with no"},
    {"debug", 'd', Arg::Flag, "", "As -vvv"},
    {"yes", 'y', Arg::Flag, "", "Answer questions with yes"},
    {"test", 't', Arg::Flag, "", "Stop before anything is written"},
    {"plan", 0, Arg::Word, "=text|json", "Show what would be done, and do nothing; 'ashlar apply' does it later"},
    {"json", 0, Arg::Flag, "", "Answer with one JSON document"},
    {"config", 0, Arg::List, "String", "Settings that rule over lvm.conf: 'backup/archive=0'"},
    {"devices", 0, Arg::List, "PV", "Use only these devices or image files, separated by commas"},
    {"image", 0, Arg::List, "File[@pN|@Offset[+Size]]", "Use only these image files, or parts of them; can be repeated"},
    {"uuidseed", 0, Arg::Value, "Text", "Draw ids from this and the command line: the same commands give the same ids"},
    {"nolocking", 0, Arg::Flag, "", "Take no locks"},
    {"readonly", 0, Arg::Flag, "", "Read without locks and refuse changes"},
    {"driverloaded", 0, Arg::Value, "y|n", "n: leave device-mapper alone"},
    {"commandprofile", 0, Arg::Value, "String", "Settings of this profile rule over lvm.conf"},
    {"profile", 0, Arg::Value, "String", "The same; as --metadataprofile where a command has that"},
    {"devicesfile", 0, Arg::Value, "String", "Use this devices file; \"\": none"},
    {"lockopt", 0, Arg::Value, "String", "Accepted; for shared VGs"},
    {"nohints", 0, Arg::Flag, "", "Accepted; hints are never used"},
    {"journal", 0, Arg::Value, "String", "Accepted"},
    {"help", 'h', Arg::Flag, "", "Show this"},
    {"longhelp", 0, Arg::Flag, "", "Show this"},
    {"version", 0, Arg::Flag, "", "Show the version"},
};

/// LVM2's long options without hyphens, as its man pages list them.
constexpr std::string_view kLvm2Options[] = {
    "abort", "activationmode", "addtag", "adddev", "addpvid", "aligned", "all", "alldevs", "alloc", "allocatable", "allocation",
    "atomic", "atversion", "autoactivation", "autobackup", "available", "background", "basevgname", "binary", "bootloaderareasize",
    "cache", "cachedevice", "cachemetadataformat", "cachemode", "cachepolicy", "cachepool", "cachesettings", "cachesize", "cachevol",
    "check", "checkcomplete", "chunksize", "clustered", "colon", "columns", "compression", "configreport", "configtype", "contiguous",
    "corelog", "count", "dataalignment", "dataalignmentoffset", "deduplication", "delcache", "deldev", "delpvid", "deltag", "detachprofile",
    "discards", "dump", "errorwhenfull", "extents", "file", "foreign", "fs", "fsmode", "force", "fullreport", "getuuid", "headings", "history",
    "ignoreactivationskip", "ignoreadvanced", "ignorelocal", "ignorelockingfailure", "ignoremonitoring", "ignoreskippedcluster",
    "ignoreunsupported", "import", "importdevices", "integrity", "integrityblocksize", "interval", "keepmismatches", "labelsector", "list",
    "listlvs", "listvg", "lockstart", "lockstop", "locktype", "logicalvolume", "logonly", "longhelp", "major", "majoritypvs", "maps",
    "maxlogicalvolumes", "maxphysicalvolumes", "maxrecoveryrate", "merge", "mergedconfig", "mergemirrors", "mergesnapshot", "mergethin",
    "metadatacopies", "metadataignore", "metadatasize", "metadatatype", "minor", "minrecoveryrate", "mirrorlog", "mirrors", "mirrorsonly",
    "mknodes", "monitor", "name", "nameprefixes", "noheadings", "nolocking", "norestorefile", "nosuffix", "nosync", "notifydbus",
    "noudevsync", "novolumegroup", "originname", "options", "partial", "permission", "persistent", "physicalextentsize", "physicalvolume",
    "physicalvolumesize", "poll", "polloperation", "pooldatasize", "poolmetadata", "poolmetadatasize", "poolmetadataspare",
    "pvmetadatacopies", "raidintegrity", "raidintegritymode", "readahead", "readonly", "rebuild", "refresh", "regionsize", "removemissing",
    "rename", "repair", "repairtype", "replace", "reportformat", "resizefs", "resizeable", "resync", "restorefile", "restoremissing", "resync",
    "rows", "reverse", "segments", "select", "separator", "setactivationskip", "setautoactivation", "setphysicalvolumesize", "settings", "shared",
    "short", "showdeprecated", "showunsupported", "size", "snapshot", "sort", "split", "splitcache", "splitmirrors", "splitsnapshot",
    "startpoll", "stripes", "stripesize", "swapmetadata", "syncaction", "sysinit", "systemid", "thin", "thinpool", "trackchanges",
    "trustcache", "type", "unbuffered", "uncache", "unconfigured", "units", "unquoted", "update", "updatemetadata", "usepolicies", "uuid",
    "uuidprefix", "uuidstr", "validate", "valuesonly", "vdo", "vdopool", "vdosettings", "vgmetadatacopies", "vgonline", "virtualoriginsize",
    "virtualsize", "watermark", "withcomments", "withfullcomments", "withgeneralcomments", "withlocalpreamble", "withspaces", "withsummary",
    "withunconfigured", "withversions", "wipesignatures", "writebehind", "writemostly", "zero",
};
}  // namespace

std::span<const Option> common_options() { return kCommon; }

bool is_lvm2_option(std::string_view name) {
  return std::find(std::begin(kLvm2Options), std::end(kLvm2Options), name) != std::end(kLvm2Options);
}

}  // namespace ashlar::cli
