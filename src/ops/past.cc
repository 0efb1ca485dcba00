// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/past.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "base/log.h"
#include "metadata/disk/mda_ring.h"
#include "metadata/model/validate.h"
#include "metadata/text/ring_search.h"
#include "metadata/text/vg_reader.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
constexpr std::uint64_t kMostRead = std::uint64_t{512} << 20;   // bytes of metadata areas
constexpr std::uint64_t kMostTexts = std::uint64_t{256} << 20;  // bytes of texts that differ
constexpr std::size_t kMostFiles = 1000;                        // of one VG name; the newest

/// Texts by their letters: most are in several places.
class Texts {
 public:
  /// `id` null: those of any VG of that name.
  Texts(const Uuid* id, std::string name) : id_(id), name_(std::move(name)) {}

  /// Whether it is a metadata text at all.
  bool add(const std::string& text, const plan::Place& place) {
    if (auto known = seen_.find(text); known != seen_.end()) {
      if (known->second) texts_[*known->second].places.push_back(place);
      return true;
    }
    if (bytes_ + text.size() > kMostTexts) {
      full_ = true;
      return true;
    }
    auto read = text::read_vg(text, place.name);
    if (!read) return false;
    bytes_ += text.size();
    const bool ours = id_ != nullptr ? read->vg.id == *id_ : read->vg.name == name_;
    auto [entry, fresh] = seen_.emplace(text, std::nullopt);
    if (!ours || read->vg.seqno == 0 || !validate(read->vg).empty()) return true;
    entry->second = texts_.size();
    texts_.push_back({std::move(read->vg), std::move(read->header.description), std::move(read->header.creation_host), read->header.creation_time, {place}});
    return true;
  }

  /// That copy lies in the line of its area's texts.
  void set_in_line(const std::string& text, const std::string& place) {
    auto known = seen_.find(text);
    if (known == seen_.end() || !known->second) return;
    for (plan::Place& each : texts_[*known->second].places) {
      if (each.name == place) each.in_line = true;
    }
  }

  std::optional<std::uint32_t> seqno_of(const std::string& text) const {
    auto known = seen_.find(text);
    return known != seen_.end() && known->second ? std::optional(texts_[*known->second].vg.seqno) : std::nullopt;
  }

  std::set<std::string> names() const {
    std::set<std::string> names{name_};
    for (const plan::OldText& text : texts_) names.insert(text.vg.name);
    return names;
  }
  bool full() const { return full_; }
  std::vector<plan::OldText> take() { return std::move(texts_); }

 private:
  const Uuid* id_;
  std::string name_;
  std::unordered_map<std::string, std::optional<std::size_t>> seen_;
  std::vector<plan::OldText> texts_;
  std::uint64_t bytes_ = 0;
  bool full_ = false;
};

/// A text and where it lies in its area.
struct Copy {
  Bytes at;
  std::string text;
  Bytes size() const { return {text.size() + 1}; }
};

/// Marks the committed text, the one right before it, and so on. Each is written behind the committed one, so nothing but
/// what was committed is among them. The walk ends where it has come round to behind the committed text: what lies there
/// may be of a write that was cut off. Source: docs/format.md 2.3.
/// Returns the seqno of the first text that was ever written to the area, if that can be told: it lies at the ring's start,
/// and behind the committed one, where there is room for older ones, is none.
std::optional<std::uint32_t> follow_line(const std::vector<Copy>& copies, Bytes area, Bytes committed, const std::string& place, Texts& texts) {
  std::unordered_map<std::uint64_t, const Copy*> before;  // what is written next begins there
  std::unordered_map<std::uint64_t, const Copy*> starts;
  for (const Copy& copy : copies) {
    starts.emplace(copy.at.n, &copy);
    if (auto next = disk::next_place(area, {copy.at, copy.size(), 0, 0}, Bytes{1})) before.emplace(next->offset.n, &copy);
  }
  auto ruling = starts.find(committed.n);
  if (ruling == starts.end()) return std::nullopt;
  auto behind = disk::next_place(area, {committed, ruling->second->size(), 0, 0}, Bytes{1});
  const Copy* oldest = nullptr;
  std::size_t in_line = 0;
  std::uint64_t largest = 0;
  for (const Copy* copy = ruling->second; copy != nullptr;) {
    texts.set_in_line(copy->text, place);
    oldest = copy;
    ++in_line;
    largest = std::max(largest, copy->size().n);
    auto older = before.find(copy->at.n);
    copy = older != before.end() && older->second != ruling->second && behind && older->second->at != behind->offset ? older->second : nullptr;
  }
  // Once the ring has come round, two old texts' room behind the committed one holds at least one of them whole.
  const bool all = in_line == copies.size() && oldest->at == Bytes{kSectorSize} && oldest->at <= committed;
  const bool room = behind && behind->offset > committed && area - behind->offset > Bytes{2 * (largest + kSectorSize)};
  return all && room ? texts.seqno_of(oldest->text) : std::nullopt;
}

