// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/devices_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace ashlar::device {

namespace {

constexpr std::uint32_t kMajor = 1;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

std::string_view next_word(std::string_view& line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  std::size_t end = 0;
  while (end < line.size() && !is_blank(line[end])) ++end;
  std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool read_number(std::string_view text, std::uint32_t& number) {
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  return bad == std::errc{} && end == text.data() + text.size();
}

std::optional<DevicesFile::Version> read_version(std::string_view text) {
  DevicesFile::Version version;
  std::size_t first = text.find('.'), second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (!read_number(text.substr(0, first), version.major) ||
      !read_number(text.substr(first + 1, second - first - 1), version.minor) ||
      !read_number(text.substr(second + 1), version.counter))
    return std::nullopt;
  return version;
}

std::string or_empty(std::string_view value) { return value == "." ? std::string() : std::string(value); }

std::optional<DeviceEntry> read_entry(std::string_view line) {
  DeviceEntry entry;
  bool has_type = false, has_name = false;
  while (true) {
    std::string_view word = next_word(line);
    if (word.empty()) break;
    auto value_of = [&](std::string_view key) -> std::optional<std::string_view> {
      if (!word.starts_with(key)) return std::nullopt;
      return word.substr(key.size());
    };
    if (auto type = value_of("IDTYPE=")) {
      entry.id_type = or_empty(*type);
      has_type = true;
    } else if (auto id = value_of("IDNAME=")) {
      entry.id_name = or_empty(*id);
      has_name = true;
    } else if (auto name = value_of("DEVNAME=")) {
      entry.name = or_empty(*name);
    } else if (auto pv = value_of("PVID=")) {
      entry.pv = parse_uuid(*pv);
    } else if (auto part = value_of("PART=")) {
      if (!read_number(*part, entry.part)) entry.part = 0;
    } else if (word.find('=') != std::string_view::npos) {
      entry.extra += " ";
      entry.extra += word;
    }
  }
  if (!has_type || !has_name || entry.id_type.empty()) return std::nullopt;
  return entry;
}

void read_line_of(std::string_view line, DevicesFile& file) {
  std::string_view rest = line;
  std::string_view first = next_word(rest);
  if (first.empty() || first.front() == '#') return;
  if (first.starts_with("SYSTEMID=")) {
    file.system_id = or_empty(first.substr(9));
  } else if (first.starts_with("VERSION=")) {
    file.version = read_version(first.substr(8));
    file.odd_version = !file.version;
  } else if (first.starts_with("HASH=")) {
    // Of the text that it stands in: it does not outlive a change.
  } else if (std::optional<DeviceEntry> entry = read_entry(line)) {
    file.entries.push_back(std::move(*entry));
  } else if (file.entries.empty() && first.find('=') != std::string_view::npos && !first.starts_with("IDTYPE=")) {
    file.head.emplace_back(first);
  }
}

}  // namespace

Result<DevicesFile> parse_devices_file(std::string_view text) {
  if (text.size() > kMaxDevicesFile)
    return Error(Errc::Corrupt, fmt::format("devices file: {} bytes are more than it can have", text.size()));
  if (text.find('\0') != std::string_view::npos)
    return Error(Errc::Corrupt, "devices file: there is a zero byte in it");
  DevicesFile file;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    read_line_of(text.substr(0, end), file);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return file;
}

std::string entry_line(const DeviceEntry& entry, std::string_view none) {
  std::string text =
      fmt::format("IDTYPE={} IDNAME={} DEVNAME={} PVID={}", entry.id_type, entry.id_name.empty() ? none : entry.id_name,
                  entry.name.empty() ? none : entry.name, entry.pv ? entry.pv->raw() : none);
  if (entry.part != 0) text += fmt::format(" PART={}", entry.part);
  return text + entry.extra;
}

std::string print_devices_file(const DevicesFile& file, std::string_view created) {
  std::string text = fmt::format("# LVM uses devices listed in this file.\n# Created by LVM command {}\n", created);
  if (!file.system_id.empty()) text += fmt::format("SYSTEMID={}\n", file.system_id);
  for (const std::string& line : file.head) text += line + "\n";
  if (file.version)
    text += fmt::format("VERSION={}.{}.{}\n", file.version->major, file.version->minor, file.version->counter);
  for (const DeviceEntry& entry : file.entries) text += entry_line(entry) + "\n";
  return text;
}

Status check_writable(const DevicesFile& file) {
  if (file.odd_version) return Error(Errc::Refused, "WARNING: not updating devices file with unparsed version.");
  if (file.version && file.version->major > kMajor)
    return Error(Errc::Refused, "WARNING: not updating devices file with larger major version.");
  return ok();
}

std::string id_text(std::string_view id) {
  std::string text(id);
  for (char& c : text)
    if (is_blank(c) || static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '_';
  return text;
}

}  // namespace ashlar::device
