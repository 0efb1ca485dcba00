// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

void add_report_rows(std::vector<Setting>& rows) {
  const Setting report[] = {
      {"report/output_format", "basic", true,
       "Form of reports, as --reportformat: \"basic\", \"json\" or \"json_std\".", ""},
      {"report/compact_output", false, true, "Leave out columns that are empty in every row.", ""},
      {"report/compact_output_cols", "", true, "The same for these columns only, separated by commas.", ""},
      {"report/aligned", true, true, "Pad columns to one width.", ""},
      {"report/buffered", true, true,
       "Collect a report before writing it, which sorting and aligning need. --unbuffered is stronger.", ""},
      {"report/headings", true, true, "Write the headings of columns. --noheadings is stronger.", ""},
      {"report/separator", " ", true, "What stands between columns.", ""},
      {"report/list_item_separator", ",", true, "What stands between the items of a list, such as tags.", ""},
      {"report/prefixes", false, true, "Write each value as LVM2_FIELD='VALUE'; as --nameprefixes.", ""},
      {"report/quoted", true, true, "Quote the values of such pairs. --unquoted is stronger.", ""},
      {"report/columns_as_rows", false, true, "Write each column as a row; as --rows.", ""},
      {"report/binary_values_as_numeric", false, true,
       "Write yes-or-no values as 1, 0 and -1 for unknown; as --binary.", ""},
      {"report/time_format", "%Y-%m-%d %T %z", true, "Form of times: conversions of strftime(3).", ""},
      {"report/mark_hidden_devices", true, true,
       "Write the names of hidden LVs in brackets. Accepted, without effect here: they always are.", ""},
      {"report/two_word_unknown_device", false, true,
       "Write \"unknown device\" for a missing PV instead of [unknown]. Accepted, without effect here.", ""},

      {"report/lvs_sort", "vg_name,lv_name", true, "Columns that lvs sorts by; - before a name reverses.", ""},
      {"report/lvs_cols",
       "lv_name,vg_name,lv_attr,lv_size,pool_lv,origin,data_percent,metadata_percent,move_pv,mirror_log,copy_percent,"
       "convert_lv",
       true, "Columns of lvs.", ""},
      {"report/lvs_cols_verbose",
       "lv_name,vg_name,seg_count,lv_attr,lv_size,lv_major,lv_minor,lv_kernel_major,lv_kernel_minor,pool_lv,origin,"
       "data_percent,metadata_percent,move_pv,copy_percent,mirror_log,convert_lv,lv_uuid,lv_profile",
       true, "Columns of lvs -v.", ""},
      {"report/vgs_sort", "vg_name", true, "Columns that vgs sorts by.", ""},
      {"report/vgs_cols", "vg_name,pv_count,lv_count,snap_count,vg_attr,vg_size,vg_free", true, "Columns of vgs.", ""},
      {"report/vgs_cols_verbose",
       "vg_name,vg_attr,vg_extent_size,pv_count,lv_count,snap_count,vg_size,vg_free,vg_uuid,vg_profile", true,
       "Columns of vgs -v.", ""},
      {"report/pvs_sort", "pv_name", true, "Columns that pvs sorts by.", ""},
      {"report/pvs_cols", "pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free", true, "Columns of pvs.", ""},
      {"report/pvs_cols_verbose", "pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free,dev_size,pv_uuid", true,
       "Columns of pvs -v.", ""},
      {"report/segs_sort", "vg_name,lv_name,seg_start", true, "Columns that lvs --segments sorts by.", ""},
      {"report/segs_cols", "lv_name,vg_name,lv_attr,stripes,segtype,seg_size", true, "Columns of lvs --segments.", ""},
      {"report/segs_cols_verbose", "lv_name,vg_name,lv_attr,seg_start,seg_size,stripes,segtype,stripesize,chunksize",
       true, "Columns of lvs --segments -v.", ""},
      {"report/pvsegs_sort", "pv_name,pvseg_start", true, "Columns that pvs --segments sorts by.", ""},
      {"report/pvsegs_cols", "pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free,pvseg_start,pvseg_size", true,
       "Columns of pvs --segments.", ""},
      {"report/pvsegs_cols_verbose",
       "pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free,pvseg_start,pvseg_size,lv_name,seg_start_pe,segtype,"
       "seg_pe_ranges",
       true, "Columns of pvs --segments -v.", ""},
      {"report/vgs_cols_full", "vg_all", true, "Columns of the VG part of fullreport.", ""},
      {"report/pvs_cols_full", "pv_all", true, "Columns of the PV part of fullreport.", ""},
      {"report/lvs_cols_full", "lv_all", true, "Columns of the LV part of fullreport.", ""},
      {"report/pvsegs_cols_full", "pvseg_all,pv_uuid,lv_uuid", true, "Columns of the PV segment part of fullreport.",
       ""},
      {"report/segs_cols_full", "seg_all,lv_uuid", true, "Columns of the LV segment part of fullreport.", ""},
      {"report/vgs_sort_full", "vg_name", true, "Order of the VG part of fullreport.", ""},
      {"report/pvs_sort_full", "pv_name", true, "Order of the PV part of fullreport.", ""},
      {"report/lvs_sort_full", "vg_name,lv_name", true, "Order of the LV part of fullreport.", ""},
      {"report/pvsegs_sort_full", "pv_uuid,pvseg_start", true, "Order of the PV segment part of fullreport.", ""},
      {"report/segs_sort_full", "lv_uuid,seg_start", true, "Order of the LV segment part of fullreport.", ""},
  };
  rows.insert(rows.end(), std::begin(report), std::end(report));
}

}  // namespace ashlar::config
