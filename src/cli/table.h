// SPDX-License-Identifier: LGPL-2.1-or-later
// The rows of the command table, each defined in the file of its command; commands.cc lists them.
#pragma once

#include "cli/command.h"

namespace ashlar::cli {

extern const Command kPvcreate, kPvremove, kPvs;
extern const Command kVgcreate, kVgextend, kVgreduce, kVgremove, kVgchange, kVgs;
extern const Command kLvcreate, kLvextend, kLvreduce, kLvresize, kLvremove, kLvrename, kLvchange, kLvs;
extern const Command kVgcfgbackup, kVgcfgrestore;
extern const Command kPvdisplay, kVgdisplay, kLvdisplay, kVgscan, kLvscan, kVgmknodes, kLvmdiskscan;
extern const Command kPvchange, kPvresize;
extern const Command kVgrename, kVgexport, kVgimport, kVgsplit, kVgmerge, kVgck;
extern const Command kFormats, kSegtypes, kSystemid, kTags, kDevtypes, kLastlog, kLvmsadc, kLvmsar, kLvmchange, kPvdata,
    kLvpoll, kVgconvert;
extern const Command kPvscan;
extern const Command kFullreport;
extern const Command kLvmconfig, kDumpconfig, kConfig;
extern const Command kVgimportclone;
extern const Command kLvmdevices, kVgimportdevices;
extern const Command kPvck;
extern const Command kTables, kVersionCommand, kHelp;
extern const Command kLv;
extern const Command kApply, kBatch, kEnsure;
extern const Command kHistory, kDiff, kUndo, kUndelete, kRepair;
extern const Command kWhy;

}  // namespace ashlar::cli
