// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/complete.h"

#include <algorithm>
#include <cctype>

#include "base/log.h"
#include "cli/forms.h"
#include "cli/run.h"
#include "cli/table.h"
#include "config/settings.h"
#include "metadata/model/alloc_policy.h"
#include "ops/vg_access.h"
#include "report/columns.h"

namespace ashlar::cli {

namespace {
using Rows = std::vector<const Option*>;

Rows rows_of(const Command& command) {
  Rows rows;
  for (const Option& o : command.options) rows.push_back(&o);
  for (const Option& o : common_options()) {
    const bool of_changes = o.name == "plan" || o.name == "test";  // a reader has no use for them
    const bool own = std::any_of(command.options.begin(), command.options.end(),
                                 [&](const Option& mine) { return mine.name == o.name; });
    if (!own && (command.effect != Effect::Reads || !of_changes)) rows.push_back(&o);
  }
  return rows;
}

const Option* find_long(const Rows& rows, std::string_view typed) {
  std::string name;
  std::copy_if(typed.begin(), typed.end(), std::back_inserter(name), [](char c) { return c != '-'; });
  const Option* found = nullptr;
  for (const Option* row : rows) {
    if (row->name == name) return row;
    if (!name.empty() && row->name.starts_with(name)) found = row;
  }
  return found;
}

/// "-no+lv_na" is a value behind letters; how many characters are not of it. 0: there is no such value.
std::size_t letters_before_value(const Rows& rows, const std::string& word, const Option*& row) {
  for (std::size_t i = 1; word.starts_with('-') && !word.starts_with("--") && i + 1 < word.size(); ++i) {
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const Option* o) { return o->letter == word[i]; });
    if (at == rows.end()) return 0;
    row = *at;
    if (row->arg != Arg::Flag) return i + 1;
  }
  return 0;
}

/// Does the next word belong to an option of this one? A command's own letter comes first among the rows.
const Option* waiting_for_value(const Rows& rows, const std::string& word) {
  if (word.starts_with("--")) {
    const Option* row = word.find('=') == std::string::npos ? find_long(rows, word) : nullptr;
    return row != nullptr && row->arg != Arg::Flag && row->arg != Arg::Word ? row : nullptr;
  }
  for (std::size_t i = 1; word.starts_with('-') && i < word.size(); ++i) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Option* o) { return o->letter == word[i]; });
    if (row == rows.end()) return nullptr;
    if ((*row)->arg != Arg::Flag) return i + 1 == word.size() ? *row : nullptr;
  }
  return nullptr;
}

/// Parts of "VG|LV...", "y|n", "Number[%VG|FREE]": what stands in brackets is left out.
std::vector<std::string> alternatives(std::string_view text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : 0;
    if (c == '|' && depth == 0)
      parts.emplace_back();
    else if (depth == 0 && c != '.' && c != '=')
      parts.back() += c;
    depth -= c == ']' ? 1 : 0;
  }
  return parts;
}

bool literal(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0 || std::isdigit(static_cast<unsigned char>(c)) != 0 ||
           c == '_';
  });
}

class Completer {
 public:
  Completer(const Command& command, const std::vector<std::string>& words, std::string start, const FindNames& find)
      : command_(command), words_(words), start_(std::move(start)), find_(find) {}

  Completions done;

  void add(const std::string& word, std::string_view about = {}) {
    if (word.starts_with(start_)) done.words.push_back({head_ + word, std::string(about)});
  }
  void options(const Rows& rows) {
    for (const Option* row : rows) add("--" + std::string(row->name), row->help);
  }
  void value_of(const Option& row) {
    if (row.value == "Field,...") return fields();
    if (row.value == "Policy") {
      for (AllocPolicy policy : {AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::ClingByTags,
                                 AllocPolicy::Normal, AllocPolicy::Anywhere, AllocPolicy::Inherit})
        add(std::string(policy_word(policy)));
    }
    if (row.value == "Unit") {
      for (const char c : std::string_view("hrbskmgtpe")) add(std::string(1, c));
    }
    for (const std::string& part : alternatives(row.value)) one(part);
  }
  /// `head`: what of the word stays as it is.
  void behind(const std::string& head) {
    head_ += head;
    start_.erase(0, head.size());
  }
  /// One of the alternatives of the table.
  void one(const std::string& kind) {
    if (literal(kind)) add(kind);
    if (kind == "VG") all(names().vgs);
    if (kind == "LV" || kind == "VG/LV") all(names().lvs);
    if (kind == "PV" || kind == "DEVICE") {
      // Options of pvcreate: it makes PVs of plain devices.
      const bool makes = std::any_of(command_.options.begin(), command_.options.end(),
                                     [](const Option& o) { return o.name == "dataalignment"; });
      if (!makes) all(names().pvs);
      if (makes || kind == "DEVICE") all(names().unused);
      done.files = true;
    }
    if (kind == "FILE" || kind == "File" || (kind.ends_with("json") && !literal(kind))) done.files = true;
    if (kind == "CMD") {
      for (const Command* command : commands()) add(std::string(command->name), command->summary);
    }
    if (kind == "SECTION") {
      for (const auto section : config::setting_sections()) {
        for (const config::Setting& row : section) {
          const bool any_name = row.path.find('<') != std::string_view::npos;
          if (!any_name) add(std::string(row.path), row.help.substr(0, row.help.find(". ")));
        }
      }
    }
  }

