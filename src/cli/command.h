// SPDX-License-Identifier: LGPL-2.1-or-later
// A command is a row: name, what it is for, its arguments and options, and a function from parsed words to a result.
// To add one: write its row in a file of its own and name it in commands.cc; help and the contract tests follow.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/command_log.h"
#include "cli/option.h"
#include "cli/output.h"
#include "ops/changes.h"
#include "ops/ops.h"

namespace ashlar::cli {

/// What a command line has of its process.
struct Program {
  Output::Sink out = {}, err = {};
  std::function<Result<ops::System>(const ops::SystemOptions&)> make_system = {};
  /// One line of an answer, without newline; nothing if there is nobody to ask.
  std::function<std::optional<std::string>()> read_answer = {};
  /// All of stdin, for a command whose input file is "-".
  std::function<Result<std::string>()> read_stdin = {};
  std::function<void(unsigned)> set_umask = {};  ///< to global/umask, once the configuration is read
  /// The next line for the shell, without newline; nothing at the end of input. The prompt is for people only.
  std::function<std::optional<std::string>(const std::string& prompt)> read_line = {};
  int in_fd = -1, out_fd = -1;    ///< stdin and stdout for bytes in bulk
  Output::Sink progress = {};     ///< overwrites its own line; none: nobody watches
  bool on_terminal = false;       ///< somebody types
  bool answers_piped = false;     ///< stdin is no terminal: answers are lines of it, where nothing else is
  bool out_on_terminal = false;   ///< `out` is one: bytes of a disk are not for it
  Output::Sink report = {};       ///< where reports go; none: to `out`
  ShellLog* shell_log = nullptr;  ///< of the shell whose line it is, if that keeps a log
};

/// What a command works with. The System is made when first asked for: "help" needs none.
class Session {
 public:
  Session(const Program& program, ops::SystemOptions options, Output& output)
      : in_fd(program.in_fd),
        out_fd(program.out_fd),
        progress(program.progress),
        program_(&program),
        options_(std::move(options)),
        output_(output) {}
  /// For a command line within another command: a line of a batch.
  Session(ops::System& sys, Output& output) : output_(output), system_(&sys) {}

  /// Its log begins once the System is there.
  void use(CommandLog& log, const Args& args) {
    log_ = &log;
    args_ = &args;
  }
  CommandLog* log() const { return log_ != nullptr && log_->kept() ? log_ : nullptr; }  ///< null: none is kept
  /// Runs `work` as what is done to an object. Where a log is kept a failure is told, and is this command's; else, and
  /// for what is wrong with the command line itself, it is returned.
  Status work_on_vg(const std::string& vg, const std::function<Status()>& work);
  Status work_on_lv(const std::string& vg, const std::string& lv, const std::function<Status()>& work);
  Status work_on_pv(const std::string& device, const std::function<Status()>& work);

  Result<ops::System*> system();
  Output& out() { return output_; }
  const Program* program() const { return program_; }  ///< null: a line of a batch has none
  int verbose = 0;

  /// Reports one failure and goes on; the command ends with its status.
  void fail(const Error& error);
  /// The names of all VGs, for a command that was given none; what could not be read is a failure of that command.
  Result<std::vector<std::string>> every_vg();
  /// Prints notes (warnings to stderr) and failures of an operation.
  void tell(const ops::Outcome& outcome);
  /// A warning that other parts of the command may give too.
  void warn_once(const std::string& what);
  /// What the devices file did not know is written, where a command could see it. A failure of that is no failure of
  /// it.
  void end();
  /// What a report's answer is without: it is shown, and said to be partial.
  void lacks(std::string what) { lacks_.push_back(std::move(what)); }
  const std::vector<std::string>& lacking() const { return lacks_; }
  bool failed() const { return !failures_.empty(); }
  /// A field or selection that does not exist: the command's failure, not that of its syntax, so its status is that of
  /// one.
  Error bad_report(const Error& error) {
    understood_ = true;
    return Error(Errc::InvalidArgument, error.message()).noted(error.notes());
  }
  bool understood() const { return understood_; }
  bool init_failed() const { return init_failed_; }  ///< the System could not be made
  const std::vector<Error>& failures() const { return failures_; }

