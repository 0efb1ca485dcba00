#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Makes the files of this directory anew with the lvm2 that is installed (2.03.16 of Debian 12), in VMs:
#   sudo ./make.sh [SCRIPT...]      default: all of plain.sh types.sh restored.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
(($#)) || set -- plain.sh types.sh restored.sh
for script in "$@"; do
    ../../../tools/vm --memory 2048 --results . --env OUT=/results "./$script"
done
