// SPDX-License-Identifier: LGPL-2.1-or-later
// libdevmapper's report engine: columns, sorting, selection, layout. engine.cc alone includes its header.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/cell.h"
#include "report/columns.h"
#include "report/row.h"

namespace ashlar::report {

/// Bits (1 << Object) of what columns, sort keys and selection ask for, the line's own among them.
using Objects = std::uint32_t;
constexpr Objects bit(Object object) { return Objects{1} << static_cast<unsigned>(object); }

/// What a line is about.
Object object_of(Line line);

/// Gives the lines: called with the objects asked for, calls back once for each line.
using Feed = std::function<Status(Objects, const std::function<void(Row&)>&)>;

/// The whole report as lines. Errc::InvalidArgument with what the engine says against the columns or the selection.
/// `select` is read at the time layout.now.
Result<std::vector<std::string>> run_engine(const Columns& columns, const std::string& select, Line line,
                                            const Layout& layout, const Feed& feed);

}  // namespace ashlar::report
