// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/image_source.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <optional>

#include "base/log.h"
#include "device/direct_device.h"
#include "device/host_source.h"
#include "device/image_name.h"
#include "device/range_device.h"

namespace ashlar::device {

namespace {

/// What two names of one device or file have in common.
struct FileId {
  bool block;
  std::uint64_t device, inode;
  friend bool operator==(const FileId&, const FileId&) = default;
};

std::optional<FileId> identity_of(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return std::nullopt;
  if (S_ISBLK(st.st_mode)) return FileId{true, st.st_rdev, 0};
  return FileId{false, st.st_dev, st.st_ino};
}

/// A word of the command line, opened.
struct Entry {
  std::string word;
  std::optional<FileId> identity;
  ByteRange range{};                  ///< in the file; all of it where no part is named
  std::shared_ptr<BlockDevice> file;  ///< of which `device` is a part, or null
  std::unique_ptr<BlockDevice> device;
  std::optional<Error> error;

  bool overlaps(const Entry& other) const {
    return device && other.device && identity == other.identity && range.start < other.range.end() &&
           other.range.start < range.end();
  }
  bool same(const Entry& other) const { return identity && identity == other.identity && range == other.range; }
};

Result<ByteRange> place_of(const ImageName& name, const std::string& word, BlockDevice& file) {
  if (name.partition) return partition_of(file, *name.partition);
  const Bytes size = file.size();
  if (*name.offset >= size)
    return Error(Errc::InvalidArgument, fmt::format("{} begins past the end of {} at {} bytes", printable(word),
                                                    printable(name.file), size.n));
  ByteRange range{*name.offset, name.size.value_or(size - *name.offset)};
  if (range.length > size - range.start)
    return Error(Errc::InvalidArgument,
                 fmt::format("{} ends past the end of {} at {} bytes", printable(word), printable(name.file), size.n));
  return range;
}

Status open_into(Entry& entry, const OpenOptions& shared) {
  ImageName name = TRY(parse_image_name(entry.word));
  entry.identity = identity_of(name.file);
  if (name.whole()) {
    entry.device = TRY(open_device(name.file, shared));
    entry.range = {{0}, entry.device->size()};
    return ok();
  }
  if (entry.identity && entry.identity->block)
    return Error(Errc::InvalidArgument,
                 printable(entry.word) + ": only regular files are used in part; name the partition's own device");
  entry.file = TRY(open_device(name.file, {.pool = shared.pool, .cached = true, .loops = shared.loops}));
  entry.range = TRY(place_of(name, entry.word, *entry.file));
  const unsigned partition =
      name.partition ? *name.partition : TRY(partition_at(*entry.file, entry.range).context(printable(entry.word)));
  entry.device = range_device(entry.word, entry.file, entry.range, partition);
  return ok();
}

Entry open_entry(const std::string& word, const OpenOptions& shared) {
  Entry entry{.word = word, .identity = {}, .file = {}, .device = {}, .error = {}};
  Status opened = open_into(entry, shared);
  if (!opened)
    entry.error = opened.error().code() == Errc::NotFound && !entry.file ? no_device(word) : std::move(opened).error();
  return entry;
}

class Images final : public HostSource {
 public:
  Images(std::vector<std::string> words, HostPaths host) : HostSource(std::move(host)), words_(std::move(words)) {
    shared_.loops = std::make_shared<LoopFiles>(this->host());
  }

  Result<Candidates> candidates() override {
    TRY(open_all());
    Candidates all;
    for (const Entry& entry : entries_) {
      if (entry.device) all.devices.push_back(entry.device.get());
      if (entry.error) all.problems.push_back(entry.error->message());
    }
    read_first_bytes(all);
    return all;
  }

  Result<BlockDevice*> find(const std::string& path) override {
    TRY(open_all());
    for (const Entry& entry : entries_) {
      if (entry.word != path) continue;
      if (entry.error) return Error(*entry.error);
      return entry.device.get();
    }
    Entry other = open_entry(path, shared_);
    if (!other.identity) return no_device(path);
    for (const Entry& entry : entries_)
      if (entry.device && entry.same(other)) return entry.device.get();
    return Error(Errc::Refused, "Cannot use " + printable(path) + ": device is not in devices list");
  }

  Status claim(BlockDevice& device) override {
    TRY(check_file(device));
    return HostSource::claim(device);
  }
  Status check_claim(BlockDevice& device) override {
    TRY(check_file(device));
    return HostSource::check_claim(device);
  }

 private:
  /// A part is in use when its file is.
  Status check_file(const BlockDevice& device) {
    for (const Entry& entry : entries_)
      if (entry.device.get() == &device && entry.file) return check_not_in_use(*entry.file, host());
    return ok();
  }

  Status open_all() {
    if (!shared_.pool) {
      shared_.pool = make_fd_pool(words_.size(), words_.size());  // each is locked through a descriptor of its own
      entries_.reserve(words_.size());
      for (const std::string& word : words_) add(open_entry(word, shared_));
    }
    return twice_ ? Status(Error(*twice_)) : ok();
  }

  /// Once for each file, device or part of a file. Two parts that share bytes are one disk under two names: whatever is
  /// written to one of them destroys the other.
  void add(Entry entry) {
    for (const Entry& known : entries_) {
      if (known.device && known.same(entry)) return;
      if (!twice_ && known.overlaps(entry))
        twice_ = Error(Errc::InvalidArgument, fmt::format("{} and {} overlap: name one of them", printable(known.word),
                                                          printable(entry.word)));
    }
    entries_.push_back(std::move(entry));
  }

  std::vector<std::string> words_;
  OpenOptions shared_;  ///< the pool: once the files are open
  std::vector<Entry> entries_;
  std::optional<Error> twice_;
};

}  // namespace

std::unique_ptr<DeviceSource> image_source(std::vector<std::string> words, HostPaths host) {
  return std::make_unique<Images>(std::move(words), std::move(host));
}

}  // namespace ashlar::device
