// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/log.h"
#include "cli/check_settings.h"
#include "cli/forms.h"
#include "cli/json_output.h"
#include "cli/logging.h"
#include "cli/planning.h"
#include "cli/shell.h"
#include "cli/table.h"
#include "cli/version.h"
#include "ops/vg_access.h"

namespace ashlar::cli {

namespace {
std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::string> split(const std::vector<std::string>& values, char separator) {
  std::vector<std::string> out;
  for (const std::string& value : values) {
    std::size_t from = 0;
    while (from <= value.size()) {
      std::size_t to = std::min(value.find(separator, from), value.size());
      if (to > from) out.push_back(value.substr(from, to - from));
      from = to + 1;
    }
  }
  return out;
}

/// Asks on stderr. No answer (nobody there, end of input) is no; so is -qq, and what is no answer at all.
std::function<bool(const std::string&)> asker(const Program& program, Output& output, bool silent) {
  return [&program, &output, silent](const std::string& question) {
    constexpr int kTries = 10;
    if (silent || !program.read_answer) return false;
    for (int i = 0; i < kTries; ++i) {
      output.question(question + " [y/n]: ");
      const auto answer = program.read_answer();
      if (!answer) break;
      if (*answer == "y" || *answer == "Y" || *answer == "yes") return true;
      if (*answer == "n" || *answer == "N" || *answer == "no") return false;
      output.error(fmt::format("WARNING: Invalid input '{}'.", printable(*answer)));
    }
    output.question("[n]\n");
    return false;
  };
}

/// SOURCE_DATE_EPOCH, as reproducible-builds.org has it: seconds since 1970.
Result<std::optional<std::uint64_t>> source_date() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (text == nullptr || *text == '\0') return std::optional<std::uint64_t>();
  std::uint64_t seconds = 0;
  const char* end = text + std::strlen(text);
  auto [rest, bad] = std::from_chars(text, end, seconds);
  if (bad == std::errc() && rest == end && seconds <= UINT32_MAX) return std::optional(seconds);
  return Error(Errc::InvalidArgument,
               fmt::format("SOURCE_DATE_EPOCH is not a number of seconds since 1970: {}", printable(text)));
}

/// Is the answer to be a document? Asked of words that were not understood.
bool asks_json(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& word) { return word == "--json" || word == "--plan=json"; });
}
bool asks_json(const Args& args) { return args.has("json") || args.value_or("plan", "") == "json"; }

/// What can only change something has nothing to do under --readonly, but for a plan, which changes nothing; LVM2 takes
/// it for activating, and then refuses.
Status check_read_only(const Command& command, const Args& args) {
  const bool activates = args.has("activate") && (command.name == "vgchange" || command.name == "lvchange");
  if (!args.has("readonly") || command.effect != Effect::Changes || activates || args.has("plan")) return ok();
  return usage_error(command.name, "Command does not accept option: --readonly.");
}

/// A VG that is not there gets the second line that scripts look for.
void tell_error(Output& output, const Error& error) {
  constexpr std::string_view kBefore = "Volume group \"", kAfter = "\" not found";
  const std::string& message = error.message();
  for (const std::string& note : error.notes()) output.note(note);
  log_failure(error);
  output.error(message);
  if (error.code() == Errc::NotFound && message.starts_with(kBefore) && message.ends_with(kAfter))
    output.error("Cannot process volume group " +
                 message.substr(kBefore.size(), message.size() - kBefore.size() - kAfter.size()));
}
}  // namespace

namespace {
bool takes(const Command& command, std::string_view option) {
  return std::any_of(command.options.begin(), command.options.end(), [&](const Option& o) { return o.name == option; });
}
}  // namespace

