// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/filter.h"

#include <fmt/core.h>
#include <libdevmapper.h>

#include <cstdarg>
#include <new>

#include "base/log.h"

namespace ashlar::device {

namespace {

extern "C" void to_our_log(int, const char*, int, int, const char* format, ...) {
  if (!log_enabled()) return;
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  log(LogLevel::Debug, std::string("libdevmapper: ") + line);
}

/// libdevmapper prints a regex's faults to stderr unless it is told otherwise; a sink that is already there stays.
class QuietLibdevmapper {
 public:
  QuietLibdevmapper() : ours_(::dm_log_is_non_default() == 0) {
    if (ours_) ::dm_log_with_errno_init(to_our_log);
  }
  ~QuietLibdevmapper() {
    if (ours_) ::dm_log_with_errno_init(nullptr);
  }
  QuietLibdevmapper(const QuietLibdevmapper&) = delete;
  QuietLibdevmapper& operator=(const QuietLibdevmapper&) = delete;

 private:
  bool ours_;
};

char closing(char opening) {
  switch (opening) {
    case '(':
      return ')';
    case '[':
      return ']';
    case '{':
      return '}';
    default:
      return opening;
  }
}

}  // namespace

struct Regex::Compiled {
  dm_pool* pool = nullptr;
  dm_regex* regex = nullptr;
};

void Regex::Free::operator()(Compiled* p) const {
  if (p->pool != nullptr) ::dm_pool_destroy(p->pool);
  delete p;
}

Result<Regex> Regex::compile(std::string_view pattern) {
  QuietLibdevmapper quiet;
  std::string text(pattern);
  std::unique_ptr<Compiled, Free> compiled(new Compiled);
  compiled->pool = ::dm_pool_create("regex", 1024);
  if (compiled->pool == nullptr) throw std::bad_alloc();
  const char* one[] = {text.c_str()};
  if (!text.empty() && text.find('\0') == std::string::npos)
    compiled->regex = ::dm_regex_create(compiled->pool, one, 1);
  if (compiled->regex == nullptr)
    return Error(Errc::InvalidArgument, fmt::format("\"{}\" is not a regular expression", printable(pattern)));
  return Regex(std::move(compiled));
}

bool Regex::matches(const std::string& text) const { return ::dm_regex_match(compiled_->regex, text.c_str()) >= 0; }

Result<RegexFilter> RegexFilter::compile(std::span<const std::string> patterns, std::string_view setting) {
  RegexFilter filter;
  for (const std::string& p : patterns) {
    auto invalid = [&](const std::string& why) {
      return Error(Errc::Refused, fmt::format("Invalid pattern \"{}\" in {}: {}", printable(p), setting, why));
    };
    if (p.empty() || (p[0] != 'a' && p[0] != 'r')) return invalid("it must begin with 'a' or 'r'");
    if (p.size() < 3 || p.back() != closing(p[1]))
      return invalid("it must end with the delimiter that follows its 'a' or 'r'");
    Result<Regex> regex = Regex::compile(std::string_view(p).substr(2, p.size() - 3));
    if (!regex.ok()) return invalid(regex.error().message());
    filter.patterns_.push_back({p[0] == 'a', std::move(regex).value(), p});
  }
  return filter;
}

RegexFilter::Verdict RegexFilter::judge(std::span<const std::string> names) const {
  Verdict verdict;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t p = 0; p < patterns_.size(); ++p) {
      if (!patterns_[p].regex.matches(names[i])) continue;
      if (patterns_[p].accepts) return {true, i, p};
      if (verdict.accepted) verdict.pattern = p;
      verdict.accepted = false;
      break;
    }
  }
  return verdict;
}

}  // namespace ashlar::device
