// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/json_output.h"
#include "cli/json_parts.h"

namespace ashlar::cli {

std::string_view code_name(Errc code) {
  switch (code) {
    case Errc::InvalidArgument:
      return "invalid_argument";
    case Errc::NotFound:
      return "not_found";
    case Errc::Exists:
      return "exists";
    case Errc::Busy:
      return "busy";
    case Errc::NoSpace:
      return "no_space";
    case Errc::Io:
      return "io";
    case Errc::Corrupt:
      return "corrupt";
    case Errc::Unsupported:
      return "unsupported";
    case Errc::Refused:
      return "refused";
    case Errc::Interrupted:
      return "interrupted";
    case Errc::Partial:
      return "partial";
  }
  return "unknown";
}

std::string answer_json(const Answer& answer) {
  Json out{{"schema", kSchema}, {"command", answer.command}, {"ok", answer.failures.empty()}};
  Json own = Json::parse(answer.output, nullptr, false);
  if (own.is_object()) {
    out.update(own);
  } else if (!answer.output.empty() || (answer.changes == nullptr && answer.failures.empty())) {
    out["lines"] = Json::array();
    std::string_view rest = answer.output;
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      out["lines"].push_back(printable(line));
    }
  }
  if (answer.changes != nullptr) {
    add_changes(out, *answer.changes, *answer.facts);
    if (answer.afterwards) out["changed"] = true;
    out["remarks"] = strings(answer.changes->remarks);
  }
  if (answer.elsewhere) out["changed"] = true;
  if (out.contains("report")) {
    std::vector<std::string> lacks = answer.lacks;
    for (const Error& e : answer.failures) {
      if (e.code() == Errc::Partial) lacks.push_back(e.message());
    }
    out["partial"] = !lacks.empty();
    out["missing"] = strings(lacks);
  }
  out["warnings"] = strings(answer.warnings);
  out["errors"] = errors(answer.failures);
  return dump(out);
}

}  // namespace ashlar::cli
