// SPDX-License-Identifier: LGPL-2.1-or-later
// pvck: checks the label and metadata areas of a PV; shows what lies in them, byte by byte where they are damaged.
#include "cli/pvck.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "archive/archive.h"
#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "metadata/disk/mda_header.h"
#include "metadata/disk/mda_ring.h"
#include "metadata/text/ring_search.h"
#include "metadata/text/vg_reader.h"
#include "store/scan.h"

namespace ashlar::cli {

namespace {
constexpr std::size_t kLabelBytes = disk::kLabelSectors * kSectorSize;
constexpr std::size_t kCrcCovers = 20;  // the label's checksum is of what follows
constexpr Bytes kMostRead{16 << 20};    // of one area, when it is searched or written to a file

/// What was read of one device.
struct Examined {
  device::BlockDevice* device = nullptr;
  std::vector<std::byte> start;  ///< the label sectors
  disk::LabelScan label;
};

std::uint64_t number(std::span<const std::byte> at, std::size_t offset, std::size_t bytes) {
  std::uint64_t n = 0;
  for (std::size_t i = bytes; i-- > 0;) n = n << 8 | std::to_integer<std::uint64_t>(at[offset + i]);
  return n;
}

std::string shown(std::span<const std::byte> bytes) {
  std::string out;
  for (std::byte b : bytes) {
    auto c = static_cast<char>(b);
    out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return out;
}

/// --labelsector: the only sector that counts.
Result<std::optional<std::uint32_t>> label_sector(const Args& args) {
  const std::optional<std::string> word = args.value("labelsector");
  if (!word) return std::optional<std::uint32_t>();
  std::uint32_t sector = 0;
  const auto [end, bad] = std::from_chars(word->data(), word->data() + word->size(), sector);
  if (bad != std::errc() || end != word->data() + word->size())
    return usage_error("pvck", "Invalid argument for --labelsector: " + printable(*word));
  return std::optional(sector);
}

Result<Examined> examine(ops::System& sys, const std::string& path, const std::optional<std::uint32_t>& only) {
  Examined e;
  e.device = TRY(sys.devices->find(path));
  e.start.resize(std::min<std::uint64_t>(kLabelBytes, e.device->size().n));
  TRY(e.device->read({0}, e.start));
  std::vector<std::byte> counts = e.start;
  for (std::size_t at = 0; only && at < counts.size(); at += kSectorSize) {
    if (at != *only * kSectorSize)
      std::fill_n(counts.begin() + static_cast<std::ptrdiff_t>(at), std::min(kSectorSize, counts.size() - at),
                  std::byte{});
  }
  e.label = disk::scan_label(counts);
  return e;
}

Result<disk::MdaHeader> header_of(const Examined& e, const disk::DiskArea& area) {
  disk::Sector sector{};
  TRY(e.device->read(area.offset, sector));
  return disk::decode_mda_header(sector, area);
}

/// The committed text, checked against its checksum.
Result<std::string> text_of(const Examined& e, const disk::MdaHeader& header) {
  const disk::RawLocn& at = header.committed;
  if (at.size > store::kMaxText)
    return Error(Errc::Corrupt, fmt::format("metadata text of {} bytes is too large", at.size.n));
  std::string text(at.size.n, '\0');
  std::size_t done = 0;
  for (const disk::RingPiece& piece : disk::pieces_of(header.area.size, at)) {
    TRY(e.device->read(header.area.offset + piece.offset,
                       std::as_writable_bytes(std::span(text).subspan(done, piece.length.n))));
    done += piece.length.n;
  }
  if (crc32(as_bytes(text)) != at.checksum) return Error(Errc::Corrupt, "metadata text does not match its checksum");
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return text;
}

// ---- The check -----------------------------------------------------------------------------------------------------

Status check(Session& session, ops::System& sys, const std::optional<std::uint32_t>& sector, const std::string& path) {
  Examined e = TRY(examine(sys, path, sector));
  for (const std::string& problem : e.label.problems) session.out().error("CHECK: " + problem);
  if (!e.label.label) return Error(Errc::Corrupt, fmt::format("Could not find LVM label on {}", e.device->path()));
  session.out().line(
      fmt::format("Found label on {}, sector {}, type=LVM2 001", e.device->path(), e.label.label->sector));
  for (const disk::DiskArea& area : e.label.label->mdas) {
    session.out().line(fmt::format("Found text metadata area: offset={}, size={}", area.offset.n, area.size.n));
    auto header = header_of(e, area);
    auto text = header && !header->committed.empty() && !header->ignored() ? text_of(e, *header)
                                                                           : Result<std::string>(std::string());
    Status good = !header ? Status(header.error()) : !text ? Status(text.error()) : ok();
    if (good && !text->empty()) {
      auto vg = text::read_vg(*text, e.device->path());
      if (!vg) good = vg.error();
    }
    if (!good)
      session.fail(Error(good.error().code(),
                         fmt::format("CHECK: metadata area at {}: {}", area.offset.n, good.error().message())));
  }
  return ok();
}

// ---- Dumps ---------------------------------------------------------------------------------------------------------

class HeaderDump {
 public:
  HeaderDump(Output& out, const Examined& e) : out_(out), e_(e) {}

  void label(std::uint32_t sector) {
    const std::size_t base = sector * kSectorSize;
    std::span<const std::byte> s(e_.start.data() + base, kSectorSize);
    line("label_header at {}", base);
    line("label_header.id {}", shown(s.first(8)));
    line("label_header.sector {}", number(s, 8, 8));
    line("label_header.crc {:#x}", number(s, 16, 4));
    line("label_header.offset {}", number(s, 20, 4));
    line("label_header.type {}", shown(s.subspan(24, 8)));
    std::uint32_t crc = crc32(s.subspan(kCrcCovers));
    if (shown(s.first(8)) != "LABELONE") out_.error("CHECK: label_header.id expected LABELONE");
    if (number(s, 8, 8) != sector) out_.error(fmt::format("CHECK: label_header.sector expected {}", sector));
    if (number(s, 16, 4) != crc) out_.error(fmt::format("CHECK: label_header.crc expected {:#x}", crc));
    line("pv_header at {}", base + 32);
    line("pv_header.pv_uuid {}", shown(s.subspan(32, 32)));
    line("pv_header.device_size {}", number(s, 64, 8));
    std::size_t at = 72;
    unsigned n = 0;
    list(s, base, at, n, "pv_header", "data");
    list(s, base, at, n, "pv_header", "metadata");
    if (at + 8 > kSectorSize) return;
    line("pv_header_extension at {}", base + at);
    line("pv_header_extension.version {}", number(s, at, 4));
    line("pv_header_extension.flags {}", number(s, at + 4, 4));
    at += 8;
    n = 0;
    list(s, base, at, n, "pv_header_extension", "bootloader");
  }

  void area(unsigned i, const disk::DiskArea& a) {
    disk::Sector s{};
    if (Status read = e_.device->read(a.offset, s); !read) {
      out_.error(read.error().message());
      return;
    }
    std::string name = fmt::format("mda_header_{}", i);
    line("{} at {} # metadata area", name, a.offset.n);
    line("{}.checksum {:#x}", name, number(s, 0, 4));
    std::string magic;
    for (std::size_t b = 0; b < 16; ++b) magic += fmt::format("{:02x}", std::to_integer<unsigned>(s[4 + b]));
    line("{}.magic 0x{}", name, magic);
    line("{}.version {}", name, number(s, 20, 4));
    line("{}.start {}", name, number(s, 24, 8));
    line("{}.size {}", name, number(s, 32, 8));
    for (unsigned slot = 0; slot < 2; ++slot) {
      std::size_t at = 40 + 24 * slot;
      std::string locn = fmt::format("{}.raw_locn[{}]", name, slot);
      line("{} at {} # {}", locn, a.offset.n + at, slot == 0 ? "commit" : "precommit");
      line("{}.offset {}", locn, number(s, at, 8));
      line("{}.size {}", locn, number(s, at + 8, 8));
      line("{}.checksum {:#x}", locn, number(s, at + 16, 4));
      std::uint64_t flags = number(s, at + 20, 4);
      line("{}.flags 0x{:x}{}", locn, flags, (flags & 1) != 0 ? " # RAW_LOCN_IGNORED" : "");
    }
  }

 private:
  template <class... A>
  void line(fmt::format_string<A...> format, A&&... args) {
    out_.line(fmt::format(format, std::forward<A>(args)...));
  }

  void list(std::span<const std::byte> s, std::size_t base, std::size_t& at, unsigned& n, const char* where,
            const char* what) {
    for (; at + 16 <= kSectorSize; at += 16, ++n) {
      const std::uint64_t offset = number(s, at, 8), size = number(s, at + 8, 8);
      const bool end = offset == 0 && size == 0;
      line("{}.disk_locn[{}] at {} # {}", where, n, base + at,
           end ? "location list end" : fmt::format("location of {} area", what));
      line("{}.disk_locn[{}].offset {}", where, n, offset);
      line("{}.disk_locn[{}].size {}", where, n, size);
      if (!end) continue;
      at += 16;
      ++n;
      return;
    }
  }

  Output& out_;
  const Examined& e_;
};

/// Where a text was found, and it.
struct FoundText {
  std::uint64_t offset;  ///< on the device
  std::string text;      ///< with its NUL
  text::ReadVg vg;
};

/// Every metadata text of the area, committed or left from earlier, by place.
std::vector<FoundText> search(std::span<const std::byte> area, std::uint64_t base,
                              const std::optional<std::uint64_t>& only) {
  std::vector<FoundText> found;
  text::search_ring(area, {}, [&](Bytes at, const std::string& text) {
    auto vg = text::read_vg(text, "metadata area");
    if (vg && (!only || base + at.n == *only)) found.push_back({base + at.n, text + '\0', std::move(*vg)});
    return vg.ok();
  });
  return found;
}

Result<std::vector<std::byte>> read_area(const Examined& e, const disk::DiskArea& area) {
  std::vector<std::byte> bytes(std::min(area.size.n, kMostRead.n));
  TRY(e.device->read(area.offset, bytes));
  return bytes;
}

/// A file and a pipe get its bytes as they are, from which it can be restored; a terminal must not obey them.
Status give(Session& session, const Args& args, const std::string& text) {
  if (auto file = args.value("file")) return archive::write_file(*file, text);
  session.out().line("---");
  const bool watched = session.program() != nullptr && session.program()->out_on_terminal;
  session.out().raw((watched ? Output::safe(text) : text) + "\n");
  session.out().line("---");
  return ok();
}

Status dump_metadata(Session& session, const Args& args, const Examined& e, const disk::DiskArea& area) {
  disk::MdaHeader header = TRY(header_of(e, area));
  if (header.committed.empty()) return ok();
  std::string text = TRY(text_of(e, header));
  auto vg = text::read_vg(text, e.device->path());
  session.out().line(fmt::format("metadata text at {} crc {:#x} # vgname {} seqno {}",
                                 (header.area.offset + header.committed.offset).n, header.committed.checksum,
                                 vg ? vg->vg.name : "?", vg ? vg->vg.seqno : 0));
  return give(session, args, text);
}

/// The lines of a text that say how it came about.
void describe(Session& session, const std::string& text) {
  for (const char* name : {"description = ", "creation_time = "}) {
    const std::size_t at = text.find(std::string("\n") + name);
    if (at != std::string::npos) session.out().line(text.substr(at + 1, text.find('\n', at + 1) - at - 1));
  }
  session.out().line("");
}

/// Leaves the area that the settings name.
Status choose_area(disk::Label& label, const PvckSettings& settings, const std::string& what) {
  if (what == "metadata_search" && settings.mda_offset && settings.mda_size) {
    label.mdas = {{{*settings.mda_offset}, {*settings.mda_size}}};
    return ok();
  }
  if (settings.mda_num == 2 && label.mdas.size() < 2)
    return Error(Errc::Corrupt, "CHECK: second mda not found.  Found bad header or metadata values.");
  const std::size_t chosen = settings.mda_num == 2 ? 1 : 0;
  if (!label.mdas.empty() && (settings.mda_num != 0 || what != "metadata_search"))
    label.mdas = {disk::DiskArea(label.mdas[chosen])};
  return ok();
}

Status dump(Session& session, ops::System& sys, const Args& args, const PvckSettings& settings, const std::string& what,
            const std::string& path) {
  Examined e = TRY(examine(sys, path, TRY(label_sector(args))));
  HeaderDump headers(session.out(), e);
  const std::uint32_t sector = e.label.label ? e.label.label->sector : 1;
  if (what == "headers") {
    if (e.start.size() < kLabelBytes)
      return Error(Errc::Corrupt, fmt::format("{} is too small for a label", e.device->path()));
    headers.label(sector);
  }
  if (!e.label.label && what == "headers") return ok();
  // Without a label the area is looked for where pvcreate puts it.
  disk::Label label = e.label.label.value_or(disk::Label{.mdas = {{{4096}, {(1 << 20) - 4096}}}});
  if (!e.label.label && what != "metadata_search")
    return Error(Errc::Corrupt, fmt::format("Could not find LVM label on {}", e.device->path()));
  if (what != "headers") TRY(choose_area(label, settings, what));
  if (label.mdas.empty() && what != "headers") session.out().line("zero metadata copies");
  std::string all;
  unsigned i = 0;
  for (const disk::DiskArea& area : label.mdas) {
    if (what == "headers") {
      headers.area(++i, area);
      auto header = header_of(e, area);
      if (!header || header->committed.empty() || header->ignored()) continue;
      auto text = text_of(e, *header);
      if (text) {
        auto vg = text::read_vg(*text, e.device->path());
        session.out().line(fmt::format("metadata text at {} crc {:#x} # vgname {} seqno {}",
                                       (area.offset + header->committed.offset).n, header->committed.checksum,
                                       vg ? vg->vg.name : "?", vg ? vg->vg.seqno : 0));
      } else {
        session.fail(Error(Errc::Corrupt, "CHECK: " + text.error().message()));
      }
    } else if (what == "metadata") {
      return dump_metadata(session, args, e, area);
    } else if (what == "metadata_area") {
      std::vector<std::byte> bytes = TRY(read_area(e, area));
      all += as_text(std::span<const std::byte>(bytes).subspan(std::min<std::size_t>(bytes.size(), kSectorSize)));
    } else {
      if (what == "metadata_search")
        session.out().line(fmt::format("Searching for metadata at offset {} size {}", area.offset.n, area.size.n));
      std::vector<std::byte> bytes = TRY(read_area(e, area));
      for (const FoundText& f :
           search(bytes, area.offset.n, what == "metadata_search" ? settings.metadata_offset : std::nullopt)) {
        session.out().line(fmt::format("metadata at {} length {} crc {:08x} vg {} seqno {} id {}", f.offset,
                                       f.text.size(), crc32(as_bytes(f.text)), f.vg.vg.name, f.vg.vg.seqno,
                                       f.vg.vg.id.dashed()));
        if (args.count("verbose") > 0) describe(session, f.text);
        all += f.text;
        all.back() = '\n';
        if (!settings.metadata_offset) all += '\n';
      }
    }
  }
  if (all.empty() || (what != "metadata_area" && !args.has("file"))) return ok();
  if (what == "metadata_area" && !args.has("file"))
    return Error(Errc::InvalidArgument, "Please name a file with --file: the area is binary");
  return archive::write_file(*args.value("file"), all);
}

Status run_pvck(Session& session, const Args& args) {
  std::string what = args.value_or("dump", "");
  static constexpr std::array<std::string_view, 5> kDumps = {"headers", "metadata", "metadata_all", "metadata_search",
                                                             "metadata_area"};
  if (args.has("dump") && std::find(kDumps.begin(), kDumps.end(), what) == kDumps.end())
    return Error(
        Errc::InvalidArgument,
        fmt::format("Invalid argument for --dump: {} (headers, metadata, metadata_all, metadata_search, metadata_area)",
                    printable(what)));
  ops::System& sys = *TRY(session.system());
  if (args.has("repair") || args.has("repairtype")) return repair_pv(session, sys, args);
  const PvckSettings settings = TRY(pvck_settings(args));
  const std::optional<std::uint32_t> sector = TRY(label_sector(args));
  for (const std::string& path : args.positionals) {
    Status done = args.has("dump") ? dump(session, sys, args, settings, what, path) : check(session, sys, sector, path);
    if (!done) session.fail(done.error());
  }
  return ok();
}

constexpr Option kPvckOptions[] = {
    {"dump", 0, Arg::Value, "headers|metadata|...",
     "Show headers, metadata, metadata_all, metadata_search or metadata_area"},
    {"file", 'f', Arg::Value, "File", "Write the metadata there; with --repair and --repairtype: read it there"},
    {"labelsector", 0, Arg::Value, "Number", "Look for the label in this sector only"},
    {"repair", 0, Arg::Flag, "", "Write headers and metadata anew from the file"},
    {"repairtype", 0, Arg::Value, "pv_header|metadata|label_header", "Write only this anew"},
    {"settings", 0, Arg::List, "String",
     "What is stronger than what is found: mda_num, metadata_offset, mda_offset, mda_size, mda2_offset, mda2_size, pv_uuid, device_size, data_offset, each as NAME=VALUE in bytes"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kPvck{
    "pvck",
    "Check physical volumes, show what lies on them, repair them by hand",
    "PV... | --dump [--file] [--settings] PV | --repair --file [--settings] PV | --repairtype [--file] [--settings] PV",
    kPvckOptions,
    run_pvck,
    Effect::Elsewhere};

}  // namespace ashlar::cli
