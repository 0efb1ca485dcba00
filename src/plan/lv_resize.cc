// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "base/log.h"
#include "base/size_text.h"
#include "plan/common.h"
#include "plan/size.h"

namespace ashlar::plan {

namespace {

/// What is behind the segments to add: none, extents of PVs.
std::optional<Unbacked> added(const LogicalVolume& lv, ResizeLv::Type type) {
  using Type = ResizeLv::Type;
  if (type == Type::Striped) return std::nullopt;
  if (type != Type::AsTheEnd) return Unbacked{type == Type::Zero ? Unbacked::Kind::Zero : Unbacked::Kind::Error};
  const auto* end = std::get_if<Unbacked>(&lv.segments.back().body);
  return end != nullptr ? std::optional(*end) : std::nullopt;
}

/// The type as metadata has it, where one stripe is no type of its own.
std::string_view word_of(const std::optional<Unbacked>& body) { return body ? body->word() : "striped"; }

/// What is added: stripes, and a size that is a multiple of them beyond what there is. `another`: than the end's type.
Result<Wanted> growth(const VolumeGroup& vg, const LogicalVolume& lv, const ResizeLv& request, Size size, bool another,
                      std::vector<std::string>& notes) {
  Extents now = lv.extents();
  Stripes stripes = TRY(more_stripes(vg, lv, request, another, notes));
  Extents more = size.extents - now;
  if (std::uint64_t over = more.n % stripes.count; over != 0) {
    Extents up = more + Extents{stripes.count - over};
    bool down = std::holds_alternative<Percent>(request.size.amount) && up > free_extents(vg);
    Extents rounded = down ? more - Extents{over} : up;
    notes.push_back(fmt::format("Rounding size ({} extents) {} to stripe boundary size for segment ({} extents){}",
                                (now + more).n, down ? "down" : "up", (now + rounded).n, down ? "" : "."));
    more = rounded;
  }
  if (more > most_extents(vg) - now)
    return refused(fmt::format("Unable to extend {}/{} by {} logical extents: exceeds limit ({}).", vg.name, lv.name,
                               more.n, most_extents(vg).n));
  return Wanted{.extents = more,
                .stripes = stripes.count,
                .stripe_size = stripes.size,
                .policy = effective_policy(vg, request.alloc.value_or(lv.alloc)),
                .approximate = size.approximate,
                .cling_tags = request.cling_tags,
                .maximise_cling = request.maximise_cling};
}

/// Cuts the end off, up to a whole stripe of the segment that the new end falls into.
void shrink(LogicalVolume& lv, const ResizeLv& request, Extents size, bool another, std::vector<std::string>& notes) {
  if (request.stripes || request.stripe_size || another)
    notes.push_back("Ignoring stripes, stripesize and mirrors arguments when reducing.");
  while (lv.segments.back().start >= size) lv.segments.pop_back();
  Segment& last = lv.segments.back();
  const auto* striped = std::get_if<Striped>(&last.body);
  std::uint64_t stripes = striped == nullptr ? 1 : striped->areas.size();
  last.length = {round_up((size - last.start).n, stripes)};
  if (lv.extents() != size)
    notes.push_back(fmt::format("Rounding size ({} extents) up to stripe boundary size for segment ({} extents).",
                                size.n, lv.extents().n));
}

/// The size after rounding: is it another one, and on the right side of the old?
Status check_direction(ResizeLv::Direction direction, Extents now, Extents size, Sectors extent_size) {
  auto bytes = [&](Extents extents) { return human_size(to_bytes(to_sectors(extents, extent_size))); };
  if (size == now) return refused(fmt::format("New size ({0} extents) matches existing size ({0} extents)", now.n));
  if (direction == ResizeLv::Direction::Extend && size < now)
    return refused(fmt::format(
        "New size given ({} extents) not larger than existing size ({} extents): {} is less than {}; lvreduce makes it smaller",
        size.n, now.n, bytes(size), bytes(now)));
  if (direction == ResizeLv::Direction::Reduce && size > now)
    return refused(fmt::format(
        "New size given ({} extents) not less than existing size ({} extents): {} is more than {}; lvextend makes it larger",
        size.n, now.n, bytes(size), bytes(now)));
  return ok();
}

}  // namespace

Result<Planned> resize_lv(const VolumeGroup& vg, const ResizeLv& request) {
  TRY(check_writable(vg));
  const LogicalVolume* before = find_lv(vg, request.lv);
  if (before == nullptr)
    return Error(Errc::NotFound, fmt::format("Logical volume {} not found in volume group {}{}", printable(request.lv),
                                             vg.name, vg.name.ends_with('.') ? "" : "."));
  TRY(check_plain(vg, *before, "resize"));
  Planned planned{vg, {}, request.lv};
  LogicalVolume& lv = *find_lv(planned.vg, request.lv);
  Extents now = lv.extents();

  std::vector<Space> spaces = TRY(candidates(vg, request.pvs, request.reach, planned.notes).noted(planned.notes));
  Size size = TRY(size_asked(vg, lv, request, spaces, planned.notes).noted(planned.notes));
  const std::optional<Unbacked> body = added(lv, request.type), end = added(lv, ResizeLv::Type::AsTheEnd);
  const bool another = body != end;
  if (another)
    planned.notes.push_back(fmt::format("Logical volume {}/{} is using mixing segment types {} and {}.", vg.name,
                                        lv.name, word_of(end), word_of(body)));
  if (size.extents == now)
    return refused(fmt::format("New size ({0} extents) matches existing size ({0} extents).", now.n))
        .noted(planned.notes);
  if (size.extents > now) {
    if (!body) TRY(check_free_known(vg));
    Wanted wanted = TRY(growth(vg, lv, request, size, another, planned.notes).noted(planned.notes));
    TRY(check_direction(request.direction, now, now + wanted.extents, vg.extent_size).noted(planned.notes));
    if (body) {
      append_segments(lv, {{now, wanted.extents, {}, *body, {}}});
      return finish_lv(std::move(planned), lv);
    }
    Status placed = allocate_onto(vg, lv, std::move(spaces), wanted);
    // As LVM2 has it: a part of what is free is as much of it as can be had, and that may be nothing.
    if (!placed && !wanted.approximate) return std::move(placed).error().noted(planned.notes);
    if (!placed) planned.notes.push_back("WARNING: " + placed.error().message());
  } else {
    shrink(lv, request, size.extents, another, planned.notes);
    TRY(check_direction(request.direction, now, lv.extents(), vg.extent_size).noted(planned.notes));
  }
  return finish_lv(std::move(planned), lv);
}

}  // namespace ashlar::plan
