// SPDX-License-Identifier: LGPL-2.1-or-later
// Every VG of image files with its LVs, by the C++ library: list DISK.img...
#include <iostream>

#include "ops/ops.h"
#include "ops/vg_access.h"

int main(int argc, char** argv) {
  ashlar::ops::SystemOptions options;
  options.devices = {argv + 1, argv + argc};
  options.explicit_devices = true;
  ashlar::Result<ashlar::ops::System> sys = ashlar::ops::make_system(options);
  if (!sys) return std::cerr << sys.error().message() << '\n', 5;
  ashlar::Result<ashlar::store::Picture> picture = ashlar::ops::look(*sys);
  if (!picture) return std::cerr << picture.error().message() << '\n', 5;
  for (const ashlar::store::VgState& state : picture->vgs) {
    for (const ashlar::LogicalVolume& lv : state.vg.lvs)
      std::cout << state.vg.name << '/' << lv.name << ' ' << lv.extents().n << " extents\n";
  }
}
