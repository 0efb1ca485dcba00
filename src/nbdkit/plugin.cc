// SPDX-License-Identifier: LGPL-2.1-or-later
// nbdkit-ashlar-plugin: serves a logical volume by NBD, through its PVs, without device-mapper. See docs/images.md.
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "ops/lv_data.h"

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_SERIALIZE_ALL_REQUESTS

namespace {

using namespace ashlar;

/// The volume that this process serves. nbdkit calls plugins as C functions without a context of their own before a
/// client connects, so it has to stand here.
struct Served {
  ops::SystemOptions options;
  std::string vg, lv;
  bool read_only = false;
  std::size_t clients = 0;
  std::unique_ptr<ops::System> sys;
  std::unique_ptr<ops::OpenLv> open;  ///< while there are clients: the VG is locked for no longer
};
Served* served = nullptr;

int failed(const Error& error) {
  nbdkit_error("%s", error.message().c_str());
  nbdkit_set_error(error.sys_errno() != 0 ? error.sys_errno() : EIO);
  return -1;
}
int done(const Status& status) { return status ? 0 : failed(status.error()); }

/// No exception goes out into C.
template <class F>
int guarded(F f) {
  try {
    return f();
  } catch (const std::exception& e) {
    nbdkit_error("%s", e.what());
    nbdkit_set_error(ENOMEM);
    return -1;
  }
}

void load() { served = new Served; }
void unload() { delete served; }

/// Of which there is one.
int take_name(std::string& name, const char* key, const char* value) {
  if (!name.empty()) {
    nbdkit_error("%s= is given twice, as %s and %s: one volume is served", key, printable(name).c_str(),
                 printable(value).c_str());
    return -1;
  }
  name = value;
  return 0;
}

int config(const char* key, const char* value) {
  return guarded([&] {
    const std::string_view name = key;
    if (*value == '\0') {
      nbdkit_error("%s= has no value", printable(key).c_str());
      return -1;
    }
    if (name == "vg") return take_name(served->vg, key, value);
    if (name == "lv") return take_name(served->lv, key, value);
    if (name == "image" || name == "device") {
      // nbdkit changes to / when it goes into the background.
      const std::string word = value;
      char* directory = word.starts_with('/') ? nullptr : nbdkit_realpath(".");
      served->options.devices.push_back(directory != nullptr ? std::string(directory) + "/" + word : word);
      std::free(directory);
      served->options.explicit_devices = true;
    } else if (name == "config") {
      served->options.command_line_config += std::string(value) + "\n";
    } else {
      nbdkit_error("unknown parameter '%s': vg, lv, image, device or config", printable(key).c_str());
      return -1;
    }
    return 0;
  });
}

int config_complete() {
  if (!served->vg.empty() && !served->lv.empty()) return 0;
  nbdkit_error("which volume? give vg=VG lv=LV, and image=FILE for image files");
  return -1;
}

/// Files and disks that were named and cannot be looked at: perhaps the volume is there.
void tell_unseen(ops::System& sys) {
  const auto found = sys.devices->candidates();
  if (!found) return;
  for (const std::string& problem : found->problems) nbdkit_error("%s", problem.c_str());
}

Status open_volume(bool read_only) {
  if (const char* directory = std::getenv("LVM_SYSTEM_DIR"); directory != nullptr)
    served->options.directory = directory;
  served->options.conduct.command_line = "nbdkit";
  served->options.on_wait = [](const std::string& text) { nbdkit_error("%s", text.c_str()); };
  auto sys = std::make_unique<ops::System>(TRY(ops::make_system(served->options)));
  auto opened = ops::open_lv(*sys, served->vg, served->lv, read_only ? ops::Access::Read : ops::Access::Write);
  if (!opened) tell_unseen(*sys);
  auto open = std::make_unique<ops::OpenLv>(TRY(std::move(opened)));
  for (const std::string& note : open->notes) nbdkit_error("%s", note.c_str());
  served->read_only = read_only;
  served->sys = std::move(sys);
  served->open = std::move(open);
  return ok();
}

/// What cannot be served is told when it is started, not to its first client, who only sees a closed connection.
int get_ready() {
  return guarded([] {
    if (int result = done(open_volume(true)); result != 0) return result;
    served->open.reset();
    served->sys.reset();
    return 0;
  });
}

/// Of all clients the first says whether anybody may write; nbdkit says the same of all (-r).
void* open(int read_only) {
  int result = guarded([&] { return served->clients != 0 ? 0 : done(open_volume(read_only != 0)); });
  if (result != 0) return nullptr;
  ++served->clients;
  return served;
}

void close(void*) {
  if (--served->clients != 0) return;
  served->open.reset();
  served->sys.reset();
}

device::BlockDevice& device() { return *served->open->device; }

std::int64_t get_size(void*) { return static_cast<std::int64_t>(device().size().n); }
int can_write(void*) { return served->read_only ? 0 : 1; }
int can_multi_conn(void*) { return 1; }  // nothing is cached here
int can_extents(void*) { return 1; }
int can_fua(void*) { return NBDKIT_FUA_EMULATE; }

int pread(void*, void* buffer, std::uint32_t count, std::uint64_t offset, std::uint32_t) {
  return guarded([&] { return done(device().read({offset}, {static_cast<std::byte*>(buffer), count})); });
}
int pwrite(void*, const void* buffer, std::uint32_t count, std::uint64_t offset, std::uint32_t) {
  return guarded([&] { return done(device().write({offset}, {static_cast<const std::byte*>(buffer), count})); });
}
int flush(void*, std::uint32_t) {
  return guarded([&] { return done(device().flush()); });
}
int zero(void*, std::uint32_t count, std::uint64_t offset, std::uint32_t flags) {
  if ((flags & NBDKIT_FLAG_MAY_TRIM) == 0) {
    nbdkit_set_error(EOPNOTSUPP);  // who wants zeros that take room writes them
    return -1;
  }
  return guarded([&] { return done(device().clear({offset}, {count})); });
}
int trim(void*, std::uint32_t count, std::uint64_t offset, std::uint32_t) {
  return guarded([&] { return done(device().clear({offset}, {count})); });
}

int extents(void*, std::uint32_t count, std::uint64_t offset, std::uint32_t flags, nbdkit_extents* list) {
  return guarded([&] {
    const std::uint64_t end = offset + count;
    while (offset < end) {
      auto next = device().stretch({offset});
      if (!next) return failed(next.error());
      if (next->length.n == 0) break;
      const std::uint32_t type = next->hole ? NBDKIT_EXTENT_HOLE | NBDKIT_EXTENT_ZERO : 0U;
      if (nbdkit_add_extent(list, offset, next->length.n, type) == -1) return -1;
      offset += next->length.n;
      if ((flags & NBDKIT_FLAG_REQ_ONE) != 0) break;
    }
    return 0;
  });
}

nbdkit_plugin make_plugin() {
  nbdkit_plugin p{};
  p.name = "ashlar";
  p.longname = "Ashlar logical volumes";
  p.description = "a logical volume through its physical volumes, without device-mapper";
  p.config_help =
      "vg=<VG>        (required) The volume group.\nlv=<LV>        (required) The volume.\n"
      "image=<FILE>   An image file, FILE@pN or FILE@OFFSET+SIZE; once for each PV.\n"
      "device=<DEV>   The same for a block device; without any: all of the machine's.\n"
      "config=<TEXT>  Settings that rule over lvm.conf.";
  p.load = load;
  p.unload = unload;
  p.config = config;
  p.config_complete = config_complete;
  p.get_ready = get_ready;
  p.open = open;
  p.close = close;
  p.get_size = get_size;
  p.can_write = can_write;
  p.can_multi_conn = can_multi_conn;
  p.can_extents = can_extents;
  p.can_fua = can_fua;
  p.pread = pread;
  p.pwrite = pwrite;
  p.flush = flush;
  p.zero = zero;
  p.trim = trim;
  p.extents = extents;
  return p;
}

nbdkit_plugin plugin = make_plugin();

}  // namespace

NBDKIT_REGISTER_PLUGIN(plugin)
