// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/shell.h"

#include "archive/archive.h"
#include "cli/report_options.h"
#include "cli/run.h"
#include "cli/table.h"

namespace ashlar::cli {

namespace {
/// False for the line that ends it. `status` stays as it is where there is nothing to carry out.
bool carry_out_line(std::string_view line, const Program& program, int& status) {
  Output output(program.out, program.err);
  auto words = split_line(line);
  if (!words) {
    output.error(words.error().message());
    status = static_cast<int>(Exit::BadCommandLine);
    return true;
  }
  if (words->empty()) return true;
  if (words->front() == "quit" || words->front() == "exit") {
    if (program.on_terminal && program.read_line) output.line("Exiting.");
    return false;
  }
  if (words->front() == "lvm") words->erase(words->begin());
  status = run_words(*words, "", program);
  return true;
}
}  // namespace

namespace {
/// The log that the shell's settings want of each line; nothing where they want none, or cannot be read: then each line
/// says so.
std::optional<ShellLog> wanted_log(const Program& program) {
  const auto options = system_options(kLastlog, {});
  if (!options || !program.make_system) return std::nullopt;
  const auto sys = program.make_system(*options);
  if (!sys || !sys->settings.flag("log/report_command_log")) return std::nullopt;
  auto shown = report_options({}, report::Kind::Log, sys->settings, 0);
  if (!shown) return std::nullopt;
  return ShellLog{std::move(*shown)};
}
}  // namespace

int shell(const Program& process) {
  Program program = process;
  std::optional<ShellLog> log = wanted_log(program);
  if (log) program.shell_log = &*log;
  program.in_fd = program.out_fd = -1;  // stdin holds the lines that follow; a volume's bytes need a file
  if (program.answers_piped) program.read_answer = {};  // and a line that follows is no answer
  int status = 0;
  while (auto line = program.read_line("lvm> "))
    if (!carry_out_line(*line, program, status)) break;
  return status;
}

std::optional<int> run_script(const std::string& path, const Program& process) {
  if (path.find('/') == std::string::npos) return std::nullopt;
  const auto text = archive::read_file(path);
  if (!text || !text->starts_with("#!")) return std::nullopt;
  Program program = process;
  program.read_line = {};
  int status = 0;
  for (std::string_view rest = *text; !rest.empty() && status == 0;) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!carry_out_line(line, program, status)) break;
  }
  return status;
}

Result<std::vector<std::string>> split_line(std::string_view line) {
  std::vector<std::string> words;
  bool inside = false;   // a word has begun: '' is a word too
  bool quoted = false;   // by a quote,
  bool closing = false;  // and that has just been closed
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    if (quote == 0 && blank) {
      inside = false;
      continue;
    }
    if (quote == 0 && c == '#' && (!inside || closing)) break;
    const bool begins = !inside;
    if (begins) words.emplace_back();
    inside = true;
    if (quote != 0 && c == quote) {
      quote = 0;
      closing = quoted;
      continue;
    }
    closing = false;
    if (begins) quoted = c == '"' || c == '\'';
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == '\\' && quote != '\'' && i + 1 < line.size())
      words.back() += line[++i];
    else
      words.back() += c;
  }
  if (quote != 0)
    return Error(Errc::InvalidArgument, std::string("A quote (") + quote + ") is not closed on this line.");
  return words;
}

std::vector<std::string> completions(std::string_view line, std::size_t from, const FindNames& find) {
  std::vector<std::string> found;
  const std::size_t cut = std::min(from, line.size());
  auto words = split_line(line.substr(0, cut));
  if (!words) return found;
  for (Completion& one : complete(*words, std::string(line.substr(cut)), find).words)
    found.push_back(std::move(one.word));
  return found;
}

}  // namespace ashlar::cli
