// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole machine in memory: disks, kernel, archive, chance and time. Command lines run on it as they do in a shell:
//
//   TestMachine m;
//   m.disk("/dev/a").disk("/dev/b");
//   m.must("pvcreate /dev/a /dev/b");
//   Ran ran = m.run("vgs nope");   // ran.status, ran.out, ran.err
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run.h"
#include "store/consensus.h"
#include "support/fake_kernel.h"
#include "support/ram_disk.h"

namespace ashlar::test {

/// Archive and backup files in memory.
class MemoryArchive final : public archive::Archive {
 public:
  Status save_before(const std::string& vg_name, const std::string& text) override;
  Status save_current(const std::string& vg_name, const std::string& text) override;
  Status remove_backup(const std::string& vg_name) override;
  Result<std::vector<archive::Entry>> list(const std::string& vg_name) override;
  Result<std::vector<std::string>> vg_names() override;
  Result<std::string> backup_path(const std::string& vg_name) override;
  Result<std::string> read(const archive::Entry& entry) override;

  std::map<std::string, std::vector<std::string>> archives;
  std::map<std::string, std::string> backups;
  std::string directory = "/memory";  ///< of the backups, as they are called
  bool fail = false;                  ///< every save fails, as on a full disk
  std::function<void()> on_save;  ///< called once, before the next text is saved: what is written by then is planned
};

/// One command line carried out.
struct Ran {
  int status = 0;
  std::string out, err;
  std::string report;             ///< what was printed apart from `out`
  std::optional<unsigned> umask;  ///< what it made of the process's
};

class TestMachine {
 public:
  TestMachine() = default;
  /// The same machine after a crash: its disks as `crash` leaves them, nothing in the kernel.
  TestMachine(const TestMachine& before, const Crash& crash);

  /// Adds a disk of 64 MiB; the first has number 8:0, the next 8:16.
  TestMachine& disk(const std::string& path, Bytes size = {64 << 20}, Bytes block_size = {512});

  /// Words are separated by blanks; 'single quotes' keep blanks. `answer` is typed at every question, if there is one.
  Ran run(std::string_view line, std::optional<std::string> answer = {}, bool separate_report = false);
  /// `lvm` with these lines on its standard input.
  Ran shell(std::string_view lines);
  /// run() that fails the test if the status is not 0; the output.
  std::string must(std::string_view line);

  store::Picture look();  ///< what a fresh scan finds
  VolumeGroup vg(const std::string& name);

  RamMachine disks;
  FakeKernel kernel;
  MemoryArchive archive;
  std::uint64_t time = 1700000000;
  bool out_on_terminal = false;                    ///< what command lines print goes to one
  bool waits_for_udev = true;                      ///< did the last command line
  std::string host = "host";                       ///< its name
  std::string run_dir;                             ///< stands for /run/lvm; empty: nobody writes there
  std::string lvm_conf;                            ///< settings of the machine, as for --config
  std::string input;                               ///< what a command line finds on its standard input
  std::function<void()> on_lock;                   ///< called once, when the next lock is granted: somebody was faster
  std::multiset<std::string> locked;               ///< VGs whose locks are held right now; "": the global one
  std::function<void()> before_scan;               ///< called before each reading of the disks
  std::vector<std::vector<std::string>> programs;  ///< what was run, such as mkfs.ext4
  std::optional<Error> program_failure;            ///< what came of it; none: it ended well
  std::function<void()> on_program;                ///< called when one is run
  bool mkfs_makes = true;                          ///< mkfs.ext4 that ended well has made an ext4, unless lv_signatures
  std::map<std::string, std::string> made;         ///< types, by devices
  std::vector<device::DeviceSource::Signature> lv_signatures;  ///< what any active LV carries; empty: what was `made`
  std::vector<device::DeviceSource::Rule> rules;               ///< what filters are said to decide of any device

 private:
  cli::Program program(Ran& ran);
  Result<ops::System> system(const ops::SystemOptions& options);
  SeededRandom random_{1};
};

/// VGs of a picture for comparison: what any reader would take them for, without device hints.
std::vector<VolumeGroup> vgs_of(const store::Picture& picture);

}  // namespace ashlar::test
