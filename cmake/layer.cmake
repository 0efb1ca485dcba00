# SPDX-License-Identifier: LGPL-2.1-or-later

# ashlar_layer(NAME [DEPS layer...] [LIBS target...]): all of src/NAME as an object library ashlar_NAME.
function(ashlar_layer name)
  cmake_parse_arguments(arg "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  add_library(ashlar_${name} OBJECT ${sources})
  set_target_properties(ashlar_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(ashlar_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  # Of a debug build the library is what runs long (every crash point, every input of a fuzz target); tests are quicker to
  # compile than they are worth optimising.
  target_compile_options(ashlar_${name} PRIVATE $<$<CONFIG:Debug>:-O2>)
  target_link_libraries(ashlar_${name} PUBLIC ${arg_LIBS})
  if(ASHLAR_UNITY)
    # GCC takes a type of a file's own for one of a header's when the file is included.
    set_target_properties(ashlar_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 14)
    target_compile_options(ashlar_${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  if(ASHLAR_PRECOMPILED)
    target_precompile_headers(ashlar_${name} PRIVATE <algorithm> <functional> <map> <memory> <optional> <span> <string>
                              <string_view> <unordered_map> <variant> <vector> <fmt/format.h>)
  endif()
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(ashlar_${name} PUBLIC ashlar_${dep})
  endforeach()
endfunction()

# ashlar_test(NAME [LABEL label] [TIMEOUT s] [SHARDS n]): all of tests/NAME/*_test.cc as one program test_NAME, whose
# tests are dealt out to so many runs of it.
function(ashlar_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT;SHARDS" "" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*_test.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE ashlar_test_support)
  # Of what library and tests both have, such as the code of templates, the linker takes the first: the library's, optimised.
  target_link_options(test_${name} BEFORE PRIVATE LINKER:--whole-archive $<TARGET_FILE:libashlar> LINKER:--no-whole-archive)
  if(ASHLAR_PRECOMPILED)
    target_precompile_headers(test_${name} REUSE_FROM ashlar_test_support)
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(NOT arg_SHARDS)
    set(arg_SHARDS 1)
  endif()
  # Of millions of allocations in as many states, the stack of each is a quarter of the time. Stories that are drawn are half as
  # many as by themselves, and in tools/soak; a seed that the environment gives stays.
  set(many "")
  set(stories "")
  if(arg_LABEL STREQUAL states)
    set(many ";ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=4")
    set(stories "RC_PARAMS=string_append: max_success=50")
  endif()
  foreach(shard RANGE 1 ${arg_SHARDS})
    set(run ${name})
    if(arg_SHARDS GREATER 1)
      set(run ${name}_${shard})
    endif()
    math(EXPR index "${shard} - 1")
    add_test(NAME ${run} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${run} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} COST ${arg_TIMEOUT}
                         ENVIRONMENT "GTEST_TOTAL_SHARDS=${arg_SHARDS};GTEST_SHARD_INDEX=${index}${many}"
                         ENVIRONMENT_MODIFICATION "${stories}")
  endforeach()
endfunction()
