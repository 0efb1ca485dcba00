// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/engine.h"

#include <fmt/format.h>
#include <libdevmapper.h>

#include <array>
#include <cstdarg>
#include <cstring>
#include <ctime>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "report/freeform_time.h"

namespace ashlar::report {

namespace {

// What the engine prints goes through the library's log function, which is the process's.

struct Lines {
  std::vector<std::string> out, errors;
};

thread_local Lines* capturing = nullptr;

constexpr int kLevelMask = 7, kLevelError = 3, kLevelPrint = 4, kToStderr = 0x80;

__attribute__((format(printf, 5, 6))) void capture_line(int level, const char*, int, int, const char* format, ...) {
  if (capturing == nullptr || (level & kLevelMask) > kLevelPrint) return;
  va_list args;
  va_start(args, format);
  std::array<char, 512> small;
  va_list again;
  va_copy(again, args);
  int length = std::vsnprintf(small.data(), small.size(), format, args);
  std::string text;
  if (length >= 0 && static_cast<std::size_t>(length) < small.size()) {
    text.assign(small.data(), static_cast<std::size_t>(length));
  } else if (length > 0) {
    text.resize(static_cast<std::size_t>(length) + 1);
    std::vsnprintf(text.data(), text.size(), format, again);
    text.pop_back();
  }
  va_end(again);
  va_end(args);
  bool error = (level & kToStderr) != 0 || (level & kLevelMask) <= kLevelError;
  if (error)
    capturing->errors.push_back(printable(text));
  else
    capturing->out.push_back(std::move(text));
}

/// Owns the library's log function while it lives; one at a time in a process.
class LogCapture {
 public:
  explicit LogCapture(Lines& into) : lock_(mutex()) {
    capturing = &into;
    dm_log_with_errno_init(capture_line);
  }
  ~LogCapture() {
    dm_log_with_errno_init(nullptr);
    capturing = nullptr;
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
};

// A table row becomes a field of the engine. Its callback has no room for a pointer to the row, so there is one
// function for each position in the table, all from one template.

struct Context {
  const Layout& layout;
  std::vector<const Field*> fields;
};

constexpr std::size_t kMaxFields = 320;

/// A key, and a zero behind it: the engine compares percentages as if they were text.
template <class T>
const T* keep(dm_pool* mem, T value) {
  auto* place = static_cast<T*>(dm_pool_zalloc(mem, sizeof(T) + 1));
  if (place != nullptr) *place = value;
  return place;
}

const char* keep(dm_pool* mem, const std::string& text) { return dm_pool_strndup(mem, text.data(), text.size()); }

int put_list(dm_report* report, dm_pool* mem, dm_report_field* to, const Field& field, const Value& value,
             const Layout& layout) {
  auto* head = static_cast<dm_list*>(dm_pool_alloc(mem, sizeof(dm_list)));
  if (head == nullptr) return 0;
  dm_list_init(head);
  for (const std::string& item : value.list) {
    auto* entry = static_cast<dm_str_list*>(dm_pool_alloc(mem, sizeof(dm_str_list)));
    const char* text = keep(mem, shown_item(item, layout));
    if (entry == nullptr || text == nullptr) return 0;
    entry->str = text;
    dm_list_add(head, &entry->list);
  }
  bool own = field.joint != nullptr && !layout.one_list_separator;
  const char* joint = own ? field.joint : layout.list_separator.c_str();
  return field.keep_order ? dm_report_field_string_list_unsorted(report, to, head, joint)
                          : dm_report_field_string_list(report, to, head, joint);
}

int put(dm_report* report, dm_pool* mem, dm_report_field* to, const Field& field, Value value, const Layout& layout) {
  if (field.type == Type::TextList) return put_list(report, mem, to, field, value, layout);
  Cell cell = make_cell(field, std::move(value), layout);
  const void* key = nullptr;  // none: the text
  bool has_key = field.type != Type::Text || cell.text_key;
  if (field.type == Type::Text) {
    if (cell.text_key) key = keep(mem, *cell.text_key);
  } else if (field.type == Type::Size) {
    key = keep(mem, cell.sectors);
  } else if (field.type == Type::Time) {
    key = keep(mem, static_cast<std::time_t>(cell.number));
  } else {
    key = keep(mem, cell.number);
  }
  const char* text = keep(mem, cell.text);
  if (text == nullptr || (has_key && key == nullptr)) return 0;
  dm_report_field_set_value(to, text, key);
  return 1;
}

template <std::size_t I>
int report_field(dm_report* report, dm_pool* mem, dm_report_field* to, const void* data, void* private_data) {
  const auto& context = *static_cast<const Context*>(private_data);
  const Field& field = *context.fields[I];
  return put(report, mem, to, field, field.value(*static_cast<const Row*>(data)), context.layout);
}

using Function = decltype(&report_field<0>);
template <std::size_t... I>
constexpr std::array<Function, sizeof...(I)> functions(std::index_sequence<I...>) {
  return {&report_field<I>...};
}
constexpr auto kFunctions = functions(std::make_index_sequence<kMaxFields>());

std::uint32_t type_flags(Type type) {
  switch (type) {
    case Type::Text:
      return DM_REPORT_FIELD_TYPE_STRING;
    case Type::TextList:
      return DM_REPORT_FIELD_TYPE_STRING_LIST;
    case Type::Number:
    case Type::Flag:
      return DM_REPORT_FIELD_TYPE_NUMBER;
    case Type::Size:
      return DM_REPORT_FIELD_TYPE_SIZE;
    case Type::Percent:
      return DM_REPORT_FIELD_TYPE_PERCENT;
    case Type::Time:
      return DM_REPORT_FIELD_TYPE_TIME;
  }
  return DM_REPORT_FIELD_TYPE_STRING;
}

template <std::size_t... I>
dm_report_field_type field_type(const Field& field, bool full, Function function, std::index_sequence<I...>) {
  std::string_view id = field.id, heading = heading_of(field, full);
  auto at = [](std::string_view text, std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  return {bit(field.object), type_flags(field.type), 0,        width_of(field, full),
          {at(id, I)...},    {at(heading, I)...},    function, field.help};
}

std::vector<dm_report_field_type> field_types(const std::vector<const Field*>& fields, bool full) {
  std::vector<dm_report_field_type> out;
  ASHLAR_REQUIRE(fields.size() <= kMaxFields);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    static_assert(DM_REPORT_FIELD_TYPE_ID_LEN == 32 && DM_REPORT_FIELD_TYPE_HEADING_LEN == 32);
    ASHLAR_REQUIRE(std::strlen(fields[i]->id) < 32 && std::strlen(fields[i]->heading) < 32);
    out.push_back(field_type(*fields[i], full, kFunctions[i], std::make_index_sequence<32>()));
  }
  out.push_back({0, 0, 0, 0, {}, {}, nullptr, nullptr});
  return out;
}

/// What the engine's handler below counts from; it is given nothing of the caller's.
thread_local std::int64_t selecting_at = 0;

/// Asked for a time that the engine does not know by name: is `in` one in words (then they are its name), and which
/// seconds are meant by it.
int take_freeform_time(dm_report*, dm_pool* mem, std::uint32_t, dm_report_reserved_action_t action, const void* in,
                       const void** out) {
  *out = nullptr;
  const auto* words = static_cast<const char*>(in);
  if (!is_freeform_time(words)) return 1;
  auto range = freeform_time(words, selecting_at);
  if (!range) {
    if (capturing != nullptr) capturing->errors.push_back(range.error().message());
    return 1;
  }
  if (action == DM_REPORT_RESERVED_PARSE_FUZZY_NAME) {
    *out = keep(mem, std::string(words));
  } else {
    *out = keep(
        mem, std::array<std::time_t, 2>{static_cast<std::time_t>(range->first), static_cast<std::time_t>(range->last)});
  }
  return *out != nullptr ? 1 : 0;
}

/// Names that -S takes for values. The engine keeps pointers into these: nothing moves once it is built.
class Reserved {
 public:
  explicit Reserved(const std::vector<const Field*>& fields) {
    static constexpr const char* kNames[] = {"-1", "unknown", "undefined", "undef", nullptr};
    // Strict: an undefined value is equal to these names only, and neither above nor below any number.
    add(DM_REPORT_FIELD_TYPE_NUMBER, &numbers_.emplace_back(kUndefined), kNames);
    add(DM_REPORT_FIELD_TYPE_PERCENT, &numbers_.emplace_back(kUndefined), kNames);
    add(DM_REPORT_FIELD_TYPE_SIZE, &sizes_.emplace_back(kUndefinedSize), kNames);
    static constexpr const char* kNoNames[] = {nullptr};
    add(DM_REPORT_FIELD_TYPE_TIME | DM_REPORT_FIELD_RESERVED_VALUE_RANGE |
            DM_REPORT_FIELD_RESERVED_VALUE_DYNAMIC_VALUE | DM_REPORT_FIELD_RESERVED_VALUE_FUZZY_NAMES,
        reinterpret_cast<const void*>(take_freeform_time), kNoNames);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i]->type == Type::Flag) add_flag(i, fields[i]->word);
      for (const Synonym& synonym : fields[i]->synonyms) add_synonym(i, *fields[i], synonym);
    }
    values_.push_back({0, nullptr, nullptr, nullptr});
  }
  const dm_report_reserved_value* data() const { return values_.data(); }

