// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/freeform_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

namespace ashlar::report {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Words of letters in lower case, and of digits and colons, whether there are blanks between them or not.
Result<std::vector<std::string>> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    const bool letters = is_letter(text[at]);
    while (at < text.size() && (letters ? is_letter(text[at]) : is_digit(text[at]) || text[at] == ':')) ++at;
    if (at == start)
      return Error(Errc::InvalidArgument, fmt::format("Unrecognized string in date/time specification at \"{}\"",
                                                      printable(text.substr(start))));
    std::string& word = words.emplace_back(text.substr(start, at - start));
    for (char& c : word)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return words;
}

constexpr std::array<std::string_view, 7> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

/// Which of the names it is, in full or its first three letters.
template <std::size_t N>
std::optional<int> named(const std::array<std::string_view, N>& names, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i)
    if (word == names[i] || word == names[i].substr(0, 3)) return static_cast<int>(i);
  return std::nullopt;
}

enum class Unit { Second, Minute, Hour, Day, Week, Month, Year };

std::optional<Unit> unit_of(std::string_view word) {
  static constexpr std::pair<std::string_view, Unit> kUnits[] = {
      {"second", Unit::Second}, {"sec", Unit::Second}, {"s", Unit::Second},  {"minute", Unit::Minute},
      {"min", Unit::Minute},    {"m", Unit::Minute},   {"hour", Unit::Hour}, {"hr", Unit::Hour},
      {"h", Unit::Hour},        {"day", Unit::Day},    {"week", Unit::Week}, {"month", Unit::Month},
      {"year", Unit::Year},     {"yr", Unit::Year}};
  for (const auto& [name, unit] : kUnits)
    if (word == name ||
        (name.size() > 1 && word.size() == name.size() + 1 && word.starts_with(name) && word.back() == 's'))
      return unit;
  return std::nullopt;
}

/// A number that fits the fields of a date, however they are added up.
std::optional<int> small_number(std::string_view word) {
  constexpr int kMost = 100'000'000;
  int n = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (error != std::errc() || end != word.data() + word.size() || n > kMost) return std::nullopt;
  return n;
}

/// A time of day and how much of it was said.
struct TimeOfDay {
  int hour = 0, minute = 0, second = 0;
  std::int64_t length = 1;  ///< seconds
};

/// "10", "10:30" or "10:30:20".
std::optional<TimeOfDay> time_of_day(std::string_view word) {
  std::vector<int> parts;
  for (bool more = true; more;) {
    const std::size_t colon = word.find(':');
    const auto part = small_number(word.substr(0, colon));
    if (!part || *part > (parts.empty() ? 23 : 59)) return std::nullopt;
    parts.push_back(*part);
    more = colon != std::string_view::npos;
    if (more) word.remove_prefix(colon + 1);
  }
  if (parts.size() > 3) return std::nullopt;
  const std::int64_t length = parts.size() == 1 ? 3600 : parts.size() == 2 ? 60 : 1;
  parts.resize(3);
  return TimeOfDay{parts[0], parts[1], parts[2], length};
}

std::optional<TimeOfDay> with_half(std::optional<TimeOfDay> time, bool afternoon) {
  if (!time || time->hour > 12) return std::nullopt;
  time->hour = time->hour % 12 + (afternoon ? 12 : 0);
  return time;
}

/// What the words said, before it is put together.
class Said {
 public:
  Status take(const std::vector<std::string>& words);
  Result<TimeRange> range(std::int64_t now) const;

 private:
  Status take_word(const std::string& word);
  Status take_number(const std::string& word);
  Status take_counted(int count, Unit unit);
  Status once(bool already, const char* what, const std::string& word) const;
  Status fits_together() const;
  Result<TimeRange> ago(std::tm date) const;

  std::optional<int> days_back_, weekday_, month_, day_, year_;
  std::optional<TimeOfDay> time_;
  std::array<int, 7> back_{};  ///< by Unit
  std::optional<Unit> finest_date_, finest_time_;
  bool ago_ = false;
};

Status Said::once(bool already, const char* what, const std::string& word) const {
  if (!already) return ok();
  return Error(Errc::InvalidArgument, fmt::format("Ambiguous {} specification found at \"{}\"", what, word));
}

Status Said::take_word(const std::string& word) {
  const bool has_date = days_back_ || weekday_ || month_;
  if (word == "ago") {
    ago_ = true;
  } else if (word == "today" || word == "yesterday") {
    TRY(once(has_date, "date", word));
    days_back_ = word == "today" ? 0 : 1;
  } else if (word == "noon" || word == "midnight") {
    TRY(once(time_.has_value(), "time", word));
    time_ = TimeOfDay{word == "noon" ? 12 : 0};
  } else if (auto weekday = named(kDays, word)) {
    TRY(once(has_date, "date", word));
    weekday_ = weekday;
  } else if (auto month = named(kMonths, word)) {
    TRY(once(has_date, "date", word));
    month_ = month;
  } else {
    return Error(Errc::InvalidArgument, fmt::format("Unrecognized string in date/time specification at \"{}\"", word));
  }
  return ok();
}

/// A day of a month or a year; with colons a time.
Status Said::take_number(const std::string& word) {
  if (word.find(':') != std::string::npos) {
    TRY(once(time_.has_value(), "time", word));
    time_ = time_of_day(word);
    if (!time_) return Error(Errc::InvalidArgument, fmt::format("There is no time of day \"{}\"", word));
    return ok();
  }
  const bool is_year = word.size() == 4;
  TRY(once((is_year ? year_ : day_).has_value() || (!is_year && word.size() > 2), "date", word));
  (is_year ? year_ : day_) = small_number(word);
  return ok();
}

