// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever became of the disks meanwhile (PVs shrunk and grown, gone and back, made anew, copied and put back, archives
// and areas lost): what undo and undelete bring back unasked still lies there. Judged by marks on the disks, not by
// histories.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "support/disk_marks.h"
#include "support/generators.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

constexpr Bytes kHead{1 << 20};  ///< label and area: all before the first extent

/// vg0 on three disks with small rings; the third has no metadata area.
class Story {
 public:
  Story() {
    for (const std::string& path : paths_) {
      m_.disk(path);
      marks_.add_disk(path);
    }
    m_.must("pvcreate " + layout_ + " /dev/a /dev/b");
    m_.must("pvcreate --metadatacopies 0 " + layout_ + " /dev/c");
    m_.must("vgcreate vg0 /dev/a /dev/b /dev/c");
    marks_.live(vg());
  }

  void step() {
    m_.time += static_cast<std::uint64_t>(pick(0, 5));
    switch (pick(0, 22)) {
      case 0:
        return shrink_or_grow();
      case 1:
        return go_or_come();
      case 2:
        return leave_and_join();
      case 3:
        return replace(disk());
      case 4:
        return lose_archives();
      case 5:
        return copy_or_put_back();
      case 6:
        return lose_all_areas();
      case 7:
        for (int i = pick(1, 12); i > 0; --i)
          change("vgchange --addtag t" + std::to_string(tags_++) + " vg0");  // a ring comes round
        return;
      case 8:
        return change(fmt::format("vgcfgrestore -f {} vg0", an_old_file()));
      case 9:
      case 10:
      case 11:
        return try_undo();
      case 12:
      case 13:
      case 14:
      case 15:
        return try_undelete();
      default:
        return change_lvs();
    }
  }
  const std::string& told() const { return told_; }
  bool over = false;               ///< there is no such VG any more, or two
  int unasked = 0, held_back = 0;  ///< how often data came back, and how often that was refused or asked

 private:
  VolumeGroup vg() {
    const store::Picture picture = m_.look();
    const auto found = store::find_vg(picture, "vg0");
    over = over || !found;
    return found ? (*found)->vg : VolumeGroup{};
  }
  std::string disk() { return paths_[pick<std::size_t>(0, paths_.size())]; }
  Ran run(const std::string& line) {
    Ran ran = m_.run(line);
    told_ += fmt::format("{}: {}{}{}\n", line, ran.status, ran.err.empty() ? "" : ": ", ran.err.substr(0, 300));
    return ran;
  }
  /// A command, and what is written while the state that it leaves lasts.
  void change(const std::string& line) {
    const VolumeGroup before = vg();
    run(line);
    const VolumeGroup after = vg();
    if (after == before) return;
    if (line.find("issue_discards=1") != std::string::npos || !m_.lvm_conf.empty()) marks_.discard(before, after);
    marks_.live(after);
  }

  void change_lvs() {
    // A setting that nobody knows of later.
    m_.lvm_conf = pick(0, 8) == 0 ? "devices/issue_discards=1" : "";
    change_an_lv();
    m_.lvm_conf.clear();
  }
  void change_an_lv() {
    const VolumeGroup now = vg();
    const std::string archive = pick(0, 12) == 0 ? " -A n" : "";
    if (now.lvs.empty() || pick(0, 3) == 0)
      return change(fmt::format("lvcreate -an -Zn -l {} -n {} vg0 {}:{}{}", pick(1, 6), new_name(), disk(),
                                pick(0, 3) == 0 ? "10-" : "0-", archive));
    const std::string lv = now.lvs[pick<std::size_t>(0, now.lvs.size())].name;
    switch (pick(0, 5)) {
      case 0:
        return change(fmt::format("lvextend -l +{} vg0/{} {}{}", pick(1, 4), lv, disk(), archive));
      case 1:
        return change(fmt::format("lvreduce -y -l -{} vg0/{}{}", pick(1, 3), lv, archive));
      default:
        return change(fmt::format("lvremove -y vg0/{}{}{}", lv, archive,
                                  pick(0, 10) == 0 ? " --config devices/issue_discards=1" : ""));
    }
  }
  std::string new_name() { return "lv" + std::to_string(names_++); }