Result<ops::SystemOptions> system_options(const Command& command, const Args& args) {
  ops::SystemOptions options;
  if (const auto format = args.value("reportformat");
      format && *format != "basic" && *format != "json" && *format != "json_std")
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --reportformat: {} (basic, json or json_std)", printable(*format)));
  for (const std::string& text : args.list("config")) {
    if (text.empty())
      return Error(Errc::InvalidArgument, "--config is empty: it takes settings, as 'backup/archive=0'");
    options.command_line_config += text + "\n";
  }
  options.devices = split(args.list("devices"), ',');
  for (const std::string& image : args.list("image")) options.devices.push_back(image);
  options.explicit_devices = args.has("devices") || args.has("image");
  // What a script gets from a variable that is not set.
  if (const auto images = args.list("image"); std::find(images.begin(), images.end(), "") != images.end())
    return Error(Errc::InvalidArgument, "--image names no file");
  if (options.explicit_devices && options.devices.empty())
    return Error(Errc::InvalidArgument, "--devices names no device");
  options.devices_file = args.value("devicesfile");
  if (options.explicit_devices && options.devices_file && !options.devices_file->empty())
    return Error(Errc::InvalidArgument, "A --devices list cannot be used with --devicesfile.");
  const bool both = takes(command, "metadataprofile") && command.effect == Effect::Reads;  // lvmconfig
  const bool of_metadata = takes(command, "metadataprofile") && !both;
  options.metadata_profile = args.value("metadataprofile");
  options.command_profile = args.value("commandprofile");
  if (args.has("profile") && !both && args.has(of_metadata ? "metadataprofile" : "commandprofile"))
    return Error(Errc::Refused, fmt::format("Only one of --profile or --{} allowed.",
                                            of_metadata ? "metadataprofile" : "commandprofile"));
  if (args.has("profile")) (of_metadata ? options.metadata_profile : options.command_profile) = args.value("profile");
  if (const char* profile = std::getenv("LVM_COMMAND_PROFILE");
      profile != nullptr && *profile != '\0' && !options.command_profile)
    options.command_profile = profile;
  options.no_locking = args.has("nolocking");
  options.read_only = args.has("readonly");
  options.no_kernel = !TRY(args.yes_no("driverloaded")).value_or(true) || options.read_only;
  options.no_udev_sync = args.has("noudevsync");
  options.time = TRY(source_date());
  options.uuid_seed = args.value_or("uuidseed", "");
  if (args.has("uuidseed") && options.uuid_seed.empty())
    return Error(Errc::InvalidArgument, "--uuid-seed has no text to draw ids from: leave it out for ids by chance");
  const char* directory = std::getenv("LVM_SYSTEM_DIR");
  if (directory != nullptr) options.directory = directory;
  if (directory != nullptr && options.directory.empty()) {
    // Set to nothing: no directory at all, where settings could be read or anything kept. Nobody can make this one.
    options.directory = "/proc/none";
    options.command_line_config =
        "backup { archive = 0 backup = 0 }\ndevices/use_devicesfile = 0\n" + options.command_line_config;
  }
  options.conduct.test = args.has("test");
  options.conduct.assume_yes = args.has("yes");
  options.conduct.archive = TRY(args.yes_no("autobackup")).value_or(true);
  if (command.adapt != nullptr) command.adapt(options, args);
  return options;
}

Exit exit_status(Errc code) {
  switch (code) {
    case Errc::InvalidArgument:
      return Exit::BadCommandLine;
    case Errc::NotFound:
    case Errc::Exists:
    case Errc::Busy:
    case Errc::NoSpace:
    case Errc::Io:
    case Errc::Corrupt:
    case Errc::Unsupported:
    case Errc::Refused:
    case Errc::Interrupted:
    case Errc::Partial:
      break;
  }
  return Exit::Failed;
}

Result<ops::System*> Session::system() {
  if (system_ == nullptr) {
    auto made = program_->make_system(options_);
    if (made)
      if (Status fine = check_settings(made->settings); !fine) made = std::move(fine).error();
    // A wrong --config is the command line's fault, and so is a wrong profile; anything else keeps every command from
    // starting.
    if (!made) init_failed_ = made.error().code() != Errc::InvalidArgument && made.error().code() != Errc::Refused;
    own_ = std::make_unique<ops::System>(TRY(std::move(made)));
    system_ = own_.get();
    if (program_->set_umask)
      program_->set_umask(static_cast<unsigned>(system_->settings.number("global/umask")) & 0777);
    if (system_->settings.flag("config/checks")) {
      for (const std::string& problem : system_->settings.check()) output_.error("WARNING: " + problem);
    }
    apply_log_settings(system_->settings, output_, verbose);
    if (system_->conduct.test)
      output_.error("TEST MODE: Metadata will NOT be updated and volumes will not be (de)activated.");
    if (log_ != nullptr) TRY(log_->begin(*system_, *args_, verbose));
  }
  return system_;
}

