#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The library as programs find it: installed into a folder, its names, its examples in C, C++ and Python, by pkg-config
# and by CMake, and its reference. BUILD names the build folder; build/release if it is not set.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
build=${BUILD:-$top/build/release}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LVM_SYSTEM_DIR=$work/etc
mkdir -p "$LVM_SYSTEM_DIR"
echo "global { locking_dir = \"$work/lock\" }" >"$LVM_SYSTEM_DIR/lvm.conf"
cd "$work"
prefix=$work/usr
libdir=$(find "$build/ashlar.pc" -exec sed -n 's/^libdir=${prefix}\///p' {} +)
export PKG_CONFIG_PATH=$prefix/$libdir/pkgconfig LD_LIBRARY_PATH=$prefix/$libdir
after_case() { :; }
clean_up_case() { rm -f "$work"/*.img; }
quiet() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$*"; }; }

case_it_installs() {
  quiet cmake --install "$build" --prefix "$prefix" --component library
  [ -f "$prefix/include/ashlar.h" ] || fail "ashlar.h"
  [ -f "$prefix/include/ashlar/ops/ops.h" ] || fail "C++ headers"
  [ ! -e "$prefix/include/ashlar/cli" ] || fail "the command line's own headers are not for others"
  same "$(sed -n 's/.*kVersion\[\] = "\(.*\)".*/\1/p' "$top/src/ops/version.h")" "$(pkg-config --modversion ashlar)" "version"
}
case_it_exports_the_names_of_its_map_and_no_other() {
  same "$(sed -n 's/^ *\(ashlar_[a-z]*\);$/\1@@ASHLAR_0/p' "$top/src/capi/ashlar.map" | sort)" \
       "$(nm -D --defined-only "$prefix/$libdir/libashlar.so" | awk '$2 == "T" {print $3}' | sort)" "names"
  same "$(grep -o '\bashlar_[a-z]*(' "$top/src/capi/ashlar.h" | grep -v 'ashlar_free()' | tr -d '(' | sort -u)" \
       "$(sed -n 's/^ *\(ashlar_[a-z]*\);$/\1/p' "$top/src/capi/ashlar.map" | sort)" "the header and the map differ"
}
case_a_c_program_makes_an_lv_by_a_plan() {
  # shellcheck disable=SC2046
  quiet cc -std=c99 -Wall -Wextra -Wpedantic -Werror -o list "$top/docs/examples/list.c" $(pkg-config --cflags --libs ashlar)
  truncate -s 64M disk.img
  quiet ./list disk.img
  grep -q '^apply: done$' said || fail "apply: $(cat said)"
  same 20971520 "$(sed '/^[a-z]/d' said | python3 -c 'import json, sys; print(json.load(sys.stdin)["report"][0]["lv"][0]["lv_size"])')" "lv_size"
  local status=0
  ./list disk.img >said || status=$?
  [ "$status" -eq 5 ] || fail "status $status for a VG that exists"
  grep -q '"code": "exists"' said || fail "the error has no code: $(cat said)"
}
case_a_python_program_lists_and_plans() {
  truncate -s 64M disk.img
  quiet ashlar vgcreate vg0 disk.img --devices disk.img
  sum=$(sha256sum disk.img)
  quiet python3 "$top/docs/examples/list.py" disk.img
  grep -q '^vg0 62914560 62914560$' said || fail "list: $(cat said)"
  grep -q '^Create LV vg0/rest' said || fail "plan: $(cat said)"
  grep -q '^not_found: ' said || fail "error: $(cat said)"
  same "$sum" "$(sha256sum disk.img)" "a plan wrote something"
}
case_a_cpp_program_reads_values() {
  truncate -s 64M disk.img
  quiet ashlar vgcreate vg0 disk.img --devices disk.img
  quiet ashlar lvcreate -l 3 -n data vg0 --devices disk.img
  # shellcheck disable=SC2046
  quiet c++ -std=c++20 -o list++ "$top/docs/examples/list.cc" $(pkg-config --cflags --libs ashlar++)
  same "vg0/data 3 extents" "$(./list++ disk.img)"
}
case_an_lv_is_read_through_its_pvs() {
  truncate -s 64M disk.img
  quiet ashlar vgcreate vg0 disk.img --devices disk.img
  quiet ashlar lvcreate -l 2 -n data vg0 --devices disk.img
  seq 150000 >data
  quiet ashlar lv import -y vg0/data data --devices disk.img
  quiet python3 - <<'PYTHON'
import ctypes, json
library = ctypes.CDLL("libashlar.so.0")
library.ashlar_read.restype = ctypes.c_int64
library.ashlar_read.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p]
library.ashlar_free.argtypes = [ctypes.c_void_p]
options = (ctypes.c_char_p * 3)(b"--devices", b"disk.img", None)
def read(lv, offset, size):
    buffer, answer = ctypes.create_string_buffer(size), ctypes.c_void_p()
    got = library.ashlar_read(lv, offset, buffer, size, options, ctypes.byref(answer))
    said = json.loads(ctypes.string_at(answer.value)) if answer.value else None
    library.ashlar_free(answer)
    return said["errors"][0]["code"] if got < 0 else buffer.raw[:got]