 private:
  void add(std::uint32_t type, const void* value, const char* const* names) {
    values_.push_back({type, value, const_cast<const char**>(names), ""});
  }
  void add_for(std::size_t field, const void* value, const char* const* names) {
    fields_.push_back({static_cast<std::uint32_t>(field), value});
    add(DM_REPORT_FIELD_RESERVED_VALUE_NAMED | DM_REPORT_FIELD_TYPE_NONE, &fields_.back(), names);
  }
  void add_flag(std::size_t field, const char* word) {
    static constexpr const char* kNo[] = {"no", nullptr};
    auto& yes = words_.emplace_back(std::array<const char*, 3>{word, "yes", nullptr});
    add_for(field, &numbers_.emplace_back(1), yes.data());
    add_for(field, &numbers_.emplace_back(0), kNo);
  }
  void add_synonym(std::size_t i, const Field& field, const Synonym& synonym) {
    const void* value = field.type == Type::Text ? static_cast<const void*>(synonym.text)
                        : field.type == Type::Size
                            ? static_cast<const void*>(&sizes_.emplace_back(static_cast<double>(synonym.number) /
                                                                            static_cast<double>(kSectorSize)))
                            : static_cast<const void*>(&numbers_.emplace_back(synonym.number));
    add_for(i, value, synonym.names.data());
  }

