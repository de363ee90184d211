# Headers that nearly every file reads, compiled once for all libraries and once for all tests: with them a
# cold build takes less than half as long. Only in the presets of the tests. A file still includes all
# it needs: releases and clang-tidy compile without.
option(MUSTER_PRECOMPILE "Compile what nearly every file includes once for all" OFF)

# Otherwise ccache takes every compilation that uses them for one that cannot be cached.
if(MUSTER_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

set(muster_precompiled
  <algorithm> <array> <chrono> <filesystem> <functional> <iostream> <map> <memory> <optional> <set> <span>
  <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
  <fmt/chrono.h> <fmt/format.h>
  <google/protobuf/any.pb.h> <google/protobuf/duration.pb.h> <google/protobuf/message.h>
  <google/protobuf/timestamp.pb.h>)

# A target whose only purpose is to own the headers: others reuse them, so they must be compiled with the
# same options and see the same definitions.
function(muster_add_precompiled name)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp "")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE fmt::fmt muster_warnings muster_sanitizers)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

# muster_precompile(target owner): lets the target use what the owner compiled.
function(muster_precompile target owner)
  if(MUSTER_PRECOMPILE)
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

if(MUSTER_PRECOMPILE)
  muster_add_precompiled(muster_headers ${muster_precompiled})
  if(MUSTER_BUILD_TESTS)
    muster_add_precompiled(muster_test_headers ${muster_precompiled} <gmock/gmock.h> <gtest/gtest.h>)
    target_link_libraries(muster_test_headers PRIVATE GTest::gmock)
    # Tests are programs.
    set_target_properties(muster_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(muster_test_headers PRIVATE -fPIE)
  endif()
endif()