data = open("data", "rb").read()
assert read(b"vg0/data", 0, 999) == data[:999]
assert read(b"vg0/data", 12345, 700001) == data[12345:712346]
assert read(b"vg0/data", 8388608 - 10, 100) == bytes(10), "the end of the LV"
assert read(b"vg0/data", 1 << 63, 100) == b""
assert read(b"vg0/none", 0, 1) == "not_found", read(b"vg0/none", 0, 1)
assert read(b"data", 0, 1) == "invalid_argument", read(b"data", 0, 1)
PYTHON
}
case_every_answer_is_a_document() {
  truncate -s 64M disk.img
  quiet ashlar vgcreate vg0 disk.img --devices disk.img
  quiet python3 - <<'PYTHON'
import ctypes, json
library = ctypes.CDLL("libashlar.so.0")
library.ashlar_read.restype = ctypes.c_int64
library.ashlar_read.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p]
library.ashlar_free.argtypes = [ctypes.c_void_p]
def asked(call, *text):
    words = (ctypes.c_char_p * (len(text) + 1))(*[t.encode() for t in text], None)
    answer = ctypes.c_void_p()
    status = call(words, ctypes.byref(answer))
    document = json.loads(ctypes.string_at(answer.value))
    library.ashlar_free(answer)
    return status, document
plan = library.ashlar_plan
for words in [("lvcreate", "--help"), ("lvcreate", "--version"), ("--help",), ("--version",)]:
    status, document = asked(plan, *words)
    assert (status == 0) == (document["errors"] == []), (words, status, document)
for words in [("lvs", "--plan"), ("lvs", "--plan=text"), ("lvs",), (), ("help",), ("no-such",), ("lvcreate", "--plan")]:
    status, document = asked(plan, *words)
    assert status != 0 and document["errors"][0]["code"] == "invalid_argument", (words, status, document)
here = ("--devices", "disk.img")
for words in [("lvs", "--json", *here), ("--json", "lvs", *here), ("lvs", *here, "--")]:
    status, document = asked(library.ashlar_run, *words)
    assert status == 0 and document["command"] == "lvs", (words, status, document)
for words in [("--", "vg0"), ("--json", "vg0")]:
    status, document = asked(library.ashlar_list, *here, *words)
    assert status == 0 and "report" in document, (words, status, document)
status, document = asked(plan, "lvcreate", "-l1", "vg0", "--plan=text", *here)
assert status == 0 and document["kind"] == "plan", document
answer = ctypes.c_void_p()
options = (ctypes.c_char_p * 3)(b"--devices", b"disk.img", None)
assert library.ashlar_read(b"vg0/none", 0, None, 512, options, ctypes.byref(answer)) == -1
assert json.loads(ctypes.string_at(answer.value))["errors"][0]["code"] == "invalid_argument"
library.ashlar_free(answer)
assert library.ashlar_read(None, 0, None, 512, None, None) == -1
PYTHON
}
case_cmake_finds_it() {
  mkdir -p project
  cat >project/CMakeLists.txt <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C CXX)
find_package(ashlar 0.1 REQUIRED)
add_executable(c $top/docs/examples/list.c)
target_link_libraries(c PRIVATE ashlar::ashlar)
add_executable(cpp $top/docs/examples/list.cc)
target_link_libraries(cpp PRIVATE ashlar::cpp)
CMAKE
  quiet cmake -G Ninja -S project -B project/build -DCMAKE_PREFIX_PATH="$prefix"
  quiet cmake --build project/build
  truncate -s 64M disk.img
  quiet project/build/c disk.img
  same "vg0/data 5 extents" "$(project/build/cpp disk.img)"
}
case_threads_call_at_once() {
  truncate -s 64M disk{0..7}.img
  quiet python3 - "$top/docs/examples" <<'PYTHON'
import ctypes, json, threading
library = ctypes.CDLL("libashlar.so.0")
library.ashlar_free.argtypes = [ctypes.c_void_p]
failures = []
def run(*text):
    words = (ctypes.c_char_p * (len(text) + 1))(*[t.encode() for t in text], None)
    answer = ctypes.c_void_p()
    status = library.ashlar_run(words, ctypes.byref(answer))
    document = json.loads(ctypes.string_at(answer.value))
    library.ashlar_free(answer)
    if status != 0: failures.append(document)
    return document
def work(i):
    disk = f"disk{i}.img"
    run("vgcreate", f"vg{i}", disk, "--devices", disk)
    for n in range(10): run("lvcreate", "-l1", "-n", f"lv{n}", f"vg{i}", "--devices", disk)
    if run("vgs", "-o", "lv_count", "--devices", disk)["report"][0]["vg"][0]["lv_count"] != 10: failures.append(i)
threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
for t in threads: t.start()
for t in threads: t.join()
assert not failures, failures
PYTHON
}
case_its_reference_is_made_without_a_warning() { (cd "$top" && quiet doxygen docs/Doxyfile) && [ -f "$top/build/reference/html/index.html" ]; }

echo "The library, installed into a folder"
run_case it_installs
run_case it_exports_the_names_of_its_map_and_no_other
run_case a_c_program_makes_an_lv_by_a_plan
run_case a_python_program_lists_and_plans
run_case a_cpp_program_reads_values
run_case an_lv_is_read_through_its_pvs
run_case every_answer_is_a_document
run_case cmake_finds_it
run_case threads_call_at_once
run_case its_reference_is_made_without_a_warning
finish
