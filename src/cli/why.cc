// SPDX-License-Identifier: LGPL-2.1-or-later
// why: what stands behind a device, a VG or an LV that is not as somebody expects.
#include <fmt/format.h>

#include "base/log.h"
#include "base/names.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"
#include "ops/vg_access.h"

namespace ashlar::cli {

namespace {
/// A word with a slash is an LV if its first part is a VG that can be seen, else a device.
Result<ops::Why> why(ops::System& sys, const std::string& word) {
  if (word.find('/') == std::string::npos) {
    auto vg = ops::why_vg(sys, TRY(parse_vg_name(word)));
    if (vg || vg.error().code() != Errc::NotFound) return vg;
    const auto device = sys.devices->find(word);
    if (!device && device.error().code() == Errc::NotFound) return vg;
    return ops::why_device(sys, word);  // an image file of this folder, whether or not it can be looked at
  }
  auto name = parse_lv_name(word);
  if (name && !name->lv.empty()) {
    const store::Picture picture = TRY(ops::look(sys));
    const auto vg = store::find_vg(picture, name->vg);
    if (vg || vg.error().code() != Errc::NotFound) return ops::why_lv(sys, name->vg, name->lv);
  }
  return ops::why_device(sys, word);
}

Status run_why(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  std::vector<ops::Why> all;
  for (const std::string& word : args.positionals) {
    auto one = why(sys, word);
    if (!one) {
      session.fail(one.error());
      continue;
    }
    session.out().line(printable(one->name) + ":");
    for (const ops::Finding& finding : one->findings) {
      session.out().line(fmt::format("  {} {}", finding.good ? " " : "!", printable(finding.what)));
      if (!finding.mend.empty()) session.out().line("      -> " + printable(finding.mend));
    }
    all.push_back(std::move(*one));
  }
  session.document([all = std::move(all)] { return why_json(all); });
  return ok();
}
}  // namespace

const Command kWhy{"why",
                   "Tell why a device is rejected, a VG refused, an LV inactive or unable to grow",
                   "DEVICE|VG|LV...",
                   {},
                   run_why,
                   Effect::Reads};

}  // namespace ashlar::cli
