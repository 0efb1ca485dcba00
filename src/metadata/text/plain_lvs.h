// SPDX-License-Identifier: LGPL-2.1-or-later
// LVs in the form that LVM2 and Ashlar write and that nearly all have: linear or striped on PVs, no rare keys. They are
// read straight from the text. Whatever is not exactly in that form is declined and read by vg_reader.cc, which alone
// says what is wrong with a text; what is taken here, it would read the same (tests and a fuzz target compare the two).
#pragma once

#include <vector>

#include "config/section_reader.h"
#include "metadata/model/volume_group.h"
#include "metadata/text/seg_codec.h"

namespace ashlar::text {

class PlainLvs final : public config::SectionReader {
 public:
  std::uint32_t read(config::Node top, config::Node parent, std::string_view name, std::string_view text,
                     std::uint32_t at) override;

  /// In the order of the text; those that were declined are empty, and at `declined`.
  std::vector<LogicalVolume> lvs;
  std::vector<std::size_t> declined;

 private:
  bool find_pvs(config::Node top);

  enum class Pvs : std::uint8_t { Unknown, Known, Unusable } state_ = Pvs::Unknown;
  PvNames pvs_;
};

}  // namespace ashlar::text
