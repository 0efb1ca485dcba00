// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines of metadata text with the indentation and comment column of a form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "base/uuid.h"
#include "config/document.h"
#include "metadata/text/vg_writer.h"

namespace ashlar::text {

class Writer {
 public:
  explicit Writer(Form form) : form_(form) {}

  Form form() const { return form_; }
  std::string take() { return std::move(out_); }
  void reserve(std::size_t size) { out_.reserve(size); }

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
  void id(const Uuid& id);                                           ///< "id = UUID"
  void time(std::string_view key, std::uint64_t seconds);            ///< "key = value  # 2026-11-22 08:00:59 +0000"
  void area(std::string_view name, std::uint64_t start, bool last);  ///< "name", start and a comma
  void list(std::string_view key, const std::vector<std::string>& values);
  void open_list(std::string_view key);  ///< the same word by word: "key = ["
  void listed(std::string_view word);
  void close_list();
  /// Keys kept from reading (text in the metadata grammar), "key = value".
  void kept(const std::string& body);
  void node(config::Node node);
  /// "key=value", as LVM2 writes what it does not know: sections have tabs of their own, in both forms, beyond the
  /// indentation of the place.
  void compact(config::Node node, unsigned tabs = 0);

 private:
  std::size_t start();
  std::size_t start(std::string_view key);
  template <class Comment>
  void end(std::size_t begin, Comment comment);
  void append_time(std::uint64_t seconds);

  /// A quarter of an hour as it is written.
  struct Quarter {
    std::uint64_t number = 0;
    unsigned minute = 0;
    std::string date, zone;
  };

  Form form_;
  unsigned depth_ = 0;
  std::string out_;
  Quarter quarter_;
};

}  // namespace ashlar::text
