// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>

#include <csignal>
#include <thread>

#include "archive/temp_file.h"
#include "archive_test_support.h"

namespace ashlar::archive {
namespace {

class NamedFile : public testing::Test {
 protected:
  TempDir dir_;
};

TEST_F(NamedFile, IsReadAsItWasWritten) {
  const std::string text = std::string("a\0b", 3) + std::string(300'000, 'x');
  EXPECT_SAVED(write_file(dir_ / "file", text));
  auto read = read_file(dir_ / "file");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value(), text);
  EXPECT_EQ(mode_of(dir_ / "file"), 0600U);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_.path()), {}), 1);
}

TEST_F(NamedFile, IsReadThroughALinkAndWrittenInsteadOfIt) {
  put_file(dir_ / "real", "old");
  fs::create_symlink(dir_ / "real", dir_ / "link");
  EXPECT_EQ(read_file(dir_ / "link").value(), "old");
  EXPECT_SAVED(write_file(dir_ / "link", "new"));
  EXPECT_EQ(text_of(dir_ / "real"), "old");
  EXPECT_EQ(text_of(dir_ / "link"), "new");
}

TEST_F(NamedFile, LeavesNothingBehindWhenItIsStoppedWithCtrlC) {
  Child child([&](Child&) {
    ::signal(SIGINT, SIG_DFL);  // who starts the tests in the background ignores it
    SystemRandom random;
    const int directory = ::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY);
    auto temp = TempFile::create(directory, random);
    if (!temp.ok() || !temp->fill("half").ok()) return 1;
    ::raise(SIGINT);
    return 0;  // its name is still its own
  });
  EXPECT_EQ(child.join(), 128 + SIGINT);
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(NamedFile, MayStandInTheCurrentDirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(dir_.path());
  EXPECT_SAVED(write_file("file", "x"));
  fs::current_path(before);
  EXPECT_EQ(text_of(dir_ / "file"), "x");
}

TEST_F(NamedFile, IsReadUpToItsBound) {
  put_file(dir_ / "file", std::string(1000, 'x'));
  EXPECT_TRUE(read_file(dir_ / "file", 1000).ok());
  EXPECT_EQ(read_file(dir_ / "file", 999).error().code(), Errc::Refused);
  EXPECT_EQ(read_file("/proc/self/status", 10).error().code(), Errc::Refused);  // says that its size is 0
  ASSERT_EQ(::truncate((dir_ / "file").c_str(), off_t{1} << 40), 0);
  EXPECT_EQ(read_file(dir_ / "file").error().code(), Errc::Refused);
}

TEST_F(NamedFile, ThatIsNoFileIsRefusedAndUntouched) {
  ASSERT_EQ(::mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  fs::create_symlink("/dev/null", dir_ / "null");
  for (const std::string& path : {dir_ / "fifo", dir_ / "null", dir_.path(), std::string("/dev/zero")}) {
    auto read = read_file(path);
    ASSERT_FALSE(read.ok()) << path;
    EXPECT_EQ(read.error().code(), Errc::Refused) << path;
    EXPECT_NE(read.error().message().find(path), std::string::npos);
    auto written = write_file(path, "x");
    ASSERT_FALSE(written.ok()) << path;
    EXPECT_EQ(written.error().code(), Errc::Refused) << path;
  }
  EXPECT_TRUE(fs::is_fifo(dir_ / "fifo"));
  EXPECT_TRUE(fs::is_symlink(dir_ / "null"));
}

TEST_F(NamedFile, ThatIsInputMayBeAPipeToo) {
  ASSERT_EQ(::mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  const std::string text(200000, 'x');
  std::thread writer([&] { put_file(dir_ / "fifo", text); });
  auto read = read_input(dir_ / "fifo");
  writer.join();
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(*read == text);
  EXPECT_EQ(read_input("/dev/null").value(), "");
  put_file(dir_ / "file", "y");
  EXPECT_EQ(read_input(dir_ / "file").value(), "y");
  EXPECT_EQ(read_input("/dev/zero", 1000).error().code(), Errc::Refused);
  EXPECT_NE(read_input(dir_.path()).error().message().find("it is not a regular file or a pipe"), std::string::npos);
}

TEST_F(NamedFile, ThatCannotBeIsNamed) {
  EXPECT_EQ(read_file(dir_ / "none").error().code(), Errc::NotFound);
  EXPECT_NE(read_file(dir_ / "none").error().message().find(dir_ / "none"), std::string::npos);
  EXPECT_EQ(write_file(dir_ / "none/file", "x").error().code(), Errc::NotFound);
  EXPECT_EQ(write_file("", "x").error().code(), Errc::InvalidArgument);
  EXPECT_EQ(write_file(dir_ / "none/", "x").error().code(), Errc::InvalidArgument);
}

}  // namespace
}  // namespace ashlar::archive
