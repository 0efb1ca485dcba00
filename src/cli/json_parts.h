// SPDX-License-Identifier: LGPL-2.1-or-later
// What the JSON documents share. For json_*.cc alone: the library is heavy.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/describe.h"

namespace ashlar::cli {

using Json = nlohmann::ordered_json;
inline constexpr int kSchema = 1;

/// With \u escapes for what is UTF-8 and yet not for a terminal: DEL, C1 controls, line separators, and what turns the
/// direction of writing round. A reader gets the same texts.
std::string dump(const Json& document);
Json errors(const std::vector<Error>& failures);
Json strings(const std::vector<std::string>& texts);
Json optional_text(const std::string& text);  ///< empty: null

/// "changed", "vgs", "pvs", "edited", "wiped".
void add_changes(Json& out, const ops::Changes& changes, const ops::Facts& facts);

}  // namespace ashlar::cli
