// SPDX-License-Identifier: LGPL-2.1-or-later
// lv read, write, export, import: what an LV holds, without device-mapper.
#include <fmt/format.h>

#include <charconv>

#include "base/log.h"
#include "base/size_text.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"
#include "ops/lv_data.h"
#include "ops/transaction.h"

namespace ashlar::cli {

namespace {
struct Verb {
  std::string_view name;
  bool into_lv;
  bool names_file;  ///< the file is an argument; else --file, or a pipe
};
constexpr Verb kVerbs[] = {
    {"read", false, false}, {"write", true, false}, {"export", false, true}, {"import", true, true}};

Result<Verb> verb_of(const Args& args) {
  for (const Verb& verb : kVerbs) {
    if (!args.positionals.empty() && args.positionals[0] == verb.name) return verb;
  }
  return usage_error("lv", "Please say what to do: read, write, export or import.");
}

/// The file of the command, empty for a pipe.
Result<std::string> file_of(const Args& args, const Verb& verb) {
  if (args.positionals.size() < 2)
    return usage_error("lv", fmt::format("Please name a logical volume to {}.", verb.name));
  if (!verb.names_file) {
    if (args.positionals.size() > 2)
      return usage_error("lv", fmt::format("{} takes one volume; --file names a file.", verb.name));
    std::string file = args.value_or("file", "-");
    if (file.empty()) return usage_error("lv", "--file has no name in it.");
    return file == "-" ? std::string() : file;
  }
  if (args.has("file"))
    return usage_error("lv", fmt::format("{} takes its file as an argument, not as --file.", verb.name));
  if (args.positionals.size() != 3) return usage_error("lv", fmt::format("{} needs a volume and a file.", verb.name));
  if (args.positionals[2].empty()) return usage_error("lv", "The file has no name.");
  return args.positionals[2] == "-" ? std::string() : args.positionals[2];
}

/// Percent and sizes on one line, for a person who waits.
std::function<void(Bytes, Bytes)> progress_line(const Output::Sink& sink, bool& shown) {
  if (!sink) return {};
  return [&sink, &shown, last = std::string()](Bytes done, Bytes total) mutable {
    std::string text = total.n == 0 ? human_size({done.n >> 20 << 20})
                                    : fmt::format("{:3}% of {}", done.n / (total.n / 100 + 1), human_size(total));
    if (text == last) return;
    last = text;
    shown = true;
    sink("\r  " + text + "\x1b[K");
  };
}

/// Unlike sizes of volumes, any number of bytes.
Result<std::optional<Bytes>> byte_count(const Args& args, std::string_view option) {
  const std::string word = args.value_or(option, "");
  std::uint64_t n = 0;
  auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (!word.empty() && bad == std::errc() && end == word.data() + word.size()) return std::optional(Bytes{n});
  return parse_bytes(args, option, 'b');
}

/// A plan's only step.
void leave_for_later(Session& session, ops::System& sys, ops::LvCopy copy, const Verb& verb,
                     const ops::LvCopied& would) {
  copy.progress = {};
  copy.planned = would.facts;
  const Bytes bytes = would.bytes;
  const std::string lv = copy.vg + "/" + copy.lv, file = copy.file.empty() ? "the pipe" : printable(copy.file);
  for (const std::string& fact : would.facts) sys.transaction->remark(fact + ".");
  if (!verb.into_lv) {
    session.afterwards(
        fmt::format("Write {} bytes of {}, from byte {} on, to {}.", bytes.n, lv, copy.offset.n, file),
        [copy](ops::System& real) -> Status {
          TRY(ops::read_lv(real, copy));
          return ok();
        },
        would.replaces ? "what " + file + " holds" : "");
    return;
  }
  const std::string what = would.stream ? fmt::format("what comes out of {}, at most {} bytes,", file, bytes.n)
                                        : fmt::format("{} bytes of {}", bytes.n, file);
  session.afterwards(
      fmt::format("Write {} into {}, from byte {} on.", what, lv, copy.offset.n),
      [copy](ops::System& real) -> Status {
        TRY(ops::write_lv(real, copy));
        return ok();
      },
      bytes.n == 0 ? "" : fmt::format("what {} holds in {} bytes from byte {} on", lv, bytes.n, copy.offset.n));
}

/// The session has no such end of a pipe: there is none, or what runs is a plan.
Error no_pipe(bool planned, const Verb& verb) {
  const char* instead = verb.names_file ? "name a file in place of -" : "give --file";
  if (!planned)
    return Error(Errc::InvalidArgument,
                 fmt::format("there is no standard {}: {}", verb.into_lv ? "input" : "output for bytes", instead));
  return Error(Errc::InvalidArgument,
               verb.into_lv
                   ? fmt::format("a plan reads no bytes from standard input, since a copy that is planned is one "
                                 "of a file as it was then: {}",
                                 instead)
                   : fmt::format("a plan writes no bytes to standard output: {}", instead));
}

Status run_lv(Session& session, const Args& args) {
  const Verb verb = TRY(verb_of(args));
  ops::LvCopy copy;
  copy.file = TRY(file_of(args, verb));
  LvName name = TRY(parse_lv_name(args.positionals[1]));
  if (name.lv.empty())
    return usage_error("lv", fmt::format("{} is a volume group: name a volume of it, VG/LV.", printable(name.vg)));
  copy.vg = name.vg;
  copy.lv = name.lv;
  copy.offset = TRY(byte_count(args, "offset")).value_or(Bytes{});
  copy.size = TRY(byte_count(args, "size"));
  copy.resume = args.has("resume");
  copy.keep_under_holes = args.has("keepunderholes");
  if (copy.resume && copy.file.empty()) return usage_error("lv", "--resume needs a file: a pipe cannot be compared.");
  if (copy.keep_under_holes && (!verb.into_lv || copy.file.empty()))
    return usage_error("lv", "--keepunderholes is for files that go into a volume.");
  if (copy.file.empty()) {
    if (!verb.into_lv && args.has("json"))
      return usage_error("lv", "--json and what the volume holds cannot both go to stdout: give --file.");
    copy.fd = verb.into_lv ? session.in_fd : session.out_fd;
    if (copy.fd < 0) return no_pipe(TRY(session.system())->transaction != nullptr, verb);
  }
  ops::System& sys = *TRY(session.system());
  bool shown = false;
  copy.progress = progress_line(session.progress, shown);
  auto done = verb.into_lv ? ops::write_lv(sys, copy) : ops::read_lv(sys, copy);
  if (shown) session.progress("\r\x1b[K");
  ops::LvCopied copied = TRY(std::move(done));
  session.tell({std::move(copied.notes), {}});
  if (sys.transaction != nullptr) {
    leave_for_later(session, sys, std::move(copy), verb, copied);
    return ok();
  }
  session.document([copy, copied] { return copied_json(copy, copied); });
  // Nothing but the volume's bytes goes to stdout where they go there.
  if (!copy.file.empty() || verb.into_lv)
    session.out().done(fmt::format("{} bytes {} {}/{}, {} of them written.", copied.bytes.n,
                                   verb.into_lv ? "into" : "from", copy.vg, copy.lv, copied.written.n));
  return ok();
}

constexpr Option kLvOptions[] = {
    {"file", 'f', Arg::Value, "File", "read, write: this file instead of stdout or stdin"},
    {"offset", 'o', Arg::Value, "Size[b]", "Where to begin in the volume"},
    {"size", 'L', Arg::Value, "Size[b]", "How much; all that there is if left out"},
    {"resume", 0, Arg::Flag, "", "Go on with a copy that was cut: write only what differs"},
    {"keepunderholes", 0, Arg::Flag, "", "Leave what the volume has where the file has holes; else it becomes zero"},
};
}  // namespace

const Command kLv{"lv",
                  "Copy what a logical volume holds, without device-mapper",
                  "read VG/LV | write VG/LV | export VG/LV FILE | import VG/LV FILE",
                  kLvOptions,
                  run_lv,
                  Effect::Elsewhere};

}  // namespace ashlar::cli
