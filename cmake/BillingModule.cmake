# billing_module(name SOURCES a.cc… USES modules… PRIVATE libraries…)
#
# One library per folder. SOURCES are listed by hand. USES names other modules of ours that this one may include.
# PRIVATE names third-party libraries: they are linked privately, so their headers cannot show in a public header
# that another folder includes.
function(billing_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_USES} PRIVATE ${ARG_PRIVATE} Threads::Threads)
endfunction()

# billing_test(name SOURCES a_test.cc… USES modules… PRIVATE libraries… PRECOMPILE header)
#
# One GoogleTest binary per module; every test in it is a test of ctest. PRECOMPILE names the header that most of its files
# begin with: it is compiled once.
function(billing_test name)
  cmake_parse_arguments(ARG "" "PRECOMPILE" "SOURCES;USES;PRIVATE" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  target_precompile_headers(${name} PRIVATE <gtest/gtest.h>)
  if(ARG_PRECOMPILE)
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/${ARG_PRECOMPILE})
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_USES} ${ARG_PRIVATE} GTest::gtest GTest::gmock GTest::gtest_main
                                        Threads::Threads)
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
