#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a command on a kernel without io_uring: valgrind does not know what that writes to memory. without_io_uring.py CMD..."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import without_io_uring

without_io_uring()
os.execvp(sys.argv[1], sys.argv[1:])
