// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines of metadata text with the indentation and comment column of a form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "config/document.h"
#include "metadata/text/vg_writer.h"

namespace ashlar::text {

class Writer {
 public:
  explicit Writer(Form form) : form_(form) {}

  Form form() const { return form_; }
  std::string take() { return std::move(out_); }

  void raw(std::string_view text) { out_ += text; }
  void blank() { out_ += '\n'; }
  void line(std::string_view text);
  void line(std::string_view text, std::string_view comment);  ///< the comment stands in File form only
  void open(std::string_view name);                            ///< "name {", one level deeper
  void close();
  void indent() { ++depth_; }
  void outdent() { --depth_; }

  void number(std::string_view key, std::uint64_t value);
  void number(std::string_view key, std::int64_t value);
  void sized(std::string_view key, std::uint64_t value, Sectors size);  ///< "key = value  # 4 Megabytes"
  void text(std::string_view key, std::string_view value);
  void list(std::string_view key, const std::vector<std::string>& values);
  /// Keys kept from reading (text in the metadata grammar), "key = value".
  void kept(const std::string& body);
  void node(config::Node node);
  /// "key=value", as LVM2 writes what it does not know: sections have tabs of their own, in both forms, beyond the
  /// indentation of the place.
  void compact(config::Node node, unsigned tabs = 0);

 private:
  void start();

  Form form_;
  unsigned depth_ = 0;
  std::string out_;
};

}  // namespace ashlar::text