Status Session::work_on(report::LogObject object, const std::function<Status()>& work) {
  CommandLog::Work on(log(), std::move(object));
  Status status = work();
  if (status) return ok();
  if (status.error().code() == Errc::InvalidArgument) {
    on.cancel();
    return status;
  }
  fail(status.error());
  return ok();
}

Status Session::work_on_vg(const std::string& vg, const std::function<Status()>& work) {
  return log() == nullptr ? work() : work_on(log()->vg(vg), work);
}

Status Session::work_on_lv(const std::string& vg, const std::string& lv, const std::function<Status()>& work) {
  // Where its VG is not there, that is what is told of.
  return log() == nullptr || !log()->knows(vg) ? work() : work_on(log()->lv(vg, lv), work);
}

Status Session::work_on_pv(const std::string& device, const std::function<Status()>& work) {
  return log() == nullptr ? work() : work_on(log()->pv(device), work);
}

void Session::end() {
  if (system_ == nullptr || options_.read_only || system_->only_activates) return;
  if (Status corrected = ops::correct_devices_file(*system_); !corrected)
    output_.error("WARNING: " + corrected.error().message());
}

void Session::fail(const Error& error) {
  failures_.push_back(error);
  tell_error(output_, error);
}

void Session::warn_once(const std::string& what) {
  if (system_ == nullptr || system_->warned.insert(what).second) output_.error("WARNING: " + what);
}

Result<std::vector<std::string>> Session::every_vg() {
  store::Picture picture = TRY(ops::look(*TRY(system())));
  for (const store::Problem& problem : picture.problems) fail(Error(Errc::Partial, problem.what));
  std::vector<std::string> names;
  for (const store::VgState& state : picture.vgs) names.push_back(state.vg.name);
  return names;
}

void Session::tell(const ops::Outcome& outcome) {
  for (const std::string& note : outcome.notes) {
    if (note.starts_with("WARNING"))
      output_.error(note);
    else
      output_.done(note);
  }
  for (const Error& failure : outcome.failures) fail(failure);
}

Result<std::string> Session::input(const std::string& file) {
  if (!input_) {
    if (!file.empty() && file != "-")
      input_ = TRY(archive::read_input(file));
    else if (read_stdin)
      input_ = TRY(read_stdin());
    else
      return Error(Errc::InvalidArgument, "there is no input: name a file");
  }
  return *input_;
}

Error usage_error(std::string_view command, const std::string& what) {
  return Error(Errc::InvalidArgument, fmt::format("{}  Run '{} --help' for more information.", what, command));
}

