// SPDX-License-Identifier: LGPL-2.1-or-later
// Times in words, as -S takes them: "yesterday", "2 days ago", "Mon 10:30", "Nov 10 2025", "1 day 2 hours ago". Source:
// lvmreport(7), and the answers of lvm2 2.03.16. Dates in digits and @seconds are libdevmapper's to read.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace ashlar::report {

/// Seconds since the Epoch, both in it.
struct TimeRange {
  std::int64_t first = 0, last = 0;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// What `text` means at the time `now` (seconds since the Epoch) in the process's time zone:
/// - a day (today, yesterday, a day of the week: the last one, today among them; a month with a day; days, weeks, months
///   or years ago) from its first second to its last; a month of this year or the one named likewise;
/// - on a day, else today: an hour (10am), a minute (10:30), a second (10:30:20, noon, midnight);
/// - seconds ago: that second; minutes or hours ago: from as much before it, and one second more, to it.
/// What is before the Epoch counts as its first second. Errc::InvalidArgument for anything else. Unlike LVM2's, 12am is
/// midnight and 12pm noon, and times and days that there are not (25:00, Feb 30) are refused.
Result<TimeRange> freeform_time(std::string_view text, std::int64_t now);

/// Is it words at all?
bool is_freeform_time(std::string_view text);

}  // namespace ashlar::report