  std::deque<std::uint64_t> numbers_;
  std::deque<double> sizes_;
  std::deque<std::array<const char*, 3>> words_;
  std::deque<dm_report_field_reserved_value> fields_;
  std::vector<dm_report_reserved_value> values_;
};

void* same_object(void* object) { return object; }

/// Of fields of one line: who asks for help is shown no others.
std::vector<dm_report_object_type> object_types(Line line) {
  auto type = [](Object object) -> dm_report_object_type {
    return {bit(object), group_title(object).data(), prefix_of(object).data(), same_object};
  };
  constexpr dm_report_object_type kEnd{0, "", "", nullptr};
  if (line == Line::DeviceType || line == Line::Log) return {type(object_of(line)), kEnd};
  std::vector<dm_report_object_type> out;
  for (auto object = Object::Lv; object <= Object::PvSegment;
       object = static_cast<Object>(static_cast<int>(object) + 1))
    out.push_back(type(object));
  out.push_back(kEnd);
  return out;
}

std::uint32_t output_flags(const Layout& layout) {
  return (layout.aligned ? DM_REPORT_OUTPUT_ALIGNED : 0u) | (layout.buffered ? DM_REPORT_OUTPUT_BUFFERED : 0u) |
         (layout.headings ? DM_REPORT_OUTPUT_HEADINGS : 0u) |
         (layout.name_prefixes ? DM_REPORT_OUTPUT_FIELD_NAME_PREFIX : 0u) |
         (layout.quoted ? 0u : DM_REPORT_OUTPUT_FIELD_UNQUOTED) |
         (layout.columns_as_rows ? DM_REPORT_OUTPUT_COLUMNS_AS_ROWS : 0u);
}

