// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

namespace {
constexpr std::string_view kDebugClasses[] = {"memory",   "devices", "io",      "activation", "allocation",
                                              "metadata", "cache",   "locking", "lvmpolld",   "dbus"};
constexpr std::string_view kFields[] = {"time", "command", "fileline", "message"};
}  // namespace

std::span<const Setting> log_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"log", Section{}, {1, 0, 0}, kPlain, "Messages, and where they go."},
      {"log/report_command_log", false, {2, 2, 158}, kOfCommands,
       "Write a log of what each command did to each object as a report of its own."},
      {"log/command_log_sort", "log_seq_num", {2, 2, 158}, kOfCommands,
       "Columns that this report is sorted by."},
      {"log/command_log_cols",
       "log_seq_num,log_type,log_context,log_object_type,log_object_name,log_object_id,log_object_group,"
       "log_object_group_id,log_message,log_errno,log_ret_code", {2, 2, 158}, kOfCommands,
       "Columns of this report."},
      {"log/command_log_selection", "!(log_type=status && message=success)", {2, 2, 158}, kOfCommands,
       "Which of its rows are shown, as --select."},
      {"log/verbose", 0, {1, 0, 0}, kPlain, "How much to tell on the terminal, 0 to 3; as so many -v."},
      {"log/silent", false, {2, 2, 98}, kPlain,
       "Tell nothing that is not an error or a result, and answer questions with no; as -qq."},
      {"log/syslog", false, {1, 0, 0}, kPlain, "Send messages up to log/level to syslog, at the end of each command."},
      {"log/file", "", {1, 0, 0}, kUnset, "File that gets all messages up to log/level.", R"("/var/log/ashlar.log")"},
      {"log/journal", kNothing, {2, 3, 12}, kKept | kMayBeEmpty,
       "What goes to the systemd journal: \"command\", \"output\", \"debug\"."},
      {"log/overwrite", false, {1, 0, 0}, kPlain, "Start log/file anew with each command instead of adding to it."},
      {"log/level", 0, {1, 0, 0}, kPlain,
       "How much goes to log/file and syslog: 0 nothing, 2 only critical messages, to 7 which is everything."},
      {"log/indent", false, {1, 0, 0}, kPlain, "Indent messages on the terminal by their weight."},
      {"log/command_names", false, {1, 0, 0}, kPlain, "Start each line with the name of the command."},
      {"log/prefix", "  ", {1, 0, 0}, kMayBeEmpty, "What stands before each message, behind the name of the command."},
      {"log/activation", false, {1, 0, 0}, kKept,
       "Keep writing to log/file and syslog while devices are suspended. May hang if the log is on such a device."},
      {"log/activate_file", "", {1, 0, 0}, kKept | kUnset | kUnsupported,
       "A log file for what happens while devices are suspended.", R"("/tmp/lvm2.log")"},
      {"log/debug_classes", kDebugClasses, {2, 2, 99}, kKept | kMayBeEmpty, "Subjects of which debug messages are written."},
      {"log/debug_file_fields", kFields, {2, 3, 2}, kKept | kAdvanced, "What stands before each message in log/file."},
      {"log/debug_output_fields", kFields, {2, 3, 2}, kKept | kAdvanced,
       "What stands before each debug message on the terminal."},
  };
  // clang-format on
  return kRows;
}

}  // namespace ashlar::config
