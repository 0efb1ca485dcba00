// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/online.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "base/system_file.h"
#include "base/unique_fd.h"

namespace ashlar::ops {

namespace {
constexpr const char* kDirectories[] = {"pvs_online", "vgs_online", "pvs_lookup"};

Error system_error(const std::string& what, const std::string& path) {
  return Error(Errc::Io, fmt::format("{} {}: {}", what, path, std::strerror(errno)), errno);
}

/// Creates a file that is not there; false if it is.
Result<bool> create(const std::string& path, const std::string& text) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) return errno == EEXIST ? Result<bool>(false) : Result<bool>(system_error("creating", path));
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return system_error("writing", path);
  return true;
}

std::string number_text(device::DevNumber n) { return fmt::format("{}:{}", n.major, n.minor); }
}  // namespace

Status OnlineFiles::make_directories() const {
  if (::mkdir(run_dir_.c_str(), 0755) != 0 && errno != EEXIST) return system_error("making", run_dir_);
  for (const char* name : kDirectories) {
    std::string path = run_dir_ + "/" + name;
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return system_error("making", path);
  }
  return ok();
}

std::string OnlineFiles::pv_path(const Uuid& pv) const { return run_dir_ + "/pvs_online/" + std::string(pv.raw()); }
bool OnlineFiles::has_pv(const Uuid& pv) const { return ::access(pv_path(pv).c_str(), F_OK) == 0; }

Status OnlineFiles::clear() {
  TRY(make_directories());
  for (const char* name : kDirectories) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(run_dir_ + "/" + name, failed)) {
      if (::unlink(entry.path().c_str()) != 0 && errno != ENOENT) return system_error("removing", entry.path());
    }
  }
  return ok();
}

Status OnlineFiles::add_pv(const Uuid& pv, device::DevNumber number, const std::string& vg, const std::string& device) {
  TRY(make_directories());
  std::string path = pv_path(pv);
  std::string text = number_text(number) + "\n";
  if (!vg.empty()) text += "vg:" + vg + "\n";
  text += "dev:" + device + "\n";
  if (TRY(create(path, text))) return ok();
  // Already there: of the same device it is the same event once more.
  std::istringstream in(system_file(path));
  std::string first;
  std::getline(in, first);
  if (first == number_text(number)) return ok();
  return Error(Errc::Refused,
               fmt::format("{} {} is duplicate for PVID {} on {}", device, number_text(number), pv.raw(), first));
}

Status OnlineFiles::remove_pv(device::DevNumber number) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(run_dir_ + "/pvs_online", failed)) {
    std::istringstream in(system_file(entry.path()));
    std::string first, line, vg;
    std::getline(in, first);
    while (std::getline(in, line)) {
      if (line.starts_with("vg:")) vg = line.substr(3);
    }
    if (first != number_text(number)) continue;
    if (::unlink(entry.path().c_str()) != 0 && errno != ENOENT) return system_error("removing", entry.path());
    // When it comes back complete the VG is activated again.
    if (!vg.empty() && vg.find('/') == std::string::npos) ::unlink((run_dir_ + "/vgs_online/" + vg).c_str());
  }
  return ok();
}

Result<bool> OnlineFiles::claim_vg(const std::string& vg) {
  TRY(make_directories());
  return create(run_dir_ + "/vgs_online/" + vg, "");
}

}  // namespace ashlar::ops
