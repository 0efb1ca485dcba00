// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/log.h"

#include <utility>

namespace ashlar {

namespace {
thread_local const LogSink* current_sink = nullptr;

/// Length of the valid, printable UTF-8 sequence at `s`, or 0.
std::size_t utf8_length(std::string_view s) {
  auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
  auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  unsigned b = byte(0);
  if (b < 0x80) return b >= 0x20 && b != 0x7f ? 1 : 0;
  if (b >= 0xC2 && b <= 0xDF && tail(1)) return b == 0xC2 && byte(1) < 0xA0 ? 0 : 2;  // C1 controls
  if ((b & 0xF0U) == 0xE0 && tail(1) && tail(2)) {
    if (b == 0xE0 && byte(1) < 0xA0) return 0;                                         // overlong
    if (b == 0xED && byte(1) > 0x9F) return 0;                                         // surrogates
    if (b == 0xE2 && byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) return 0;  // line breaks, bidi overrides
    if (b == 0xE2 && byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) return 0;  // bidi isolates
    return 3;
  }
  if (b >= 0xF0 && b <= 0xF4 && tail(1) && tail(2) && tail(3)) {
    if ((b == 0xF0 && byte(1) < 0x90) || (b == 0xF4 && byte(1) > 0x8F)) return 0;
    return 4;
  }
  return 0;
}
}  // namespace

ScopedLogSink::ScopedLogSink(LogSink sink) : sink_(std::move(sink)), outer_(std::exchange(current_sink, &sink_)) {}
ScopedLogSink::~ScopedLogSink() { current_sink = outer_; }

bool log_enabled() { return current_sink != nullptr; }

void log(LogLevel level, std::string_view message) {
  if (current_sink != nullptr && *current_sink) (*current_sink)(level, message);
}

std::string printable(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    std::size_t n = utf8_length(bytes);
    if (n == 0) {
      auto b = static_cast<unsigned char>(bytes[0]);
      out += {'\\', 'x', kHex[b >> 4], kHex[b & 15]};
      n = 1;
    } else {
      out.append(bytes.substr(0, n));
    }
    bytes.remove_prefix(n);
  }
  return out;
}

}  // namespace ashlar
