// SPDX-License-Identifier: LGPL-2.1-or-later
// pvck --repair and --repairtype: headers and metadata of one PV written anew, each after a question.
#include <fmt/format.h>

#include <charconv>

#include "base/log.h"
#include "cli/pvck.h"
#include "metadata/text/vg_reader.h"
#include "ops/rewrite_pv.h"

namespace ashlar::cli {

namespace {
/// Where numbers of the settings go.
std::optional<std::uint64_t>* place_of(PvckSettings& s, std::string_view name) {
  if (name == "metadata_offset") return &s.metadata_offset;
  if (name == "mda_offset") return &s.mda_offset;
  if (name == "mda_size") return &s.mda_size;
  if (name == "mda2_offset") return &s.mda2_offset;
  if (name == "mda2_size") return &s.mda2_size;
  if (name == "device_size") return &s.device_size;
  if (name == "data_offset") return &s.data_offset;
  return nullptr;
}

Status set(PvckSettings& settings, const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) return Error(Errc::Refused, "Invalid setting at: " + printable(word));
  const std::string name = word.substr(0, equals), value = word.substr(equals + 1);
  const Error wrong(Errc::Refused, "Invalid setting: " + printable(name));
  if (name == "pv_uuid") {
    settings.pv_uuid = parse_uuid(value);
    return settings.pv_uuid ? ok() : Status(wrong);
  }
  std::uint64_t number = 0;
  const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (bad != std::errc() || end != value.data() + value.size() || value.empty()) return wrong;
  if (name == "mda_num") {
    settings.mda_num = number;
    return number == 1 || number == 2 ? ok() : Status(wrong);
  }
  std::optional<std::uint64_t>* place = place_of(settings, name);
  if (place == nullptr) return wrong;
  *place = number;
  return ok();
}

Result<std::optional<disk::DiskArea>> area_of(const std::optional<std::uint64_t>& offset,
                                              const std::optional<std::uint64_t>& size, const char* name) {
  if (offset.has_value() != size.has_value())
    return Error(Errc::Refused, fmt::format("{0}_offset and {0}_size go together in --settings", name));
  return offset ? std::optional(disk::DiskArea{{*offset}, {*size}}) : std::nullopt;
}

Result<ops::RewritePv> request_of(Session& session, const Args& args) {
  const PvckSettings settings = TRY(pvck_settings(args));
  ops::RewritePv request{.device = args.positionals.front(),
                         .text = {},
                         .pv = settings.pv_uuid,
                         .device_size = {},
                         .data_offset = {},
                         .mda1 = {},
                         .mda2 = {}};
  if (settings.device_size) request.device_size = Bytes{*settings.device_size};
  if (settings.data_offset) request.data_offset = Bytes{*settings.data_offset};
  request.mda1 = TRY(area_of(settings.mda_offset, settings.mda_size, "mda"));
  request.mda2 = TRY(area_of(settings.mda2_offset, settings.mda2_size, "mda2"));
  request.area = static_cast<unsigned>(settings.mda_num);
  if (auto file = args.value("file")) {
    request.text = TRY(session.input(*file));
    if (request.text.empty()) return Error(Errc::Corrupt, "Empty file: " + printable(*file));
  }
  return request;
}

Status agree(ops::System& sys, const std::string& question) {
  if (sys.conduct.test || sys.conduct.agrees(question)) return ok();
  return Error(Errc::Refused, "nothing was written; confirm with -y");
}

std::uint32_t crc_in(const disk::Sector& sector) {
  std::uint32_t crc = 0;
  for (std::size_t i = 4; i-- > 0;) crc = crc << 8 | std::to_integer<std::uint32_t>(sector[16 + i]);
  return crc;
}

void show(Session& session, const ops::NewHeader& header, bool label_only) {
  for (const std::string& note : header.notes) session.out().error("WARNING: " + printable(note));
  const std::string crc = fmt::format("Writing label_header.crc 0x{:08x}", crc_in(header.sector));
  if (label_only) return session.out().line(crc);
  const disk::Label& l = header.label;
  auto area = [&](bool first) {
    for (const disk::DiskArea& a : l.mdas)
      if ((a.offset < l.data_areas.front().offset) == first) return a;
    return disk::DiskArea{};
  };
  const disk::DiskArea one = area(true), two = area(false);
  session.out().line(fmt::format("{} pv_header uuid {} device_size {}", crc, l.pv.raw(), l.device_size.n));
  session.out().line(fmt::format("Writing data_offset {} mda1_offset {} mda1_size {} mda2_offset {} mda2_size {}",
                                 l.data_areas.front().offset.n, one.offset.n, one.size.n, two.offset.n, two.size.n));
}

void show(Session& session, const ops::NewMetadata& metadata) {
  for (const ops::NewText& t : metadata.areas) {
    session.out().line(fmt::format("Writing metadata at {} length {} crc 0x{:08x} mda{}",
                                   (t.where.offset + t.at.offset).n, t.at.size.n, t.at.checksum, t.area));
    session.out().line(fmt::format("Writing mda_header at {} mda{}", t.where.offset.n, t.area));
  }
}

/// What of a PV is written, in this order.
struct Parts {
  bool label_header = false, header = false, metadata = false;
};

Status rewrite(Session* session, ops::System& sys, const ops::RewritePv& request, Parts parts,
               std::vector<std::string>& notes) {
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  lock::Held vg_lock;
  if (auto read = text::read_vg(request.text, "the metadata file"))
    vg_lock = TRY(sys.locks->vg(read->vg.name, lock::Mode::Exclusive));
  std::optional<ops::NewHeader> header;
  const bool writes = sys.transaction == nullptr;
  if (parts.header || parts.label_header) {
    header = TRY(parts.header ? ops::new_header(sys, request) : ops::new_label_header(sys, request));
    if (session != nullptr) show(*session, *header, parts.label_header);
    if (session != nullptr && writes)
      TRY(agree(sys, fmt::format("Write new LVM header to {}?", header->device->path())));
    if (writes) TRY(ops::write_header(sys, *header, notes));
  }
  if (!parts.metadata) return ok();
  if (header && header->label.mdas.empty()) {
    notes.push_back("No metadata areas on device to repair.");
    return ok();
  }
  const ops::NewMetadata metadata = TRY(ops::new_metadata(sys, request, header ? &header->label : nullptr));
  if (session != nullptr) show(*session, metadata);
  if (session != nullptr && writes)
    TRY(agree(sys, fmt::format("Write new LVM metadata to {}?", metadata.device->path())));
  return writes ? ops::write_metadata(sys, metadata, notes) : ok();
}
}  // namespace

