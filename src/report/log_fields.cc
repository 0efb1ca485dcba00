// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/log.h"
#include "report/row.h"

namespace ashlar::report {

namespace {
constexpr Field kLogFields[] = {
    {Object::Log, "log_seq_num", "Seq", Type::Number, 3, "Number of the row, in the order in which things happened.",
     [](const Row& r) { return number(r.log->number); }},
    {Object::Log, "log_type", "LogType", Type::Text, 7,
     "status: how an object fared; print, warn, error: what was told.", [](const Row& r) { return text(r.log->type); }},
    {Object::Log, "log_context", "Context", Type::Text, 7,
     "processing: at work on objects; shell: in the shell, before and after that.",
     [](const Row& r) { return text(r.log->context); }},
    {Object::Log, "log_object_type", "ObjType", Type::Text, 7,
     "What the row is about: cmd, vg, lv, pv, label, or orphan for all PVs of no VG.",
     [](const Row& r) { return text(r.log->object.type); }},
    {Object::Log, "log_object_name", "ObjName", Type::Text, 7, "Name of the object.",
     [](const Row& r) { return text(r.log->object.name); }},
    {Object::Log, "log_object_id", "ObjID", Type::Text, 7, "Id of the object.",
     [](const Row& r) { return text(r.log->object.id); }},
    {Object::Log, "log_object_group", "ObjGrp", Type::Text, 7, "The VG of a PV or LV.",
     [](const Row& r) { return text(r.log->object.group); }},
    {Object::Log, "log_object_group_id", "ObjGrpID", Type::Text, 8, "Id of that VG.",
     [](const Row& r) { return text(r.log->object.group_id); }},
    {Object::Log, "log_message", "Msg", Type::Text, 7, "What was told; of a status success or failure.",
     [](const Row& r) { return text(r.log->message); }},
    {Object::Log, "log_errno", "Errno", Type::Number, 5, "-1 from the first error on, else 0.",
     [](const Row& r) { return r.log->error ? undefined("-1") : number(0); }},
    {Object::Log, "log_ret_code", "RetCode", Type::Number, 7,
     "Of a status: 1 for success, else the exit status of what failed.",
     [](const Row& r) { return number(r.log->return_code); }},
};
}  // namespace

std::span<const Field> log_fields() { return kLogFields; }

}  // namespace ashlar::report
