// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace ashlar::report {

namespace {

struct Defaults {
  const char* shown;
  const char* verbose;
  const char* sort;
};

constexpr const char* kLogColumns =
    "log_seq_num,log_type,log_context,log_object_type,log_object_name,log_object_id,log_object_group,"
    "log_object_group_id,log_message,log_errno,log_ret_code";

Defaults defaults(Line line) {
  switch (line) {
    case Line::Pv:
      return {"pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free",
              "pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free,dev_size,pv_uuid", "pv_name"};
    case Line::PvSegment:
      return {"pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free,pvseg_start,pvseg_size",
              "pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free,pvseg_start,pvseg_size,lv_name,seg_start_pe,segtype,"
              "seg_pe_ranges",
              "pv_name,pvseg_start"};
    case Line::Vg:
      return {"vg_name,pv_count,lv_count,snap_count,vg_attr,vg_size,vg_free",
              "vg_name,vg_attr,vg_extent_size,pv_count,lv_count,snap_count,vg_size,vg_free,vg_uuid,vg_profile",
              "vg_name"};
    case Line::Lv:
      return {
          "lv_name,vg_name,lv_attr,lv_size,pool_lv,origin,data_percent,metadata_percent,move_pv,mirror_log,"
          "copy_percent,convert_lv",
          "lv_name,vg_name,seg_count,lv_attr,lv_size,lv_major,lv_minor,lv_kernel_major,lv_kernel_minor,pool_lv,"
          "origin,data_percent,metadata_percent,move_pv,copy_percent,mirror_log,convert_lv,lv_uuid,lv_profile",
          "vg_name,lv_name"};
    case Line::Segment:
      return {"lv_name,vg_name,lv_attr,stripes,segtype,seg_size",
              "lv_name,vg_name,lv_attr,seg_start,seg_size,stripes,segtype,stripe_size,chunk_size",
              "vg_name,lv_name,seg_start"};
    case Line::DeviceType:
      return {"devtype_name,devtype_max_partitions,devtype_description",
              "devtype_name,devtype_max_partitions,devtype_description", "devtype_name"};
    case Line::Log:
      return {kLogColumns, kLogColumns, "log_seq_num"};
  }
  return {};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    if (!item.empty()) out.emplace_back(item);
  }
  return out;
}

std::string bare(std::string_view name) {
  std::string out;
  for (char c : name)
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool belongs(Object object, Line line) {
  switch (line) {
    case Line::Pv:
    case Line::PvSegment:
      return object == Object::Pv || object == Object::Label || object == Object::PvSegment;
    case Line::Vg:
      return object == Object::Vg;
    case Line::Lv:
    case Line::Segment:
      return object <= Object::LvInfoStatus || object == Object::Segment;
    case Line::DeviceType:
      return object == Object::DeviceType;
    case Line::Log:
      return object == Object::Log;
  }
  return false;
}

}  // namespace

Line base_line(const Options& options) {
  switch (options.kind) {
    case Kind::Pvs:
      return options.segments ? Line::PvSegment : Line::Pv;
    case Kind::Vgs:
      return Line::Vg;
    case Kind::Lvs:
      return options.segments ? Line::Segment : Line::Lv;
    case Kind::DeviceTypes:
      return Line::DeviceType;
    case Kind::Log:
      return Line::Log;
  }
  return Line::Lv;
}

const char* line_name(Line line) {
  switch (line) {
    case Line::Pv:
      return "pv";
    case Line::PvSegment:
      return "pvseg";
    case Line::Vg:
      return "vg";
    case Line::Lv:
      return "lv";
    case Line::Segment:
      return "seg";
    case Line::DeviceType:
      return "devtype";
    case Line::Log:
      return "log";
  }
  return "";
}

std::string_view prefix_of(Object object) {
  switch (object) {
    case Object::Lv:
    case Object::LvInfo:
    case Object::LvStatus:
    case Object::LvInfoStatus:
      return "lv_";
    case Object::Label:
    case Object::Pv:
      return "pv_";
    case Object::Vg:
      return "vg_";
    case Object::Segment:
      return "seg_";
    case Object::PvSegment:
      return "pvseg_";
    case Object::DeviceType:
      return "devtype_";
    case Object::Log:
      return "log_";
  }
  return "";
}

std::string_view group_title(Object object) {
  switch (object) {
    case Object::Lv:
      return "Logical Volume";
    case Object::LvInfo:
      return "Logical Volume Device Info";
    case Object::LvStatus:
      return "Logical Volume Device Status";
    case Object::LvInfoStatus:
      return "Logical Volume Device Info and Status Combined";
    case Object::Label:
      return "Physical Volume Label";
    case Object::Pv:
      return "Physical Volume";
    case Object::Vg:
      return "Volume Group";
    case Object::Segment:
      return "Logical Volume Segment";
    case Object::PvSegment:
      return "Physical Volume Segment";
    case Object::DeviceType:
      return "Device Types";
    case Object::Log:
      return "Command Log";
  }
  return "";
}

