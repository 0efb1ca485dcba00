// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Status run_tables(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  std::vector<std::string> all;
  for (const std::string& word : args.positionals) {
    LvName name = TRY(parse_lv_name(word));
    const ops::Tables tables = TRY(ops::tables(sys, name.vg, name.lv));
    for (const Error& failure : tables.failures) session.fail(failure);
    // No prefix: the lines are for dmsetup.
    for (const std::string& line : tables.lines) {
      session.out().raw(line + "\n");
      all.push_back(line);
    }
  }
  session.document([all = std::move(all)] { return tables_json(all); });
  return ok();
}
}  // namespace

const Command kTables{
    "tables", "Print the device-mapper tables that activation would load", "VG|LV...", {}, run_tables, Effect::Reads};

}  // namespace ashlar::cli