/// Returns what follow_line() does.
std::optional<std::uint32_t> read_ring(const store::FoundPv& pv, std::size_t m, bool member, std::string_view begins, Texts& texts, std::uint64_t& left,
                                       std::vector<std::string>& notes) {
  const store::Mda& mda = pv.mdas[m];
  const std::string name = store::mda_name(pv, m);
  auto end = checked_add(mda.area.offset.n, mda.area.size.n);
  if (!end || *end > pv.device->size().n) return std::nullopt;  // the scan has told
  if (mda.area.size.n > left) {
    notes.push_back(fmt::format("{} was not searched: more than {} MiB of metadata areas are never read for this", name, kMostRead >> 20));
    return std::nullopt;
  }
  left -= mda.area.size.n;
  std::vector<std::byte> area(mda.area.size.n);
  if (Status read = pv.device->read(mda.area.offset, area); !read) {
    notes.push_back(fmt::format("{} was not searched: {}", name, read.error().message()));
    return std::nullopt;
  }
  const bool used = member && mda.seqno && mda.header;
  std::vector<Copy> copies;
  const bool whole = text::search_ring(area, begins, [&](Bytes at, const std::string& text) {
    const bool at_committed = mda.header && mda.header->committed.offset == at;
    if (at_committed && !mda.seqno && !mda.problem.empty()) return false;  // its checksum says that it is not what was written
    if (!texts.add(text, {used && at_committed ? plan::Place::Kind::Committed : plan::Place::Kind::Ring, name, false})) return false;
    copies.push_back({at, text});
    return true;
  });
  if (!whole) notes.push_back(fmt::format("{} was not searched to its end: it is full of what begins like metadata and is none", name));
  return used ? follow_line(copies, mda.area.size, mda.header->committed.offset, name, texts) : std::nullopt;
}

void read_files(System& sys, const std::string& name, Texts& texts, std::vector<std::string>& notes) {
  auto entries = sys.archive->list(name);
  if (!entries) {
    notes.push_back(entries.error().message());
    return;
  }
  const std::size_t skipped = entries->size() > kMostFiles ? entries->size() - kMostFiles : 0;
  if (skipped != 0) notes.push_back(fmt::format("the {} oldest archives of VG {} were not read", skipped, name));
  for (std::size_t i = skipped; i < entries->size(); ++i) {
    const archive::Entry& entry = (*entries)[i];
    auto text = sys.archive->read(entry);
    if (text && texts.add(*text, {entry.is_backup ? plan::Place::Kind::Backup : plan::Place::Kind::Archive, entry.path, false})) continue;
    notes.push_back(text ? entry.path + " is no metadata" : text.error().message());
  }
}
}  // namespace

Result<Past> read_past(System& sys, const store::Picture& picture, const store::VgState* state, const std::string& name, const Uuid* id) {
  Past past;
  if (state != nullptr) id = &state->vg.id;
  Texts texts(id, name);
  const std::string begins = id != nullptr ? fmt::format(" {{\nid = \"{}\"\n", id->dashed()) : name + " {\nid = ";
  std::uint64_t left = kMostRead;
  std::vector<plan::AreaBegins> young;
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) {
    const store::FoundPv& pv = picture.scan.pvs[i];
    if (pv.device == nullptr) continue;
    const bool member = state != nullptr && std::find(state->members.begin(), state->members.end(), i) != state->members.end();
    // A second area is made anew by pvresize too: the older one tells.
    std::optional<std::uint32_t> first;
    bool told = !pv.mdas.empty();
    for (std::size_t m = 0; m < pv.mdas.size(); ++m) {
      const auto seqno = read_ring(pv, m, member, begins, texts, left, past.notes);
      told = told && seqno.has_value();
      if (seqno) first = std::min(first.value_or(*seqno), *seqno);
    }
    if (told && first) young.push_back({pv.label.pv, *first});
  }
  for (const std::string& each : texts.names()) read_files(sys, each, texts, past.notes);
  if (texts.full()) past.notes.emplace_back("not all texts were read: there are too many");
  std::vector<plan::OldText> found = texts.take();
  if (state != nullptr) {
    plan::OldText current{state->vg, state->header.description, state->header.creation_host, state->header.creation_time, {}};
    past.history = plan::make_history(&current, std::move(found));
    past.history.begins = std::move(young);
    return past;
  }
  auto newest = std::max_element(found.begin(), found.end(), [](const plan::OldText& a, const plan::OldText& b) { return a.time < b.time; });
  if (newest == found.end()) return Error(Errc::NotFound, fmt::format("Volume group \"{}\" not found", name));
  const Uuid last = newest->vg.id;
  std::erase_if(found, [&](const plan::OldText& text) { return text.vg.id != last; });
  past.history = plan::make_history(nullptr, std::move(found));
  return past;
}

Result<Past> past_of(System& sys, const std::string& vg) {
  store::Picture picture = TRY(look(sys));
  auto state = store::find_vg(picture, vg);
  if (!state && state.error().code() != Errc::NotFound) return std::move(state).error();
  return read_past(sys, picture, state ? *state : nullptr, vg);
}

}  // namespace ashlar::ops
