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
  }
  return "";
}

std::vector<const Field*> fields_of(Line line) {
  if (line != Line::DeviceType) return all_fields();
  std::vector<const Field*> fields;
  for (const Field& field : device_type_fields()) fields.push_back(&field);
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