std::vector<const Field*> fields_of(Line line) {
  if (line != Line::DeviceType && line != Line::Log) return all_fields();
  std::vector<const Field*> fields;
  for (const Field& field : line == Line::Log ? log_fields() : device_type_fields()) fields.push_back(&field);
  return fields;
}

const Field* find_field(std::string_view name, Line line) {
  std::string wanted = bare(name);
  const Field* found = nullptr;
  for (const Field* field : fields_of(line)) {
    std::string id = bare(field->id), prefix = bare(prefix_of(field->object));
    bool matches = id == wanted || (id.starts_with(prefix) && std::string_view(id).substr(prefix.size()) == wanted);
    if (!matches) continue;
    if (belongs(field->object, line) || id == wanted) return field;
    if (found == nullptr) found = field;
  }
  return found;
}

namespace {
/// Words of a selection that stand before an operator. One in quotes that does too is taken for a field, no harm done.
std::vector<std::string> selected_fields(std::string_view select) {
  std::vector<std::string> names;
  std::string word;
  for (const char c : select) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      if (word.ends_with(' ')) word.clear();
      word += c;
    } else if (c == ' ' && !word.empty()) {
      word = word.substr(0, word.find(' ')) + ' ';
    } else {
      if (!word.empty() && std::string_view("=!<>~").find(c) != std::string_view::npos)
        names.push_back(word.substr(0, word.find(' ')));
      word.clear();
    }
  }
  return names;
}

/// Objects of the fields that a report asks for.
std::vector<Object> objects_asked(const Options& options) {
  const Columns asked = columns(options);
  const Line line = base_line(options);
  std::vector<std::string> names = split(asked.shown);
  for (std::string& name : split(asked.sort)) names.push_back(name.substr(name.find_first_not_of("+-")));
  for (std::string& name : selected_fields(options.select)) names.push_back(std::move(name));
  std::vector<Object> objects;
  for (const std::string& name : names) {
    if (const Field* field = find_field(name, line); field != nullptr) {
      objects.push_back(field->object);
    } else if (bare(name).ends_with("all")) {  // "pv_all"; "all" of whatever there is
      for (const Field* each : fields_of(line))
        if (bare(name) == "all" || bare(prefix_of(each->object)) + "all" == bare(name)) objects.push_back(each->object);
    }
  }
  return objects;
}
}  // namespace

bool asks(const Options& options, std::initializer_list<Object> objects) {
  const std::vector<Object> asked = objects_asked(options);
  return std::any_of(objects.begin(), objects.end(),
                     [&](Object each) { return std::find(asked.begin(), asked.end(), each) != asked.end(); });
}

bool asks_only(const Options& options, Object object) {
  const std::vector<Object> asked = objects_asked(options);
  return std::all_of(asked.begin(), asked.end(), [&](Object each) { return each == object; });
}

bool asks_help(const Options& options) {
  return std::any_of(options.fields.begin(), options.fields.end(),
                     [](const std::string& fields) { return fields == "help" || fields == "?"; });
}

Columns columns(const Options& options) {
  Line line = base_line(options);
  Defaults built_in = defaults(line);
  std::string start = !options.default_fields.empty() ? options.default_fields
                      : options.verbose > 0           ? built_in.verbose
                                                      : built_in.shown;
  std::vector<std::string> shown = split(start), compact;
  for (const std::string& given : options.fields) {
    char mode = given.empty() ? ' ' : given.front();
    std::vector<std::string> names = split(mode == '+' || mode == '-' || mode == '#' ? given.substr(1) : given);
    if (mode == '+') {
      shown.insert(shown.end(), names.begin(), names.end());
    } else if (mode == '-') {
      for (const std::string& name : names) {
        const Field* field = find_field(name, line);
        std::erase_if(shown, [&](const std::string& each) {
          return each == name || (field != nullptr && find_field(each, line) == field);
        });
      }
    } else if (mode == '#') {
      compact.insert(compact.end(), names.begin(), names.end());
    } else {
      shown = std::move(names);
    }
  }
  // The setting is of all reports: those of its columns that this one has.
  for (const std::string& name : split(options.compact_fields)) {
    const Field* field = find_field(name, line);
    if (std::any_of(shown.begin(), shown.end(),
                    [&](const std::string& each) { return field != nullptr && find_field(each, line) == field; }))
      compact.push_back(name);
  }
  std::string sort = !options.sort.empty()           ? options.sort
                     : !options.default_sort.empty() ? options.default_sort
                                                     : built_in.sort;
  return {fmt::format("{}", fmt::join(shown, ",")), fmt::format("{}", fmt::join(compact, ",")), sort};
}

}  // namespace ashlar::report
