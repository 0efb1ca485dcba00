// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/file_archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <set>

#include "archive/directory_index.h"
#include "archive/file_name.h"
#include "archive/temp_file.h"
#include "base/log.h"
#include "base/names.h"

namespace ashlar::archive {

namespace {
constexpr int kNameTries = 10;  // as LVM2
constexpr std::int64_t kSecondsPerDay = 86400;

/// The same error with what to do about it.
Error with_advice(Error error, const DirectoryName& where) {
  std::string advice;
  if (error.code() == Errc::NoSpace || error.sys_errno() == EDQUOT)
    advice = fmt::format("free space there, or name another place in {}", where.setting);
  else if (error.sys_errno() == EROFS)
    advice = fmt::format("its file system is mounted read-only; name another place in {}", where.setting);
  else if (error.sys_errno() == EACCES || error.sys_errno() == EPERM)
    advice = fmt::format("run as the owner of that directory, or name another place in {}", where.setting);
  if (advice.empty()) return error;
  return Error(error.code(), error.message() + " (" + advice + ")", error.sys_errno());
}

class FileArchive final : public Archive {
 public:
  FileArchive(Options options, Random& random, Surroundings surroundings)
      : options_(std::move(options)),
        archives_{"archive directory", "backup/archive_dir" + options_.other_settings, options_.archive_dir},
        backups_{"backup directory", "backup/backup_dir" + options_.other_settings, options_.backup_dir},
        random_(random),
        surroundings_(std::move(surroundings)) {}

  Status prepare() override {
    if (!options_.archive) return ok();
    auto directory = open_directory(archives_, Missing::Make);
    if (!directory) return with_advice(std::move(directory).error(), archives_);
    if (::faccessat(directory->get(), ".", W_OK | X_OK, AT_EACCESS) != 0)
      return with_advice(errno_error("Writing to the " + archives_.text()), archives_);
    return ok();
  }

  Status save_before(const std::string& vg_name, const std::string& text) override {
    if (!options_.archive) return ok();
    TRY(check_name("Volume group name", vg_name));
    Status status = add_archive(vg_name, text);
    if (status.ok()) return ok();
    return with_advice(std::move(status).error(), archives_).context("Archiving the metadata of VG " + vg_name);
  }

  Status save_current(const std::string& vg_name, const std::string& text) override {
    TRY(check_name("Volume group name", vg_name));
    Status status = replace_backup(vg_name, text);
    if (status.ok()) return ok();
    return with_advice(std::move(status).error(), backups_).context("Backing up the metadata of VG " + vg_name);
  }

  Status remove_backup(const std::string& vg_name) override {
    TRY(check_name("Volume group name", vg_name));
    Result<UniqueFd> directory = open_directory(backups_, Missing::Report);
    if (!directory.ok() && directory.error().code() == Errc::NotFound) return ok();
    const std::string doing = "Removing the backup of VG " + vg_name;
    UniqueFd fd = TRY(std::move(directory).context(doing));
    if (::unlinkat(fd.get(), vg_name.c_str(), 0) != 0)
      return errno == ENOENT ? ok() : errno_error(doing + " from " + backups_.text());
    return sync_directory(fd.get()).context(doing);
  }

  Result<std::vector<Entry>> list(const std::string& vg_name) override {
    TRY(check_name("Volume group name", vg_name));
    std::vector<Entry> entries;
    Result<UniqueFd> archives = open_directory(archives_, Missing::Report);
    if (archives.ok()) {
      auto all = histories(TRY(surroundings_.read_names(archives.value().get()).context(archives_.text())));
      for (const Past& past : all[vg_name].oldest) {
        entries.push_back({options_.archive_dir + "/" + archive_name(vg_name, past.tail), vg_name, past.index, false});
      }
    } else if (archives.error().code() != Errc::NotFound) {
      return std::move(archives).error();
    }
    Result<UniqueFd> backups = open_directory(backups_, Missing::Report);
    if (!backups.ok()) {
      if (backups.error().code() == Errc::NotFound) return entries;
      return std::move(backups).error();
    }
    struct stat st {};
    if (::fstatat(backups.value().get(), vg_name.c_str(), &st, 0) == 0 && S_ISREG(st.st_mode))
      entries.push_back({options_.backup_dir + "/" + vg_name, vg_name, 0, true});
    return entries;
  }

  Result<std::string> read(const Entry& entry) override {
    const UniqueFd directory = TRY(open_directory(entry.is_backup ? backups_ : archives_, Missing::Report));
    return read_file_in(directory.get(), entry.path.substr(entry.path.rfind('/') + 1), entry.path);
  }

