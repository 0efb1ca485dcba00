// SPDX-License-Identifier: LGPL-2.1-or-later
// libedit, loaded when the first line is asked for: no other command pays for it. Without it lines are plain.
#include "cli/line_editor.h"

#include <dlfcn.h>
#include <editline/readline.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>

#include "cli/shell.h"

namespace ashlar::cli {

namespace {
struct Editor {
  decltype(&::readline) read = nullptr;
  decltype(&::add_history) remember = nullptr;
  decltype(&::rl_completion_matches) matches = nullptr;
  decltype(&::rl_line_buffer) line = nullptr;
  FindNames find = {};  ///< of the line that is read
};

Editor& editor();

/// One match a call; nullptr after the last. `state` is 0 on the first call for a word.
char* next_match(const char* text, int state) {
  static std::vector<std::string> found;
  static std::size_t next = 0;
  if (state == 0) {
    const std::string line = *editor().line;
    const std::size_t word = std::strlen(text);
    found = completions(line, line.size() - std::min(word, line.size()), editor().find);
    next = 0;
  }
  return next < found.size() ? ::strdup(found[next++].c_str()) : nullptr;
}

char** complete(const char* text, int, int) { return editor().matches(text, next_match); }

Editor load() {
  Editor e;
  void* library = ::dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return e;
  auto symbol = [library](auto& to, const char* name) {
    to = reinterpret_cast<std::decay_t<decltype(to)>>(::dlsym(library, name));
  };
  symbol(e.remember, "add_history");
  symbol(e.matches, "rl_completion_matches");
  symbol(e.line, "rl_line_buffer");
  decltype(&::rl_attempted_completion_function) completer = nullptr;
  symbol(completer, "rl_attempted_completion_function");
  if (e.remember == nullptr || e.matches == nullptr || e.line == nullptr || completer == nullptr) return e;
  *completer = complete;
  symbol(e.read, "readline");
  return e;
}

Editor& editor() {
  static Editor loaded = load();
  return loaded;
}
}  // namespace

std::optional<std::string> read_shell_line(const std::string& prompt, bool on_terminal, const FindNames& find) {
  if (on_terminal && editor().read != nullptr) {
    editor().find = find;
    std::unique_ptr<char, decltype(&std::free)> typed(editor().read(prompt.c_str()), &std::free);
    if (!typed) return std::nullopt;
    if (*typed != '\0') editor().remember(typed.get());
    return std::string(typed.get());
  }
  if (on_terminal) std::cout << prompt << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

}  // namespace ashlar::cli