Result<PvckSettings> pvck_settings(const Args& args) {
  PvckSettings settings;
  for (const std::string& value : args.list("settings")) {
    for (std::size_t at = 0; at < value.size();) {
      const std::size_t end = std::min(value.find_first_of(" ,", at), value.size());
      if (end > at) TRY(set(settings, value.substr(at, end - at)));
      at = end + 1;
    }
  }
  return settings;
}

Status repair_pv(Session& session, ops::System& sys, const Args& args) {
  const std::string type = args.value_or("repairtype", "all");
  const Parts parts{type == "label_header", type == "all" || type == "pv_header", type == "all" || type == "metadata"};
  if (!parts.label_header && !parts.header && !parts.metadata)
    return usage_error("pvck", "Invalid argument for --repairtype: " + printable(type));
  const ops::RewritePv request = TRY(request_of(session, args));
  std::vector<std::string> notes;
  TRY(rewrite(&session, sys, request, parts, notes));
  for (const std::string& note : notes) session.out().error(printable(note));
  if (sys.transaction == nullptr) return ok();
  const char* what = parts.label_header ? "label header"
                     : !parts.metadata  ? "LVM header"
                     : !parts.header    ? "LVM metadata"
                                        : "LVM header and metadata";
  session.afterwards(fmt::format("Write a new {} to {}.", what, printable(request.device)),
                     [request, parts](ops::System& real) -> Status {
                       std::vector<std::string> said;
                       TRY(rewrite(nullptr, real, request, parts, said));
                       for (const std::string& note : said) log(LogLevel::Warning, note);
                       return ok();
                     });
  return ok();
}

}  // namespace ashlar::cli
