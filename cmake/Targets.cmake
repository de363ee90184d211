# The three kinds of target there are. Each has our warnings and sanitizers, privately.

# muster_library(name SOURCES ... [LINK ...]): a layer, with the alias muster::name.
function(muster_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(muster_${name} STATIC ${ARG_SOURCES})
  add_library(muster::${name} ALIAS muster_${name})
  target_include_directories(muster_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(muster_${name}
    PUBLIC ${ARG_LINK} PRIVATE muster_warnings muster_sanitizers)
  muster_precompile(muster_${name} muster_headers)
endfunction()

# muster_program(name SOURCES ... [LINK ...] [OUTPUT_DIRECTORY dir]): an executable, installed where it is
# in the build tree.
function(muster_program name)
  cmake_parse_arguments(ARG "" "OUTPUT_DIRECTORY" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} muster_warnings muster_sanitizers)
  target_link_options(${name} PRIVATE LINKER:--as-needed LINKER:--gc-sections)
  if(ARG_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${ARG_OUTPUT_DIRECTORY})
  else()
    set(ARG_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  endif()
  file(RELATIVE_PATH installed ${PROJECT_BINARY_DIR} ${ARG_OUTPUT_DIRECTORY})
  install(TARGETS ${name} RUNTIME DESTINATION ${installed})
endfunction()

# Builds what the sanitizers run: the tests with the label `unit`.
add_custom_target(unit_tests)

# muster_test(name SOURCES ... [LINK ...] [LABELS ...]): a GoogleTest program, one ctest case a test.
function(muster_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  if("unit" IN_LIST ARG_LABELS)
    add_dependencies(unit_tests ${name})
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main
    muster_warnings muster_sanitizers)
  target_compile_definitions(${name} PRIVATE
    MUSTER_SOURCE_DIRECTORY="${PROJECT_SOURCE_DIR}"
    MUSTER_BUILD_DIRECTORY="${PROJECT_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  muster_precompile(${name} muster_test_headers)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 300)
endfunction()