  void shrink_or_grow() {
    const std::string path = disk();
    change(fmt::format("pvresize -y --setphysicalvolumesize {}m {}", pick(5, 10) * 4, path));
    if (pick(0, 3) != 0) change("pvresize " + path);
  }
  void go_or_come() {
    const std::string path = disk();
    if (marks_.here(path)) {
      if (std::any_of(paths_.begin(), paths_.end(), [&](const std::string& other) { return !marks_.here(other); }))
        return;
      told_ += path + " goes\n";
      m_.disks.remove(path);
      marks_.take_away(path);
      if (pick(0, 4) == 0) change("vgreduce --removemissing -f vg0");
      return;
    }
    told_ += path + " comes back\n";
    m_.disks.bring_back(path);
    marks_.bring_back(path);
    if (pick(0, 2) == 0) change("vgextend --restoremissing vg0 " + path);
  }
  void leave_and_join() {
    const std::string path = disk(), id = id_of_disk(path);
    change("vgreduce vg0 " + path);
    if (id.empty()) return;
    change(fmt::format("pvcreate -ff -y {} --uuid {} --norestorefile {}",
                       layout_ + (pick(0, 2) == 0 ? " --metadatacopies 0" : ""), id, path));
    change(fmt::format("vgextend vg0 {}", path));
  }
  /// Another disk under the old id.
  void replace(const std::string& path) {
    const std::string id = id_of_disk(path);
    if (id.empty() || !marks_.here(path)) return;
    const std::string file = dir_.path() + "/saved";
    run("vgcfgbackup -f " + file + " vg0");
    told_ += path + " is blank\n";
    m_.disks.disk(path).poke({0}, std::vector<std::byte>(kHead.n));
    marks_.wipe(path);
    run(fmt::format("pvcreate -ff -y --metadatasize 32k --uuid {} --restorefile {} {}", id, file, path));
    change("vgcfgrestore -f " + file + " vg0");
  }
  std::string id_of_disk(const std::string& path) {
    for (const PhysicalVolume& pv : vg().pvs) {
      if (pv.device == path) return pv.id.dashed();
    }
    return {};
  }
  void lose_archives() {
    std::vector<std::string>& archives = m_.archive.archives["vg0"];
    if (copied_) return;  // of what was in effect before the disks were put back, archives alone tell
    told_ += "archives are lost\n";
    if (pick(0, 2) == 0 || archives.empty())
      archives.clear();
    else
      archives.erase(archives.begin() + static_cast<std::ptrdiff_t>(pick<std::size_t>(0, archives.size())));
    if (pick(0, 2) == 0) m_.archive.backups.clear();
  }
  /// All that lies on one or all disks goes back to what it was, data included.
  void copy_or_put_back() {
    if (copy_.empty() || pick(0, 3) == 0) {
      told_ += "the disks are copied\n";
      for (const std::string& path : paths_) copy_[path] = {m_.disks.disk(path).peek({0}, kHead.n), marks_.marks(path)};
      return;
    }
    const std::string one = pick(0, 2) == 0 ? disk() : "";
    for (const std::string& path : paths_) {
      if (!one.empty() && path != one) continue;
      told_ += path + " is put back\n";
      m_.disks.disk(path).poke({0}, copy_[path].first);
      marks_.put_back(path, copy_[path].second);
    }
    copied_ = true;
    marks_.live(vg());
  }
  std::string an_old_file() {
    const std::string file = dir_.path() + "/old";
    const std::vector<std::string>& archives = m_.archive.archives["vg0"];
    if (archives.empty())
      run("vgcfgbackup -f " + file + " vg0");
    else
      put_file(file, archives[pick<std::size_t>(0, archives.size())]);
    return file;
  }
  /// Labels and areas are written over, the data stays; an old archive is restored.
  void lose_all_areas() {
    for (const std::string& path : paths_) {
      if (!marks_.here(path) || id_of_disk(path).empty()) return;
    }
    std::vector<std::string> ids;
    for (const std::string& path : paths_) ids.push_back(id_of_disk(path));
    const std::string file = an_old_file();
    const VolumeGroup before = vg();
    told_ += "all areas are lost\n";
    std::vector<std::vector<std::byte>> heads;
    bool made = true;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      heads.push_back(m_.disks.disk(paths_[i]).peek({0}, kHead.n));
      m_.disks.disk(paths_[i]).poke({0}, std::vector<std::byte>(kHead.n));
    }
    for (std::size_t i = 0; i < paths_.size(); ++i)
      made = made && run(fmt::format("pvcreate -ff -y --metadatasize 32k --uuid {} --restorefile {} {}", ids[i], file,
                                     paths_[i]))
                             .status == 0;
    made = made && run("vgcfgrestore -f " + file + " vg0").status == 0;
    if (!made) {
      for (std::size_t i = 0; i < paths_.size(); ++i) m_.disks.disk(paths_[i]).poke({0}, heads[i]);
    }
    marks_.live(vg());
  }

  void try_undo() {
    judge(pick(0, 2) == 0 ? "undo vg0" : fmt::format("undo vg0 --to {}", pick<std::uint32_t>(1, vg().seqno + 1)));
  }
  void try_undelete() {
    if (names_ == 0) return;
    judge(fmt::format("undelete vg0/lv{}", pick(0, names_)));
  }
  /// Nobody answers yes, and nobody insists.
  void judge(const std::string& line) {
    const VolumeGroup before = vg();
    const Ran ran = run(line);
    const VolumeGroup after = vg();
    if (ran.status != 0) {
      RC_ASSERT(after == before);
      ++held_back;
      return;
    }
    for (const std::string& each : marks_.lost(before, after)) RC_FAIL(told_ + each + "\n" + ran.out);
    if (owners_of(after).size() > owners_of(before).size()) {
      ++unasked;
      RC_ASSERT(ran.out.find("certain: ") != std::string::npos);
    }
    marks_.live(after);
  }

  const std::vector<std::string> paths_{"/dev/a", "/dev/b", "/dev/c"};
  const std::string layout_ =
      pick(0, 2) == 0 ? "--metadatasize 32k --dataalignment 64k" : "";  ///< a ring of 60k comes round soon
  TestMachine m_;
  TempDir dir_;
  DiskMarks marks_;
  std::map<std::string, std::pair<std::vector<std::byte>, DiskMarks::Marks>> copy_;
  bool copied_ = false;
  int names_ = 0, tags_ = 0;
  std::string told_;
};

RC_GTEST_PROP(UndoOnDisksThatHadAnyFate, BringsNothingBackUnaskedThatDoesNotLieThereAnyMore, ()) {
  Story story;
  for (int i = pick(10, 60); i > 0 && !story.over; --i) story.step();
  if (story.unasked > 0)
    RC_TAG("came back");
  else
    RC_TAG(story.held_back > 0 ? "held back" : "nothing tried");
}

}  // namespace
}  // namespace ashlar::test
