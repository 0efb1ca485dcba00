#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists the VGs of image files, and plans an LV without making it: list.py DISK.img..."""
import ctypes
import json
import sys

library = ctypes.CDLL("libashlar.so.0")
library.ashlar_free.argtypes = [ctypes.c_void_p]


def words(*text):
    return (ctypes.c_char_p * (len(text) + 1))(*[t.encode() for t in text], None)


def ask(function, *arguments):
    """The document of an answer, or an exception with its errors."""
    answer = ctypes.c_void_p()
    status = getattr(library, "ashlar_" + function)(*arguments, ctypes.byref(answer))
    try:
        document = json.loads(ctypes.string_at(answer.value)) if answer.value else {}
    finally:
        library.ashlar_free(answer)
    if status != 0:
        raise RuntimeError("; ".join(e["code"] + ": " + e["message"] for e in document.get("errors", [])) or "no memory")
    return document


devices = ["--devices", ",".join(sys.argv[1:])]
for report in ask("list", words(*devices))["report"]:
    for vg in report.get("vg", []):
        print(vg["vg_name"], vg["vg_size"], vg["vg_free"])
        plan = ask("plan", words("lvcreate", "-l", "100%FREE", "-n", "rest", vg["vg_name"], *devices))
        print("\n".join(plan["steps"]))
try:
    ask("run", words("lvremove", "-y", "vg0/none", *devices))
except RuntimeError as error:
    print(error)