namespace {
/// One document on stdout, whatever happens; stderr is for people all the same.
int run_json(Session& session, const Command& command, const Args& args, const Program& program) {
  Answer answer{std::string(command.name), {}, nullptr, nullptr, {}, {}};
  std::optional<ops::Changes> changes;
  std::optional<ops::Facts> facts;
  Status status;
  bool understood = false, init_failed = false;
  if (command.effect == Effect::Changes) {
    Said said;
    auto done = run_told(session, command, args, said);
    if (done) {
      changes = std::move(*done);
      facts = ops::facts(*changes, {});
      answer.changes = &*changes;
      answer.facts = &*facts;
      answer.afterwards = !said.afterwards.empty() && !session.options().conduct.test;
    } else {
      status = std::move(done).error();
    }
    understood = said.understood;
    if (said.document) answer.output = said.document();
    answer.warnings = said.warnings;
    answer.failures = said.failures;
    for (const std::string& warning : said.warnings) session.out().error(warning);
    for (const Error& failure : said.failures) tell_error(session.out(), failure);
  } else {
    Output captured([&](std::string_view text) { answer.output += text; },
                    [&](std::string_view text) {
                      program.err(text);
                      while (text.ends_with('\n')) text.remove_suffix(1);
                      while (text.starts_with(' ')) text.remove_prefix(1);
                      if (text.starts_with("WARNING")) answer.warnings.emplace_back(text);
                    });
    captured.prefix.clear();
    Session own(program, session.options(), captured);
    own.verbose = session.verbose;
    status = command.run(own, args);
    own.end();
    understood = own.understood();
    answer.failures = own.failures();
    answer.lacks = own.lacking();
    init_failed = own.init_failed();
    if (own.document()) answer.output = own.document()();
    answer.elsewhere =
        status && answer.failures.empty() && command.effect == Effect::Elsewhere && !session.options().conduct.test;
  }
  session.end();
  Exit exit = answer.failures.empty() ? Exit::Ok : Exit::Failed;
  if (!status) {
    answer.failures.push_back(status.error());
    tell_error(session.out(), status.error());
    init_failed = init_failed || session.init_failed();
    exit = init_failed ? Exit::InitFailed : understood ? Exit::Failed : exit_status(status.error().code());
  }
  session.out().raw(answer_json(answer) + "\n");
  return static_cast<int>(exit);
}

/// Two texts are two things to make: their ids are not the same.
void seed_with_input(Session& session, const Args& args) {
  const auto text = session.input(args.positionals.empty() ? "" : args.positionals[0]);
  if (!text) return;  // the command says so
  ops::SystemOptions options = session.options();
  options.uuid_seed += "\n" + *text;
  session.use(std::move(options));
}

int carry_out(const Command& command, const std::vector<std::string>& words, const Program& program, Output& output,
              CommandLog& log) {
  auto parsed = parse(command.name, command.options, words);
  if (!parsed) {
    if (asks_json(words))
      output.raw(answer_json({std::string(command.name), {}, nullptr, nullptr, {}, {parsed.error()}}) + "\n");
    output.plain_error(parsed.error().message());
    output.error("Error during parsing of command line.");
    return static_cast<int>(Exit::BadCommandLine);
  }
  if (parsed->has("help") || parsed->has("longhelp")) {
    output.raw(asks_json(*parsed)
                   ? answer_json({std::string(command.name), command_json(command), nullptr, nullptr, {}, {}}) + "\n"
                   : help_of(command));
    return static_cast<int>(Exit::Ok);
  }
  if (parsed->has("version")) {
    if (asks_json(*parsed))
      output.raw(answer_json({std::string(command.name), version_json({}), nullptr, nullptr, {}, {}}) + "\n");
    else
      print_version(output, nullptr);
    return static_cast<int>(Exit::Ok);
  }
  auto options = [&]() -> Result<ops::SystemOptions> {
    TRY(check_form(command, *parsed));
    TRY(check_read_only(command, *parsed));
    return system_options(command, *parsed);
  }();
  if (!options) {
    if (asks_json(*parsed))
      output.raw(answer_json({std::string(command.name), {}, nullptr, nullptr, {}, {options.error()}}) + "\n");
    output.error(options.error().message());
    return static_cast<int>(exit_status(options.error().code()));
  }
  std::vector<std::string> line = words;
  line.insert(line.begin(), std::string(command.name));
  options->conduct.command_line = printable(fmt::format("{}", fmt::join(line, " ")));
  // Where stdin is what the command works on, no line of it is an answer.
  const bool stdin_is_data = program.answers_piped && (command.takes_input || command.name == kLv.name);
  options->conduct.helpers_may_ask = !stdin_is_data;
  options->conduct.confirm = asker(program, output, parsed->count("quiet") > 1 || stdin_is_data);
  options->on_wait = [&output](const std::string& text) { output.error(text); };
  output.quiet = parsed->count("quiet") > 1;  // one leaves what has been done, as LVM2 does

  int verbose = parsed->has("debug") ? 3 : parsed->count("verbose");
  Logging logging(output, command.name, verbose);
  Session session(program, std::move(*options), output);
  session.verbose = verbose;
  session.read_stdin = program.read_stdin;
  if (command.takes_input && !session.options().uuid_seed.empty()) seed_with_input(session, *parsed);
  if (parsed->has("json") && !parsed->has("plan")) return run_json(session, command, *parsed, program);
  if (!parsed->has("plan")) session.use(log, *parsed);
  Status status = parsed->has("plan") ? run_plan(session, command, *parsed, words) : command.run(session, *parsed);
  if (status && !session.afterwards().empty())
    run_afterwards(**session.system(), session.afterwards(), [&](const Error& error) { session.fail(error); });
  if (status && session.at_the_end()) session.at_the_end()();
  if (!parsed->has("plan")) session.end();
  // A command that is no report has one all the same, of its log, which is empty where none is kept.
  if (parsed->value_or("reportformat", "basic") != "basic" && !takes(command, "options") && !log.kept() &&
      command.name != kLastlog.name)
    output.raw("  {\n  }\n");
  if (!status) {
    if (asks_json(*parsed))
      output.raw(answer_json({std::string(command.name), {}, nullptr, nullptr, {}, {status.error()}}) + "\n");
    if (status.error().code() == Errc::InvalidArgument && !session.understood()) log.give_up();
    tell_error(output, status.error());
    if (session.init_failed()) return static_cast<int>(Exit::InitFailed);
    return static_cast<int>(session.understood() ? Exit::Failed : exit_status(status.error().code()));
  }
  return static_cast<int>(session.failed() ? Exit::Failed : Exit::Ok);
}

int run_command(const Command& command, const std::vector<std::string>& words, const Program& program) {
  Output output(program.out, program.err, program.report);
  // What is asked for as a document is one, and lastlog is to find the log of the command before.
  const bool own_log = !asks_json(words) && command.name != kLastlog.name;
  CommandLog log(output, command.name, own_log ? program.shell_log : nullptr);
  const int status = carry_out(command, words, program, output, log);
  log.end(status);
  return status;
}

/// In the shell it is named; from the system's shell the words are those that programs look for.
std::string no_such_command(const std::string& word, const std::string& caller) {
  for (const char* later : {"lvconvert", "pvmove"}) {
    if (word == later) return fmt::format("No such command '{}' in Ashlar yet: LVM2's works on the same disks.", word);
  }
  if (caller == "lvm ") return "No such command.  Try 'lvm help'.";
  return fmt::format("No such command '{}'.  Try '{}help'.", printable(word), caller);
}

int no_command(const std::string& word, const std::string& caller, const std::vector<std::string>& words,
               const Program& program) {
  const Error error(Errc::InvalidArgument, no_such_command(word, caller));
  Output output(program.out, program.err, program.report);
  CommandLog log(output, word, asks_json(words) ? nullptr : program.shell_log);
  if (asks_json(words)) program.out(answer_json({printable(word), {}, nullptr, nullptr, {}, {error}}) + "\n");
  output.error(error.message());
  log.end(static_cast<int>(Exit::NoSuchCommand));
  return static_cast<int>(Exit::NoSuchCommand);
}
}  // namespace