  Result<std::vector<std::string>> vg_names() override {
    std::set<std::string> names;
    for (const DirectoryName* where : {&archives_, &backups_}) {
      Result<UniqueFd> directory = open_directory(*where, Missing::Report);
      if (!directory.ok() && directory.error().code() == Errc::NotFound) continue;
      const UniqueFd fd = TRY(std::move(directory));
      for (const std::string& file : TRY(surroundings_.read_names(fd.get()).context(where->text()))) {
        std::string name = file;
        if (where == &archives_) {
          const auto parsed = parse_archive_name(file);
          name = parsed ? std::string(parsed->vg_name) : "";
        }
        if (check_name("Volume group name", name)) names.insert(name);
      }
    }
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<std::string> backup_path(const std::string& vg_name) override {
    TRY(check_name("Volume group name", vg_name));
    return options_.backup_dir + "/" + vg_name;
  }

 private:
  Status add_archive(const std::string& vg_name, const std::string& text) {
    UniqueFd directory = TRY(open_directory(archives_, Missing::Make));
    const int fd = directory.get();
    auto save = [&]() -> Status {
      DirectoryIndex index(fd, surroundings_.read_names);
      index.before_own_change();
      TempFile temp = TRY(TempFile::create(fd, random_));
      index.after_own_change();
      TRY(temp.fill(text));

      index.before_own_change();
      History* history = TRY(index.of(vg_name));
      history->add(TRY(publish(temp, vg_name, history->next())));
      index.after_own_change();
      TRY(sync_directory(fd));

      index.before_own_change();
      if (!expire_old(fd, vg_name, *history)) {
        index.forget();
        Result<History*> all = index.of(vg_name);
        if (all.ok()) expire_old(fd, vg_name, **all);
      }
      index.after_own_change();
      index.keep();
      return ok();
    };
    return save().context(archives_.text());
  }

  /// Gives the file the first free name from `index` on.
  Result<Past> publish(TempFile& temp, const std::string& vg_name, std::uint32_t index) {
    for (int i = 0; i < kNameTries; ++i) {
      const std::string name = archive_name(vg_name, index, random_.number31());
      Status status = temp.publish_as_new(name);
      if (status.ok()) {
        log(LogLevel::Verbose, fmt::format("archived VG {} as {}", vg_name, name));
        return Past{index, std::string(parse_archive_name(name)->tail)};
      }
      if (status.error().code() != Errc::Exists) return std::move(status).error();
      if (index < kLastIndex) ++index;
    }
    return Error(Errc::Exists, fmt::format("{} names in a row are taken", kNameTries));
  }

  /// As expire(). A file that cannot be removed is no reason to stop a change: it stays, and is tried again next time.
  bool expire_old(int directory, const std::string& vg_name, History& history) {
    const Retention rule{options_.retain_min, surroundings_.now() - kSecondsPerDay * options_.retain_days};
    auto mtime = [&](const Past& past) -> std::optional<std::int64_t> {
      struct stat st {};
      const std::string name = archive_name(vg_name, past.tail);
      if (::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
      return st.st_mtim.tv_sec;
    };
    auto remove = [&](const Past& past) {
      const std::string name = archive_name(vg_name, past.tail);
      if (::unlinkat(directory, name.c_str(), 0) == 0) return true;
      log(LogLevel::Warning, errno_error("Removing old archive " + name + " in " + archives_.text()).message());
      return false;
    };
    return expire(history, rule, mtime, remove);
  }

  Status replace_backup(const std::string& vg_name, const std::string& text) {
    UniqueFd directory = TRY(open_directory(backups_, Missing::Make));
    auto save = [&]() -> Status {
      TempFile temp = TRY(TempFile::create(directory.get(), random_));
      TRY(temp.fill(text));
      TRY(temp.replace(vg_name));
      return sync_directory(directory.get());
    };
    return save().context(backups_.text());
  }

  Options options_;
  DirectoryName archives_, backups_;
  Random& random_;
  Surroundings surroundings_;
};
}  // namespace

std::unique_ptr<Archive> file_archive(Options options, Random& random, Surroundings surroundings) {
  return std::make_unique<FileArchive>(std::move(options), random, std::move(surroundings));
}

std::unique_ptr<Archive> file_archive(Options options, Random& random) {
  return file_archive(std::move(options), random, {read_names, [] { return std::int64_t{::time(nullptr)}; }});
}

}  // namespace ashlar::archive