struct FreeReport {
  void operator()(dm_report* report) const { dm_report_free(report); }
};
struct FreeGroup {
  void operator()(dm_report_group* group) const { dm_report_group_destroy(group); }
};

Error engine_error(const Lines& lines) {
  if (lines.errors.empty()) return {Errc::Io, "The report could not be made: out of memory"};
  // The last is what is wrong; before it stands what would be right, such as the list of all fields.
  return Error(Errc::InvalidArgument, lines.errors.back()).noted({lines.errors.begin(), lines.errors.end() - 1});
}

}  // namespace

Object object_of(Line line) {
  switch (line) {
    case Line::Pv:
      return Object::Label;  // what is asked for may add the PV's VG
    case Line::PvSegment:
      return Object::PvSegment;
    case Line::Vg:
      return Object::Vg;
    case Line::Lv:
      return Object::Lv;
    case Line::Segment:
      return Object::Segment;
    case Line::DeviceType:
      return Object::DeviceType;
    case Line::Log:
      return Object::Log;
  }
  return Object::Lv;
}

Result<std::vector<std::string>> run_engine(const Columns& columns, const std::string& select, Line line,
                                            const Layout& layout, const Feed& feed) {
  Context context{layout, fields_of(line)};
  std::vector<dm_report_field_type> fields = field_types(context.fields, layout.full_headings);
  Reserved reserved(context.fields);
  std::vector<dm_report_object_type> types = object_types(line);
  Objects objects = bit(object_of(line));
  Lines lines;
  LogCapture capture(lines);
  selecting_at = layout.now;

  std::unique_ptr<dm_report, FreeReport> report(dm_report_init_with_selection(
      &objects, types.data(), fields.data(), columns.shown.c_str(), layout.separator.c_str(), output_flags(layout),
      columns.sort.c_str(), select.empty() ? nullptr : select.c_str(), reserved.data(), &context));
  if (!report) return engine_error(lines);
  // Asked for "help" the engine has printed it and has nothing to report.
  if (objects == 0 || !lines.errors.empty()) return std::move(lines.errors);
  if (layout.name_prefixes && dm_report_set_output_field_name_prefix(report.get(), "LVM2_") == 0)
    return engine_error(lines);

  std::unique_ptr<dm_report_group, FreeGroup> group(
      dm_report_group_create(layout.json ? DM_REPORT_GROUP_JSON : DM_REPORT_GROUP_SINGLE, nullptr));
  auto name = const_cast<char*>(line_name(line));
  auto top = const_cast<char*>("report");
  if (!group || dm_report_group_push(group.get(), nullptr, top) == 0 ||
      dm_report_group_push(group.get(), report.get(), name) == 0)
    return engine_error(lines);

  bool failed = false;
  Status fed = feed(objects, [&](Row& row) { failed = failed || dm_report_object(report.get(), &row) == 0; });
  if (!fed.ok()) {
    dm_report_destroy_rows(report.get());
    return fed.error();
  }
  if (failed) return engine_error(lines);
  if (layout.compact) dm_report_compact_fields(report.get());
  if (!columns.compact.empty() && dm_report_compact_given_fields(report.get(), columns.compact.c_str()) == 0)
    for (const std::string& error : lines.errors) log(LogLevel::Warning, error);
  if (layout.headings_alone && layout.headings && !layout.json && lines.out.empty() &&
      dm_report_is_empty(report.get()) != 0)
    dm_report_column_headings(report.get());
  group.reset();  // prints
  return std::move(lines.out);
}

}  // namespace ashlar::report