 private:
  void all(const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
  }
  const Names& names() {
    if (!found_ && find_) found_ = find_(command_, words_);
    if (!found_) found_.emplace();
    return *found_;
  }
  /// The last of a list with commas, perhaps behind a sign.
  void fields() {
    behind(start_.substr(0, start_.find_last_of(",") + 1));
    if (!start_.empty() && std::string_view("+-#").find(start_[0]) != std::string_view::npos)
      behind(start_.substr(0, 1));
    for (const report::Field* field :
         report::fields_of(command_.name == kDevtypes.name ? report::Line::DeviceType : report::Line::Lv))
      add(field->id, field->help);
  }

  const Command& command_;
  const std::vector<std::string>& words_;
  std::string head_, start_;
  const FindNames& find_;
  std::optional<Names> found_;
};

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(text.size(), part.size() + separator.size()));
  }
  return parts;
}

/// What may stand behind these arguments, by each form that they fit.
void argument(Completer& completer, const Command& command, const std::vector<std::string>& before) {
  std::vector<std::string> kinds;
  for (const Form& form : forms_of(command.arguments)) {
    const std::vector<std::string> places = split(form.arguments, " ");
    if (places.empty()) continue;
    bool fits = true;
    for (std::size_t i = 0; i < std::min(before.size(), places.size()); ++i)
      fits = fits && (!literal(places[i]) || places[i] == before[i]);
    const auto repeated = std::find_if(places.begin(), places.end(),
                                       [](const std::string& p) { return p.find("...") != std::string::npos; });
    const auto here = static_cast<std::ptrdiff_t>(before.size()) < repeated - places.begin()
                          ? places.begin() + static_cast<std::ptrdiff_t>(before.size())
                          : repeated;
    if (!fits || here == places.end()) continue;
    std::string place = *here;
    if (place.starts_with('[')) place = place.substr(1);  // may be left out: it counts all the same
    for (std::string& kind : alternatives(place)) {
      if (!kind.empty() && kind.back() == ']') kind.pop_back();
      if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(std::move(kind));
    }
  }
  for (const std::string& kind : kinds) completer.one(kind);
}
}  // namespace

Completions complete(const std::vector<std::string>& before, const std::string& start, const FindNames& find) {
  if (before.empty()) {
    Completions done;
    for (const Command* command : commands()) {
      if (command->name.starts_with(start))
        done.words.push_back({std::string(command->name), std::string(command->summary)});
    }
    return done;
  }
  const Command* command = find_command(before[0]);
  if (command == nullptr) return {};
  const Rows rows = rows_of(*command);
  const std::vector<std::string> words(before.begin() + 1, before.end());
  std::vector<std::string> arguments;
  const Option* waiting = nullptr;
  bool only_arguments = false;  // behind --
  for (const std::string& word : words) {
    if (waiting != nullptr)
      waiting = nullptr;
    else if (word == "--" && !only_arguments)
      only_arguments = true;
    else if (word.starts_with('-') && word != "-" && !only_arguments)
      waiting = waiting_for_value(rows, word);
    else
      arguments.push_back(word);
  }
  Completer completer(*command, words, start, find);
  const std::size_t equals = start.find('=');
  const Option* lettered = nullptr;
  if (waiting != nullptr) {
    completer.value_of(*waiting);
  } else if (only_arguments || !start.starts_with('-')) {
    argument(completer, *command, arguments);
  } else if (const std::size_t letters = letters_before_value(rows, start, lettered); letters != 0) {
    completer.behind(start.substr(0, letters));
    completer.value_of(*lettered);
  } else if (!start.starts_with("--") || equals == std::string::npos) {
    completer.options(rows);
  } else if (const Option* row = find_long(rows, start.substr(0, equals)); row != nullptr) {
    completer.behind(start.substr(0, equals + 1));
    completer.value_of(*row);
  }
  return std::move(completer.done);
}

Names names_there(const Program& program, const Command& command, const std::vector<std::string>& words) {
  Names names;
  auto args = parse(command.name, command.options, words);
  auto options = system_options(command, args ? *args : Args());
  if (!options || !program.make_system) return names;
  options->read_only = options->no_kernel = true;
  auto sys = program.make_system(*options);
  if (!sys) return names;
  auto picture = ops::look(*sys);
  if (!picture) return names;
  for (const store::VgState& state : picture->vgs) {
    names.vgs.push_back(printable(state.vg.name));
    for (const LogicalVolume& lv : state.vg.lvs) {
      if (lv.visible()) names.lvs.push_back(printable(state.vg.name + "/" + lv.name));
    }
  }
  for (const store::FoundPv& pv : picture->scan.pvs) names.pvs.push_back(printable(pv.device->path()));
  for (const device::BlockDevice* device : store::without_pv(picture->scan))
    names.unused.push_back(printable(device->path()));
  for (const std::size_t pv : picture->orphans) names.unused.push_back(printable(picture->scan.pvs[pv].device->path()));
  return names;
}

}  // namespace ashlar::cli
