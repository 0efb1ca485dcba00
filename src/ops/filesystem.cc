// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/filesystem.h"

#include <algorithm>
#include <charconv>
#include <cerrno>
#include <cstring>
#include <sstream>

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/log.h"
#include "base/system_file.h"
#include "ops/helper.h"

namespace ashlar::ops {

namespace {
bool is_ext(const std::string& type) { return type == "ext2" || type == "ext3" || type == "ext4"; }

/// "\040" is how the kernel writes a blank.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    if (text[i] == '\\' && i + 3 < text.size() && std::from_chars(&text[i + 1], &text[i + 4], value, 8).ptr == &text[i + 4]) {
      out += static_cast<char>(value);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Where the device of that number is mounted; empty: nowhere.
std::string mount_point_of(unsigned major, unsigned minor) {
  std::istringstream mounts(system_file("/proc/self/mountinfo"));
  const std::string wanted = fmt::format("{}:{}", major, minor);
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, number, root, where;
    if (words >> id >> parent >> number >> root >> where && number == wanted) return unescaped(where);
  }
  return {};
}

Error helper_error(const std::string& what, const HelperResult& result) {
  return Error(Errc::Io, fmt::format("{} failed with status {}: {}", what, result.status, complaint(result.output)));
}

Status run(const std::vector<std::string>& words, int most = 0) {
  HelperResult result = TRY(run_helper(words));
  return result.status <= most ? ok() : Status(helper_error(words[0], result));
}

/// The number behind "NAME:" in what dumpe2fs or resize2fs prints.
std::optional<std::uint64_t> number_after(const std::string& text, std::string_view name) {
  std::size_t at = text.find(name);
  if (at == std::string::npos) return std::nullopt;
  at = text.find_first_of("0123456789", at + name.size());
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t n = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), n);
  return n;
}

/// The least size that holds what is in an ext filesystem. It must have been checked before.
Result<Bytes> least_ext_size(const Filesystem& fs) {
  HelperResult least = TRY(run_helper({"resize2fs", "-P", fs.device}));
  HelperResult super = TRY(run_helper({"dumpe2fs", "-h", fs.device}));
  auto blocks = number_after(least.output, "minimum size of the filesystem:");
  auto block_size = number_after(super.output, "Block size:");
  if (least.status != 0 || !blocks || !block_size) return helper_error("resize2fs -P " + fs.device, least);
  auto bytes = checked_mul(*blocks, *block_size);
  if (!bytes) return Error(Errc::Corrupt, fs.device + ": its filesystem says that it holds more than fits into 64 bits");
  return Bytes{*bytes};
}

/// A place to mount an xfs for a moment, which grows only while mounted.
class MomentaryMount {
 public:
  static Result<MomentaryMount> make(const Filesystem& fs) {
    char path[] = "/run/ashlar-grow.XXXXXX";
    if (::mkdtemp(path) == nullptr) return Error(Errc::Io, fmt::format("making {}: {}", path, std::strerror(errno)), errno);
    MomentaryMount mount(path);
    if (::mount(fs.device.c_str(), path, fs.type.c_str(), MS_NODEV | MS_NOSUID | MS_NOEXEC, nullptr) != 0)
      return Error(Errc::Io, fmt::format("mounting {}: {}", fs.device, std::strerror(errno)), errno);
    mount.mounted_ = true;
    return mount;
  }
  MomentaryMount(MomentaryMount&& other) noexcept : path_(std::move(other.path_)), mounted_(other.mounted_) { other.path_.clear(); }
  MomentaryMount& operator=(MomentaryMount&&) = delete;
  ~MomentaryMount() {
    if (path_.empty()) return;
    if (mounted_) ::umount2(path_.c_str(), 0);
    ::rmdir(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  explicit MomentaryMount(std::string path) : path_(std::move(path)) {}
  std::string path_;
  bool mounted_ = false;
};
}  // namespace

Result<Filesystem> find_filesystem(System& sys, const std::string& dm_name) {
  auto device = TRY(sys.open_lv(dm_name).context("looking at the filesystem"));
  Filesystem fs;
  fs.device = sys.settings.text("devices/dir") + "/mapper/" + dm_name;
  for (const device::DeviceSource::Signature& found : TRY(sys.devices->signatures(*device))) {
    if (is_ext(found.type) || found.type == "xfs") fs.type = found.type;
    else if (fs.type.empty()) fs.type = found.type;
  }
  if (fs.type.empty()) return Error(Errc::Unsupported, fmt::format("{} has no filesystem that is known; leave -r out", fs.device));
  if (!is_ext(fs.type) && fs.type != "xfs")
    return Error(Errc::Unsupported, fmt::format("{} has a {}, whose size Ashlar does not change (ext2, ext3, ext4 and xfs it does)", fs.device, printable(fs.type)));
  if (auto number = device->number()) fs.mount_point = mount_point_of(number->major, number->minor);
  return fs;
}

Status check_resizable(const Filesystem& fs, Bytes from, Bytes to) {
  if (fs.type == "xfs")
    return to < from ? Status(Error(Errc::Refused, fmt::format("{}: an xfs cannot be made smaller", fs.device))) : ok();
  if (to < from && !fs.mount_point.empty())
    return Error(Errc::Busy, fmt::format("{} is mounted on {}: an {} is made smaller only while it is not mounted", fs.device, printable(fs.mount_point), fs.type));
  return ok();
}

Status check_resize(const Filesystem& fs, Bytes from, Bytes to, bool check) {
  TRY(check_resizable(fs, from, to));
  if (fs.type == "xfs") return ok();
  if (!fs.mount_point.empty()) return ok();
  // 1: it found errors and mended them.
  if (check || to < from) TRY(run({"e2fsck", "-f", "-p", fs.device}, 1));
  if (to >= from) return ok();
  Bytes least = TRY(least_ext_size(fs));
  if (to < least)
    return Error(Errc::Refused, fmt::format("{}: the {} holds data for {} bytes at least, {} are too few", fs.device, fs.type, least.n, to.n));
  return ok();
}

Status resize_filesystem(const Filesystem& fs, Bytes size, bool grow) {
  if (fs.type == "xfs") {
    if (!fs.mount_point.empty()) return run({"xfs_growfs", fs.mount_point});
    MomentaryMount mount = TRY(MomentaryMount::make(fs));
    return run({"xfs_growfs", mount.path()});
  }
  if (grow) return run({"resize2fs", fs.device});
  return run({"resize2fs", fs.device, fmt::format("{}K", size.n >> 10)});
}

}  // namespace ashlar::ops