int run(std::vector<std::string> args, const Program& program) {
  std::string called = args.empty() ? "ashlar" : base_name(args[0]);
  if (!args.empty()) args.erase(args.begin());
  if (const Command* command = find_command(called); command != nullptr) return run_command(*command, args, program);
  // By any other name it is a link to a command that there is not.
  const bool driver = called.starts_with("ashlar") || called.starts_with("lvm");
  if (!driver) return no_command(called, "ashlar ", args, program);
  if (args.empty() && program.read_line && (called == "lvm" || program.on_terminal)) return shell(program);
  if (!args.empty() && find_command(base_name(args[0])) == nullptr)
    if (auto status = run_script(args[0], program)) return *status;
  return run_words(args, called + " ", program);
}

int run_words(std::vector<std::string> words, const std::string& caller, const Program& program) {
  // Before the command it means the same.
  const auto first = std::find_if(words.begin(), words.end(), [](const std::string& word) { return word != "--json"; });
  if (first != words.begin()) {
    words.erase(words.begin(), first);
    if (words.empty()) words.emplace_back("help");
    words.insert(words.begin() + 1, "--json");
  }
  if (words.empty() || words[0] == "--help" || words[0] == "-h") words.insert(words.begin(), "help");
  if (words[0] == "--version") words[0] = "version";
  const Command* command = find_command(base_name(words[0]));
  if (command == nullptr) return no_command(words[0], caller, words, program);
  words.erase(words.begin());
  return run_command(*command, words, program);
}

}  // namespace ashlar::cli
