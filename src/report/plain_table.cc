// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/plain_table.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>

namespace ashlar::report {

namespace {

/// The field of exactly this name.
const Field* exact_field(std::string_view id) {
  for (auto table : {lv_fields, vg_fields, pv_fields, segment_fields, lv_kernel_fields})
    for (const Field& field : table())
      if (field.id == id) return &field;
  return nullptr;
}

template <class F>
bool each_item(std::string_view list, F f) {
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    if (!f(item)) return false;
  }
  return true;
}

std::string list_text(const Field& field, const Value& value, const Layout& layout) {
  std::vector<std::string> items;
  for (const std::string& item : value.list) items.push_back(shown_item(item, layout));
  if (!field.keep_order) std::sort(items.begin(), items.end());
  const bool own = field.joint != nullptr && !layout.one_list_separator;
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) text += own ? field.joint : layout.list_separator;
    text += items[i];
  }
  return text;
}

/// Is it an empty cell, whatever the layout? Most are.
bool is_nothing(const Field& field, const Value& value) {
  return value.text.empty() && !value.number && field.type != Type::Flag && field.type != Type::TextList;
}

bool aligns_right(Type type) {
  return type == Type::Number || type == Type::Flag || type == Type::Size || type == Type::Percent;
}

}  // namespace

std::optional<PlainTable> PlainTable::of(const Columns& columns, const std::string& select, Line line,
                                         const Layout& layout) {
  if (!select.empty() || layout.compact || !columns.compact.empty() || layout.json || layout.name_prefixes ||
      layout.columns_as_rows || !layout.buffered)
    return std::nullopt;
  PlainTable table(layout);
  table.objects_ = bit(object_of(line));
  bool plain = each_item(columns.shown, [&](std::string_view name) {
    table.fields_.push_back(exact_field(name));
    return table.fields_.back() != nullptr;
  });
  plain = plain && !table.fields_.empty() && each_item(columns.sort, [&](std::string_view name) {
            const bool descending = name.starts_with('-');
            if (descending || name.starts_with('+')) name.remove_prefix(1);
            const Field* field = exact_field(name);
            const bool twice =
                std::ranges::count(table.keys_, field, &Key::field) != 0;  // the engine says something then
            table.keys_.push_back({field, descending});
            return field != nullptr && field->type != Type::TextList && !twice;
          });
  if (!plain) return std::nullopt;
  for (const Field* field : table.fields_) table.objects_ |= bit(field->object);
  for (const Key& key : table.keys_) table.objects_ |= bit(key.field->object);
  for (const Field* field : table.fields_)
    table.widths_.push_back(static_cast<std::size_t>(width_of(*field, layout.full_headings)));
  return table;
}

PlainTable::Text PlainTable::keep(const std::string& text) {
  Text kept{static_cast<std::uint32_t>(texts_.size()), static_cast<std::uint32_t>(text.size())};
  texts_ += text;
  return kept;
}

void PlainTable::add(const Row& row) {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = *fields_[i];
    Value value = field.value(row);
    if (is_nothing(field, value)) {
      cells_.emplace_back();
      continue;
    }
    std::string text = field.type == Type::TextList ? list_text(field, value, layout_)
                                                    : make_cell(field, std::move(value), layout_).text;
    widths_[i] = std::max(widths_[i], text.size());
    cells_.push_back(keep(text));
  }
  for (const Key& key : keys_) {
    Cell cell = make_cell(*key.field, key.field->value(row), layout_);
    KeyValue& value = key_values_.emplace_back();
    if (key.field->type == Type::Text)
      value.text = cell.text_key ? std::move(*cell.text_key) : std::move(cell.text);
    else
      value.number = key.field->type == Type::Size ? cell.sectors : static_cast<double>(cell.number);
  }
  ++rows_;
}

std::string PlainTable::line_of(const Text* cells) const {
  std::size_t room = fields_.size() * layout_.separator.size();
  for (std::size_t i = 0; i < fields_.size(); ++i) room += layout_.aligned ? widths_[i] : cells[i].length;
  std::string line;
  line.reserve(room);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (i != 0) line += layout_.separator;
    const std::size_t pad = layout_.aligned ? widths_[i] - cells[i].length : 0;
    const bool right = aligns_right(fields_[i]->type);
    if (right) line.append(pad, ' ');
    line.append(texts_, cells[i].at, cells[i].length);
    if (!right) line.append(pad, ' ');
  }
  return line;
}

/// Rows with equal keys stay as they came.
std::vector<std::uint32_t> PlainTable::order() const {
  std::vector<std::uint32_t> rows(rows_);
  std::iota(rows.begin(), rows.end(), 0u);
  if (keys_.empty()) return rows;
  std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    const KeyValue* left = &key_values_[a * keys_.size()];
    const KeyValue* right = &key_values_[b * keys_.size()];
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      const bool down = keys_[k].descending;
      if (keys_[k].field->type == Type::Text) {
        const int order = left[k].text.compare(right[k].text);
        if (order != 0) return (order < 0) != down;
      } else if (left[k].number != right[k].number) {
        return (left[k].number < right[k].number) != down;
      }
    }
    return false;
  });
  return rows;
}

Result<std::vector<std::string>> PlainTable::run(const Feed& feed) && {
  TRY(feed(objects_, [&](Row& row) { add(row); }));
  std::vector<std::string> lines;
  if (rows_ == 0) return lines;
  if (texts_.size() > std::numeric_limits<std::uint32_t>::max() / 2)
    return Error(Errc::NoSpace, "The report is larger than 2 GiB");
  lines.reserve(rows_ + 1);
  if (layout_.headings) {
    std::string line;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (i != 0) line += layout_.separator;
      std::string_view heading = heading_of(*fields_[i], layout_.full_headings);
      if (layout_.aligned) heading = heading.substr(0, widths_[i]);
      line += heading;
      if (layout_.aligned) line.append(widths_[i] - heading.size(), ' ');
    }
    lines.push_back(std::move(line));
  }
  for (std::uint32_t row : order()) lines.push_back(line_of(&cells_[row * fields_.size()]));
  return lines;
}

}  // namespace ashlar::report
