// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/manual/roff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <vector>

#include "ops/version.h"

namespace ashlar::cli::roff {

namespace {
bool letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool capital(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

std::string escape(std::string_view text, bool typed) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '-':
        out += typed ? "\\-" : "-";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// A point at the start of a line would make a request of it.
std::string line(std::string text) { return text.starts_with('.') ? "\\&" + text : text; }

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    lines.emplace_back(line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return lines;
}
}  // namespace

std::string plain(std::string_view text) { return escape(text, true); }
std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }

std::string sentence(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    // Up to the next code or option.
    std::size_t at = 0;
    bool option = false;
    for (; at < text.size() && text[at] != '`'; ++at) {
      const bool starts_word = at == 0 || (!letter(text[at - 1]) && text[at - 1] != '-');
      option = starts_word && text[at] == '-' && at + 1 < text.size() && (letter(text[at + 1]) || text[at + 1] == '-');
      if (option) break;
    }
    out += escape(text.substr(0, at), false);
    text.remove_prefix(at);
    if (text.empty()) break;
    std::size_t length = 0;
    if (option) {
      while (length < text.size() && (letter(text[length]) || text[length] == '-' ||
                                      (text[length] == '=' && length + 1 < text.size() && letter(text[length + 1]))))
        ++length;
      out += bold(text.substr(0, length));
    } else {
      length = std::min(text.find('`', 1), text.size() - 1) + 1;
      out += bold(text.substr(1, length - 2));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string arguments(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    auto of_word = [&](char c) { return letter(c) || c == '_' || c == '-'; };
    while (end < text.size() &&
           (of_word(text[end]) || (text[end] == '.' && end > at && end + 1 < text.size() && letter(text[end + 1]))))
      ++end;
    if (end == at) {
      out += escape(text.substr(at, 1), true);
      ++at;
      continue;
    }
    const std::string_view word = text.substr(at, end - at);
    out += capital(word[0]) ? "\\fI" + plain(word) + "\\fR" : bold(word);
    at = end;
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out;
  bool fresh = true, typed = false;  // at the start of a paragraph; within lines that are shown as they are
  for (const std::string& text_line : lines_of(text)) {
    const bool is_typed = text_line.starts_with("  ");
    if (text_line.empty() && typed) continue;
    if (is_typed != typed) out += is_typed ? ".RS 4\n.EX\n" : ".EE\n.RE\n";
    fresh = fresh || (typed && !is_typed);
    typed = is_typed;
    if (text_line.empty()) {
      fresh = true;
    } else if (typed) {
      out += line(plain(text_line.substr(2))) + "\n";
      fresh = false;
    } else {
      const bool of_list = fresh && text_line.starts_with("* ");
      if (of_list)
        out += ".IP \\(bu 2\n";
      else if (fresh && !out.empty())
        out += ".PP\n";
      out += line(sentence(of_list ? std::string_view(text_line).substr(2) : text_line)) + "\n";
      fresh = false;
    }
  }
  return typed ? out + ".EE\n.RE\n" : out;
}

std::string reference(std::string_view name) {
  if (name == "ashlar") return bold(name) + "(8)";
  const std::size_t section = name.find('(');
  if (section == std::string_view::npos) return bold("ashlar-" + std::string(name)) + "(8)";
  const bool own = name.starts_with("lvm.conf");
  return bold((own ? "ashlar-" : "") + std::string(name.substr(0, section))) + std::string(name.substr(section));
}

std::string option(const Option& o) {
  std::string names = o.letter != 0 ? bold(std::string{'-', o.letter}) + ", " : "";
  names += bold("--" + std::string(o.name));
  if (o.arg == Arg::Word) names += "[" + arguments(o.value) + "]";
  if (o.arg != Arg::Word && o.arg != Arg::Flag) names += " " + arguments(o.value);
  std::string help = sentence(o.help) + ".";
  if (o.arg == Arg::List) help += " Can be given more than once.";
  return item(names, help);
}

std::string head(std::string_view name, int section, std::uint64_t time, std::string_view purpose) {
  const auto seconds = static_cast<std::time_t>(time);
  std::tm date{};
  ::gmtime_r(&seconds, &date);
  std::string capitals(name);
  std::transform(capitals.begin(), capitals.end(), capitals.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string says(purpose);
  // A sentence of its own in a list, but not here; a name of capitals stays.
  if (says.size() > 1 && !capital(says[1]))
    says[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(says[0])));
  return fmt::format(
      ".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n.\\\" Made by ashlar help --man.\n.TH \"{}\" {} {:04}-{:02}-{:02} \"Ashlar {}\" \"Ashlar\"\n{}{} \\- {}\n",
      capitals, section, date.tm_year + 1900, date.tm_mon + 1, date.tm_mday, ops::kVersion, heading("Name"),
      plain(name), escape(says, false));
}

std::string heading(std::string_view title) {
  std::string capitals(title);
  std::transform(capitals.begin(), capitals.end(), capitals.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return ".SH " + capitals + "\n";
}

std::string item(std::string_view term, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", line(std::string(term)), line(std::string(text)));
}

}  // namespace ashlar::cli::roff