Status Said::take_counted(int count, Unit unit) {
  int& sum = back_[static_cast<std::size_t>(unit)];
  TRY(once(sum != 0, unit < Unit::Day ? "time" : "date", std::to_string(count)));
  sum = count;
  std::optional<Unit>& finest = unit < Unit::Day ? finest_time_ : finest_date_;
  finest = finest ? std::min(*finest, unit) : unit;
  return ok();
}

Status Said::take(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_digit(words[i].front()) && words[i].front() != ':') {
      TRY(take_word(words[i]));
      continue;
    }
    const std::string next = i + 1 < words.size() ? words[i + 1] : "";
    if (next == "am" || next == "pm") {
      TRY(once(time_.has_value(), "time", words[i]));
      time_ = with_half(time_of_day(words[i]), next == "pm");
      if (!time_) return Error(Errc::InvalidArgument, fmt::format("There is no time of day \"{}{}\"", words[i], next));
      ++i;
    } else if (auto unit = unit_of(next)) {
      const auto count = small_number(words[i]);
      if (!count) return Error(Errc::InvalidArgument, fmt::format("{} {} are too many", words[i], next));
      TRY(take_counted(*count, *unit));
      ++i;
    } else {
      TRY(take_number(words[i]));
    }
  }
  return fits_together();
}

Status Said::fits_together() const {
  const bool relative = finest_date_ || finest_time_, named_date = days_back_ || weekday_ || month_;
  if (relative != ago_)
    return Error(Errc::InvalidArgument, relative ? "A number of days, hours or the like needs \"ago\" behind it"
                                                 : "\"ago\" needs a number of days, hours or the like");
  if (relative && named_date)
    return Error(Errc::InvalidArgument, "Mixed absolute and relative date specification found");
  if (finest_time_ && time_)
    return Error(Errc::InvalidArgument, "Mixed absolute and relative time specification found");
  if ((day_ || year_) && !month_)
    return Error(Errc::InvalidArgument, "Ambiguous date specification found: a number without a month");
  if (month_ && !day_ && time_) return Error(Errc::InvalidArgument, "A time of day needs a day of the month");
  return ok();
}

/// Local time; the fields may be out of their bounds.
Result<std::int64_t> seconds_of(std::tm date) {
  date.tm_isdst = -1;
  date.tm_wday = -1;  // mktime() sets it if the time can be told
  const std::time_t seconds = std::mktime(&date);
  if (date.tm_wday < 0) return Error(Errc::InvalidArgument, "A time too far from now");
  return std::int64_t{seconds};
}

/// `date` is now.
Result<TimeRange> Said::ago(std::tm date) const {
  auto back = [&](Unit unit) { return std::int64_t{back_[static_cast<std::size_t>(unit)]}; };
  const std::int64_t last =
      TRY(seconds_of(date)) - back(Unit::Second) - 60 * back(Unit::Minute) - 3600 * back(Unit::Hour);
  const std::int64_t reach = finest_time_ == Unit::Second ? 0 : finest_time_ == Unit::Minute ? 61 : 3601;
  return TimeRange{last - reach, last};
}

Result<TimeRange> Said::range(std::int64_t now) const {
  const auto clock = static_cast<std::time_t>(now);
  std::tm date{};
  if (localtime_r(&clock, &date) == nullptr) return Error(Errc::InvalidArgument, "The clock is out of bounds");
  auto back = [&](Unit unit) { return back_[static_cast<std::size_t>(unit)]; };
  date.tm_year -= back(Unit::Year);
  date.tm_mon -= back(Unit::Month);
  date.tm_mday -= back(Unit::Day) + 7 * back(Unit::Week) + days_back_.value_or(0);
  if (finest_time_) return ago(date);

  if (weekday_) date.tm_mday -= (date.tm_wday - *weekday_ + 7) % 7;
  if (month_) date.tm_mon = *month_;
  if (year_) date.tm_year = *year_ - 1900;
  if (month_) date.tm_mday = day_.value_or(1);
  const TimeOfDay time = time_.value_or(TimeOfDay{});
  date.tm_hour = time.hour;
  date.tm_min = time.minute;
  date.tm_sec = time.second;
  const std::int64_t first = TRY(seconds_of(date));
  const auto start = static_cast<std::time_t>(first);
  std::tm made{};
  if (day_ && (localtime_r(&start, &made) == nullptr || made.tm_mday != *day_))
    return Error(Errc::InvalidArgument, fmt::format("There is no day {} in that month", *day_));
  if (time_) return TimeRange{first, first + time.length - 1};
  ++(month_ && !day_ ? date.tm_mon : date.tm_mday);
  return TimeRange{first, TRY(seconds_of(date)) - 1};
}

}  // namespace

Result<TimeRange> freeform_time(std::string_view text, std::int64_t now) {
  Said said;
  TRY(said.take(TRY(words_of(text))));
  const TimeRange range = TRY(said.range(now));
  return TimeRange{std::max<std::int64_t>(range.first, 0), std::max<std::int64_t>(range.last, 0)};
}

bool is_freeform_time(std::string_view text) { return std::any_of(text.begin(), text.end(), is_letter); }

}  // namespace ashlar::report
