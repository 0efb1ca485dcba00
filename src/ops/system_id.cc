// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/system_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/log.h"
#include "base/system_file.h"

namespace ashlar::ops {

namespace {
constexpr std::size_t kLongest = 128;
constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

/// The first line that says something.
std::string first_line(const std::string& path) {
  const std::string text = system_file(path);
  if (text.empty()) log(LogLevel::Warning, "The system ID file " + printable(path) + " is empty or cannot be read.");
  std::istringstream in(text);
  std::string found;
  for (std::string line; std::getline(in, line);) {
    line = usable_system_id(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    if (!found.empty()) {
      log(LogLevel::Warning, "Ignoring extra line(s) in system ID file " + printable(path) + ".");
      break;
    }
    found = std::move(line);
  }
  return found;
}
}  // namespace

std::string usable_system_id(const std::string& text) {
  std::string id;
  for (char c : text) {
    if (kAllowed.find(c) != std::string_view::npos && id.size() < kLongest) id += c;
  }
  if (!id.starts_with("localhost")) return id;
  log(LogLevel::Warning, "system ID may not begin with the string \"localhost\".");
  return {};
}

Result<SystemIds> system_ids(const config::Settings& settings, const std::string& nodename) {
  SystemIds ids{{}, settings.list("local/extra_system_ids")};
  const std::string source = settings.text("global/system_id_source");
  if (source == "appmachineid") {
    const std::string where = settings.where("global/system_id_source");
    return Error(
        Errc::Refused,
        fmt::format(
            "{}{}global/system_id_source is \"appmachineid\", an ID that only LVM2 can work out: without it this "
            "host's VGs would look like another host's. Set it to \"lvmlocal\" and local/system_id to what `lvm "
            "systemid` says, and both programs use the same ID; where LVM2 is no more, VGs of this host say it: "
            "ashlar vgs --foreign -o +systemid --config 'global/system_id_source=\"none\"'",
            where, where.empty() ? "" : ": "));
  }
  if (source.empty() || source == "none") {
    if (!settings.text("local/system_id").empty())
      log(LogLevel::Warning, "local/system_id is set, so should global/system_id_source be \"lvmlocal\" not \"none\"?");
    return ids;
  }
  if (source == "uname")
    ids.own = usable_system_id(nodename);
  else if (source == "lvmlocal")
    ids.own = usable_system_id(settings.text("local/system_id"));
  else if (source == "machineid")
    ids.own = first_line(settings.text("global/etc") + "/machine-id");
  else if (source == "file")
    ids.own = first_line(settings.text("global/system_id_file"));
  else
    log(LogLevel::Warning,
        fmt::format("Unrecognised system_id_source \"{}\" (none, uname, machineid, file or lvmlocal).",
                    printable(source)));
  if (ids.own.empty())
    log(LogLevel::Warning, fmt::format("No system ID found from system_id_source {}.", printable(source)));
  return ids;
}

bool owns(const SystemIds& ids, const std::string& vg_system_id) {
  if (vg_system_id.empty()) return true;
  return !ids.own.empty() &&
         (vg_system_id == ids.own || std::find(ids.extra.begin(), ids.extra.end(), vg_system_id) != ids.extra.end());
}

std::string way_here(const SystemIds& ids, const std::string& vg, const std::string& vg_system_id) {
  const std::string theirs = printable(vg_system_id);
  return fmt::format(
      "on that host: vgexport {0}; or here, if that host is no more: ashlar vgchange -y --systemid '{1}' --config '{2}' {0}",
      vg, printable(ids.own),
      ids.own.empty() ? fmt::format("local/system_id=\"{}\" global/system_id_source=\"lvmlocal\"", theirs)
                      : fmt::format("local/extra_system_ids=[\"{}\"]", theirs));
}

}  // namespace ashlar::ops
