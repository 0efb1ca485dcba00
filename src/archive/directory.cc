// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/directory.h"

#include <dirent.h>
#include <fcntl.h>

#include <memory>

namespace ashlar::archive {

namespace {
PrivateDirectory private_directory(const DirectoryName& name) {
  const std::string harm = "who could alter what a VG is restored from; ";
  return {.what = name.what,
          .path = name.path,
          .elsewhere = " in " + name.setting,
          .if_strange = harm + "chown it, or name another in " + name.setting,
          .if_writable = ", " + harm + "run chmod go-w on it",
          .durable = true};  // an archive is durable only if the way to it is
}
}  // namespace

std::string DirectoryName::text() const { return private_directory(*this).text(); }

Result<UniqueFd> open_directory(const DirectoryName& name, Missing missing) {
  return open_private_directory(private_directory(name), missing);
}

Result<std::vector<std::string>> read_names(int directory) {
  // A descriptor of its own: the position of a shared one is shared too.
  UniqueFd fd(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error("Opening the directory to read it");
  UniqueDir stream(::fdopendir(fd.get()));
  if (!stream) return errno_error("Reading the directory");
  fd.release();  // closedir closes it

  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) return errno_error("Reading the directory");
      return names;
    }
    if (entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
  }
}

}  // namespace ashlar::archive
