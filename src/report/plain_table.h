// SPDX-License-Identifier: LGPL-2.1-or-later
// The usual report, columns of text in rows, without libdevmapper's engine, which takes ten times as long for it: its
// output is the engine's (tests compare the two over every field). What needs more than columns and plain sort keys -
// selection, JSON, prefixes, names of fields that are not spelled in full - is the engine's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/engine.h"

namespace ashlar::report {

class PlainTable {
 public:
  /// Nothing where the engine has to do it.
  static std::optional<PlainTable> of(const Columns& columns, const std::string& select, Line line,
                                      const Layout& layout);

  Result<std::vector<std::string>> run(const Feed& feed) &&;

 private:
  struct Key {
    const Field* field;
    bool descending;
  };
  struct Text {
    std::uint32_t at = 0, length = 0;
  };
  struct KeyValue {
    std::string text;
    double number = 0;
  };

  explicit PlainTable(const Layout& layout) : layout_(layout) {}
  void add(const Row& row);
  Text keep(const std::string& text);
  std::string line_of(const Text* cells) const;
  std::vector<std::uint32_t> order() const;

  const Layout& layout_;
  Objects objects_ = 0;
  std::vector<const Field*> fields_;
  std::vector<Key> keys_;
  std::vector<std::size_t> widths_;
  std::string texts_;                 ///< all cells, one after the other
  std::vector<Text> cells_;           ///< row by row
  std::vector<KeyValue> key_values_;  ///< row by row
  std::uint32_t rows_ = 0;
};

}  // namespace ashlar::report
