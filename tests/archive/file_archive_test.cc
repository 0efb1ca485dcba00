// SPDX-License-Identifier: LGPL-2.1-or-later
// What is saved, under which names, and what is listed.
#include <fcntl.h>
#include <unistd.h>

#include "archive_test_support.h"

namespace ashlar::archive {
namespace {

class FileArchiveTest : public InDirectories {};

TEST_F(FileArchiveTest, NumbersTheArchivesOfEachVg) {
  auto a = archive();
  for (const char* text : {"one", "two", "three"}) EXPECT_SAVED(a->save_before("vg0", text));
  EXPECT_SAVED(a->save_before("vg1", "other"));
  auto entries = a->list("vg0");
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries.value().size(), 3U);
  const char* texts[] = {"one", "two", "three"};
  for (std::uint32_t i = 0; i < 3; ++i) {
    const Entry& entry = entries.value()[i];
    EXPECT_EQ(entry.index, i);
    EXPECT_EQ(entry.vg_name, "vg0");
    EXPECT_FALSE(entry.is_backup);
    EXPECT_EQ(text_of(entry.path), texts[i]);
    EXPECT_TRUE(fs::path(entry.path).filename().string().starts_with("vg0_0000" + std::to_string(i) + "-"));
  }
  EXPECT_EQ(indices("vg1"), (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(files().size(), 4U) << "temporary files were left";
}

TEST_F(FileArchiveTest, ListsTheBackupLast) {
  auto a = archive();
  EXPECT_SAVED(a->save_before("vg0", "before"));
  EXPECT_SAVED(a->save_current("vg0", "after"));
  auto entries = a->list("vg0");
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries.value().size(), 2U);
  EXPECT_EQ(entries.value().back(), (Entry{a->backup_path("vg0").value(), "vg0", 0, true}));
  EXPECT_EQ(text_of(dir_ / "backup/vg0"), "after");
}

TEST_F(FileArchiveTest, ReplacesTheBackup) {
  auto a = archive();
  EXPECT_SAVED(a->save_current("vg0", std::string(100'000, 'a')));
  EXPECT_SAVED(a->save_current("vg0", "b"));
  EXPECT_EQ(text_of(dir_ / "backup/vg0"), "b");
  EXPECT_SAVED(a->remove_backup("vg0"));
  EXPECT_FALSE(fs::exists(dir_ / "backup/vg0"));
  EXPECT_SAVED(a->remove_backup("vg0"));
}

TEST_F(FileArchiveTest, TellsVgsWithUnderscoresApart) {
  auto a = archive();
  const std::vector<std::string> vgs = {"a", "a_b", "a_00001-5", "a_00001-5.vg", "a_", "b.tmp"};
  for (const std::string& vg : vgs) {
    EXPECT_SAVED(a->save_before(vg, vg));
    EXPECT_SAVED(a->save_before(vg, vg));
    EXPECT_SAVED(a->save_current(vg, vg));
  }
  for (const std::string& vg : vgs) {
    auto entries = a->list(vg);
    ASSERT_TRUE(entries.ok());
    ASSERT_EQ(entries.value().size(), 3U) << vg;
    for (const Entry& entry : entries.value()) EXPECT_EQ(text_of(entry.path), vg) << entry.path;
  }
}

TEST_F(FileArchiveTest, CountsOnBeyondFiveDigits) {
  make_directories();
  foreign("vg0", 99998);
  auto a = archive();
  EXPECT_SAVED(a->save_before("vg0", "x"));
  EXPECT_SAVED(a->save_before("vg0", "y"));
  EXPECT_SAVED(a->save_before("vg0", "z"));
  EXPECT_EQ(indices("vg0"), (std::vector<std::uint32_t>{99998, 99999, 100000, 100001}));
}

TEST_F(FileArchiveTest, CountsPastStraysWithNumbersThatNobodyReaches) {
  make_directories();
  foreign("vg0", 4294967295);
  foreign("vg0", 3);
  EXPECT_SAVED(archive()->save_before("vg0", "x"));
  EXPECT_EQ(indices("vg0"), (std::vector<std::uint32_t>{3, 4}));
  foreign("vg1", 999999999);
  EXPECT_SAVED(archive()->save_before("vg1", "x"));
  EXPECT_SAVED(archive()->save_before("vg1", "y"));
  EXPECT_EQ(indices("vg1"), (std::vector<std::uint32_t>{999999999, 999999999, 999999999}));
}

TEST_F(FileArchiveTest, ReadsNothingThatLeadsOutOfItsDirectoriesOrIsAnothers) {
  make_directories();
  put_file(dir_ / "elsewhere", "secret");
  fs::create_symlink(dir_ / "elsewhere", dir_ / "archive/vg0_00001-1.vg");
  ASSERT_EQ(::mkfifo((dir_ / "archive/vg0_00002-1.vg").c_str(), 0600), 0);
  put_file(dir_ / "archive/vg0_00003-1.vg", "a stranger's");
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::chown((dir_ / "archive/vg0_00003-1.vg").c_str(), 12345, 12345), 0);
  }
  put_file(dir_ / "archive/vg0_00004-1.vg", "good");
  fs::create_symlink(dir_ / "elsewhere", dir_ / "backup/vg0");
  auto a = archive();
  auto text = [&](const std::string& path, bool backup) { return a->read({dir_ / path, "vg0", 0, backup}); };
  auto link = text("archive/vg0_00001-1.vg", false);
  ASSERT_FALSE(link.ok());
  EXPECT_NE(link.error().message().find("vg0_00001-1.vg: it is a link"), std::string::npos) << link.error().message();
  EXPECT_FALSE(text("archive/vg0_00002-1.vg", false).ok());
  EXPECT_EQ(text("archive/vg0_00003-1.vg", false).ok(), !root);
  EXPECT_EQ(text("archive/vg0_00004-1.vg", false).value(), "good");
  EXPECT_FALSE(text("backup/vg0", true).ok());
  EXPECT_FALSE(text("archive/vg0_00009-1.vg", false).ok());
}

/// Always the same number.
class Constant final : public Random {
 public:
  void fill(char* bytes, std::size_t count) override { std::fill_n(bytes, count, '\0'); }
};

TEST_F(FileArchiveTest, TakesTheNextIndexWhenANameIsTaken) {
  make_directories();
  Constant zero;
  Surroundings blind{[](int) { return Result<std::vector<std::string>>(std::vector<std::string>{}); },
                     [] { return 0; }};
  for (int i = 0; i < 9; ++i) put_file(dir_ / ("archive/vg0_0000" + std::to_string(i) + "-0.vg"), "old");
  EXPECT_SAVED(file_archive(options(), zero, blind)->save_before("vg0", "new"));
  EXPECT_EQ(text_of(dir_ / "archive/vg0_00009-0.vg"), "new");
  fs::remove(dir_ / "archive/.ashlar_index");
  auto status = file_archive(options(), zero, blind)->save_before("vg0", "more");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Errc::Exists);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(text_of(dir_ / ("archive/vg0_0000" + std::to_string(i) + "-0.vg")), "old");
  EXPECT_EQ(files().size(), 10U);
}

TEST_F(FileArchiveTest, NeverWritesIntoATemporaryFileThatIsThere) {
  make_directories();
  Constant zero;
  char host[65] = "";
  ::gethostname(host, 64);
  const std::string temp = dir_ / ("backup/.lvm_" + std::string(host) + "_" + std::to_string(::getpid()) + "_0");
  fs::create_symlink(dir_ / "victim", temp);
  auto status = file_archive(options(), zero)->save_current("vg0", "x");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Errc::Exists);
  EXPECT_FALSE(fs::exists(dir_ / "victim"));
}

TEST_F(FileArchiveTest, DoesNotListWhatACrashLeftBehind) {
  make_directories();
  put_file(dir_ / "archive/.lvm_host_12_345", "half");
  put_file(dir_ / "backup/.lvm_host_12_345", "half");
  fs::create_directory(dir_ / "archive/vg0_00007-1.vg");
  auto entries = archive()->list("vg0");
  ASSERT_TRUE(entries.ok());
  EXPECT_TRUE(entries.value().empty());
}

TEST_F(FileArchiveTest, LeavesTheOldOrTheNewBackupWhenItIsKilled) {
  constexpr std::size_t kSize = 200'000;
  for (int round = 0; round < 15; ++round) {
    Child child([&](Child& self) {
      auto a = archive();
      for (char c = 'a';; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
        if (!a->save_current("vg0", std::string(kSize, c)).ok()) return 1;
        if (c == 'a') self.ready();
      }
    });
    child.await_ready();
    std::this_thread::sleep_for(std::chrono::microseconds(700 * round));
    for (int look = 0; look < 20; ++look) {
      const std::string text = text_of(dir_ / "backup/vg0");
      ASSERT_EQ(text.size(), kSize);
      ASSERT_EQ(text, std::string(kSize, text[0]));
    }
    ::kill(child.pid(), SIGKILL);
    EXPECT_EQ(child.join(), 128 + SIGKILL);
    const std::string text = text_of(dir_ / "backup/vg0");
    ASSERT_EQ(text, std::string(kSize, text.at(0)));
  }
  EXPECT_EQ(archive()->list("vg0").value().size(), 1U);
}

TEST_F(FileArchiveTest, DoesNothingWhenItIsOff) {
  Options off = options();
  off.archive = false;
  auto a = file_archive(off, random_);
  EXPECT_SAVED(a->save_before("vg0", "x"));
  EXPECT_FALSE(fs::exists(dir_ / "archive"));
}

TEST_F(FileArchiveTest, MakesNoDirectoryToListOrToRemove) {
  auto entries = archive()->list("vg0");
  ASSERT_TRUE(entries.ok());
  EXPECT_TRUE(entries.value().empty());
  EXPECT_SAVED(archive()->remove_backup("vg0"));
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(FileArchiveTest, RefusesNamesThatNoVgCanHave) {
  auto a = archive();
  for (const std::string vg : {"", ".", "..", "../x", "a/b", "-a", "a b", "#orphans"}) {
    EXPECT_EQ(a->save_before(vg, "x").error().code(), Errc::InvalidArgument) << vg;
    EXPECT_EQ(a->save_current(vg, "x").error().code(), Errc::InvalidArgument) << vg;
    EXPECT_EQ(a->remove_backup(vg).error().code(), Errc::InvalidArgument) << vg;
    EXPECT_EQ(a->list(vg).error().code(), Errc::InvalidArgument) << vg;
    EXPECT_EQ(a->backup_path(vg).error().code(), Errc::InvalidArgument) << vg;
  }
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(FileArchiveTest, GivesSaversAtTheSameTimeDifferentIndices) {
  constexpr std::uint32_t kProcesses = 4, kSaves = 25;
  Options all = options();
  all.retain_min = 1000;
  std::vector<std::unique_ptr<Child>> children;
  for (std::uint32_t i = 0; i < kProcesses; ++i) {
    children.push_back(std::make_unique<Child>([&](Child&) {
      auto a = file_archive(all, random_);
      for (std::uint32_t n = 0; n < kSaves; ++n)
        if (!a->save_before("vg0", "x").ok()) return 1;
      return 0;
    }));
  }
  for (auto& child : children) EXPECT_EQ(child->join(), 0);
  std::vector<std::uint32_t> wanted;
  for (std::uint32_t i = 0; i < kProcesses * kSaves; ++i) wanted.push_back(i);
  EXPECT_EQ(indices("vg0"), wanted);
}

}  // namespace
}  // namespace ashlar::archive
