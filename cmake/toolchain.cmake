# SPDX-License-Identifier: LGPL-2.1-or-later
# Packages, warnings and hardening that every target shares.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(BLKID REQUIRED IMPORTED_TARGET blkid)
pkg_check_modules(DEVMAPPER REQUIRED IMPORTED_TARGET devmapper)
pkg_check_modules(URING REQUIRED IMPORTED_TARGET liburing)
# Small and stable libraries are linked in where the system has them so: loading each costs a short command more than
# using it; a shared library (ASHLAR_DYNAMIC) cannot take them in. libdevmapper is never: it must fit the system's udev rules.
foreach(library IN ITEMS DEFLATE:deflate BLKID:blkid URING:uring)
  string(REGEX REPLACE "(.*):(.*)" "\\1;\\2" pair ${library})
  list(GET pair 0 target)
  list(GET pair 1 name)
  find_library(${target}_ARCHIVE lib${name}.a)
  if(${target}_ARCHIVE)
    set_target_properties(PkgConfig::${target} PROPERTIES INTERFACE_LINK_LIBRARIES
      "$<IF:$<BOOL:$<TARGET_PROPERTY:ASHLAR_DYNAMIC>>,${name},${${target}_ARCHIVE}>")
  endif()
endforeach()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
# Reading the library's headers once a target saves a third of a first build; ccache does that better from the second on.
# The release build has none, so a missing include is found.
if(NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  set(ASHLAR_PRECOMPILED ON)
endif()
# For the same reason a first build compiles the files of a layer by the dozen, in half the time. What a file keeps to itself
# in an unnamed namespace therefore needs a name that no other file of its layer gives to something of its own.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  option(ASHLAR_UNITY "Compile many files of a layer as one" OFF)
else()
  option(ASHLAR_UNITY "Compile many files of a layer as one" ON)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
                    -Wno-missing-field-initializers -fstack-protector-strong)
# GCC 12 sees overlaps in std::string, and unset members and freed ones in std::variant, that are not there (GCC bugs
# 105651, 105562, 108088).
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
                    $<$<CXX_COMPILER_ID:GNU>:-Wno-free-nonheap-object>)
add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)

if(ASHLAR_SANITIZE)
  # What a null pointer is used for the address sanitizer sees too; disks' bytes are read by copying them (base/bytes.h). To
  # ask at every dereference is a fifth of all tests' time.
  add_compile_options(-fsanitize=${ASHLAR_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=null,alignment,vptr -fno-omit-frame-pointer
                      -D_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${ASHLAR_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS)
endif()
