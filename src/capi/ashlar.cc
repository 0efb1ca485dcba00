// SPDX-License-Identifier: LGPL-2.1-or-later
// The C interface: the command line's own way in, with sinks that keep what is said. No exception leaves it.
#include "capi/ashlar.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "cli/json_output.h"
#include "cli/planning.h"
#include "cli/run.h"
#include "cli/words.h"
#include "ops/lv_data.h"
#include "ops/version.h"

namespace {
using ashlar::cli::Exit;

constexpr int kFailed = static_cast<int>(Exit::Failed), kBadWords = static_cast<int>(Exit::BadCommandLine);

/// libdevmapper has one state a process.
std::mutex& turn() {
  static std::mutex one;
  return one;
}

/// Without what each call says itself.
std::vector<std::string> to_words(const char* const* words) {
  std::vector<std::string> out;
  for (; words != nullptr && *words != nullptr; ++words) out.emplace_back(*words);
  const auto end = std::find(out.begin(), out.end(), "--");
  out.erase(std::remove(out.begin(), end, "--json"), end);
  return out;
}

/// A command line's status; `out` gets its JSON document.
int run(const std::vector<std::string>& words, std::optional<std::string> input, std::string& out) {
  const ashlar::cli::Program program{
      .out = [&](std::string_view text) { out += text; },
      .err = [](std::string_view) {},  // the document says it too
      .make_system = ashlar::ops::make_system,
      .read_stdin = [&]() -> ashlar::Result<std::string> {
        if (!input)
          return ashlar::Error(ashlar::Errc::InvalidArgument, "a program has no standard input to give: name a file");
        return *input;
      },
  };
  const std::lock_guard<std::mutex> held(turn());
  return ashlar::cli::run_words(words, "ashlar ", program);
}

/// The answer for the caller to free; null without memory.
char* handed_over(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

/// The option goes behind the command's name: what comes behind "--" is none.
std::vector<std::string> with(std::vector<std::string> words, const std::string& option) {
  words.insert(words.empty() ? words.begin() : words.begin() + 1, option);
  return words;
}

std::vector<std::string> command_with(const char* command, const char* const* options) {
  std::vector<std::string> words = to_words(options);
  words.insert(words.begin(), {command, "--json"});
  return words;
}

std::string failure(const std::string& command, const ashlar::Error& error) {
  return ashlar::cli::answer_json({command, {}, nullptr, nullptr, {}, {error}});
}

ashlar::Result<std::size_t> read_lv(const std::string& name, ashlar::Bytes offset, std::span<std::byte> out,
                                    const std::vector<std::string>& options) {
  if (out.data() == nullptr && !out.empty())
    return ashlar::Error(ashlar::Errc::InvalidArgument, "There is no buffer for what is read: give one of that size");
  const ashlar::cli::LvName lv = TRY(ashlar::cli::parse_lv_name(name));
  if (lv.lv.empty())
    return ashlar::Error(ashlar::Errc::InvalidArgument,
                         "Please name the LV as VG/LV, not as " + ashlar::printable(name));
  const ashlar::cli::Command& command = *ashlar::cli::find_command("lv");
  const ashlar::cli::Args args = TRY(ashlar::cli::parse(command.name, {}, options));
  ashlar::ops::System sys = TRY(ashlar::ops::make_system(TRY(ashlar::cli::system_options(command, args))));
  const ashlar::ops::OpenLv open = TRY(ashlar::ops::open_lv(sys, lv.vg, lv.lv, ashlar::ops::Access::Read));
  const ashlar::Bytes size = open.device->size();
  if (offset >= size) return std::size_t{0};
  out = out.first(std::min<std::uint64_t>(out.size(), (size - offset).n));
  TRY(open.device->read(offset, out));
  return out.size();
}

/// Words are made where an exception is caught.
template <typename MakeWords>
int answered(char** answer, MakeWords make_words, const char* input = nullptr) noexcept {
  if (answer != nullptr) *answer = nullptr;
  try {
    const std::vector<std::string> words = make_words();
    std::string out;
    int status = run(words, input != nullptr ? std::optional<std::string>(input) : std::nullopt, out);
    if (!out.starts_with('{')) {
      out = failure(words.front(), ashlar::Error(ashlar::Errc::InvalidArgument, "These words have no answer in JSON"));
      status = kBadWords;
    }
    if (answer == nullptr) return status;
    *answer = handed_over(out);
    return *answer == nullptr ? kFailed : status;
  } catch (const std::exception&) {
    return kFailed;
  }
}
}  // namespace

extern "C" {

const char* ashlar_version(void) { return ashlar::ops::kVersion; }

int ashlar_list(const char* const* options, char** answer) {
  return answered(answer, [&] { return command_with("fullreport", options); });
}

int ashlar_plan(const char* const* words, char** answer) {
  return answered(answer, [&] { return with(ashlar::cli::without_plan(to_words(words)), "--plan=json"); });
}

int ashlar_apply(const char* plan, const char* const* options, char** answer) {
  return answered(
      answer,
      [&] {
        std::vector<std::string> words = command_with("apply", options);
        words.emplace_back("-");
        return words;
      },
      plan != nullptr ? plan : "");
}

int ashlar_run(const char* const* words, char** answer) {
  return answered(answer, [&] { return with(to_words(words), "--json"); });
}

std::int64_t ashlar_read(const char* lv, std::uint64_t offset, void* buffer, std::size_t size,
                         const char* const* options, char** answer) {
  if (answer != nullptr) *answer = nullptr;
  try {
    const std::lock_guard<std::mutex> held(turn());
    auto read = read_lv(lv != nullptr ? lv : "", {offset}, {static_cast<std::byte*>(buffer), size}, to_words(options));
    if (read) return static_cast<std::int64_t>(*read);
    if (answer != nullptr) *answer = handed_over(failure("read", read.error()));
  } catch (const std::exception&) {
  }
  return -1;
}

void ashlar_free(char* answer) { std::free(answer); }

}  // extern "C"