  /// Before system(): options of another command line, whose plan is applied.
  void use(ops::SystemOptions options) { options_ = std::move(options); }
  const ops::SystemOptions& options() const { return options_; }

  /// The text of a file that a person names, "-" or nothing: stdin. Read once: a plan keeps it with the command.
  Result<std::string> input(const std::string& file);
  std::function<Result<std::string>()> read_stdin = {};
  int in_fd = -1, out_fd = -1;  ///< stdin and stdout for bytes in bulk, or none
  Output::Sink progress = {};
  void set_input(std::string text) { input_ = std::move(text); }
  const std::optional<std::string>& input_read() const { return input_; }

  /// A JSON object of the command's own: part of the answer to --json, asked for last. Else it is never made: nlohmann's
  /// ends the process where there is no memory for it.
  void document(std::function<std::string()> json) { document_ = std::move(json); }
  const std::function<std::string()>& document() const { return document_; }

  /// What can only be done once the change is carried out, as a sentence for plans and as a function.
  struct Afterwards {
    std::string sentence;
    std::function<Status(ops::System&)> run;
    std::string irreversible;  ///< what is lost by it and nothing brings back, as "what vg0/data holds"; empty: nothing
  };
  void afterwards(std::string sentence, std::function<Status(ops::System&)> run, std::string irreversible = {}) {
    afterwards_.push_back({std::move(sentence), std::move(run), std::move(irreversible)});
  }
  const std::vector<Afterwards>& afterwards() const { return afterwards_; }
  /// What is printed last, behind that.
  void at_the_end(std::function<void()> print) { at_the_end_ = std::move(print); }
  const std::function<void()>& at_the_end() const { return at_the_end_; }

 private:
  const Program* program_ = nullptr;
  ops::SystemOptions options_;
  Output& output_;
  std::unique_ptr<ops::System> own_;
  ops::System* system_ = nullptr;
  bool init_failed_ = false, understood_ = false;
  std::vector<Error> failures_;
  std::vector<std::string> lacks_;
  std::optional<std::string> input_;
  std::function<std::string()> document_;
  std::function<void()> at_the_end_;
  std::vector<Afterwards> afterwards_;
  CommandLog* log_ = nullptr;
  const Args* args_ = nullptr;  ///< of the log

  Status work_on(report::LogObject object, const std::function<Status()>& work);
};

/// Changes: VGs, PVs or what is active; such a command can be planned, and be a line of a batch. Elsewhere: only
/// something else, as a file or what a volume holds; it can be planned, as a step of its own words. Reads: nothing that
/// matters.
enum class Effect : std::uint8_t { Changes, Elsewhere, Reads };

struct Command {
  std::string_view name;
  std::string_view summary;    ///< one line, for help
  std::string_view arguments;  ///< its legal forms, as cli/forms.h has them: "VG [PV[:RANGE]...]"
  std::span<const Option> options;
  Status (*run)(Session&, const Args&);
  Effect effect = Effect::Changes;
  bool takes_input = false;  ///< its first argument is a file, or stdin; a saved plan keeps the text
  /// Of a command that is a transaction by itself, so that --json makes none around it.
  Result<ops::Changes> (*run_told)(Session&, const Args&, struct Said&) = nullptr;
  /// Of a command whose System is another one than its options make.
  void (*adapt)(ops::SystemOptions&, const Args&) = nullptr;
};

/// All of them, by name.
std::span<const Command* const> commands();
const Command* find_command(std::string_view name);

/// Text of `help` and of `CMD --help`.
std::string help_of(const Command& command);
std::string help_of_all();

/// "No command with matching syntax recognised": for missing or superfluous arguments.
Error usage_error(std::string_view command, const std::string& what);

}  // namespace ashlar::cli
