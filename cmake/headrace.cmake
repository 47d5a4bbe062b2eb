# One library per folder. `headrace_folder(text DEPENDS base)` makes the library
# headrace_text from every *.cc of the folder that is not a test, and the test program
# text_test from every *_test.cc.

add_library(headrace_options INTERFACE)
target_include_directories(headrace_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
# Contraction stays off: results must have the same bits for every vector width and back end.
# The vector types in the headers make GCC talk about its ABI of 2011: no -Wpsabi.
# g++ 12 sees overlaps and overruns in plain string assignments that are not there.
target_compile_options(headrace_options INTERFACE -Wall -Wextra -Werror -Wno-psabi -Wno-restrict
  -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -ffp-contract=off)
target_compile_definitions(headrace_options INTERFACE HEADRACE_VERSION="${PROJECT_VERSION}")
target_link_libraries(headrace_options INTERFACE fmt::fmt Threads::Threads)
if(HEADRACE_SANITIZE)
  target_compile_options(headrace_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(headrace_options INTERFACE -fsanitize=address,undefined)
endif()
if(HEADRACE_FUZZ)
  # Warnings are the other compiler's: what matters here is what runs.
  target_compile_options(headrace_options INTERFACE -w
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(headrace_options INTERFACE -fsanitize=address,undefined)
endif()

# The headers that nearly every file includes are read once, for libraries and for tests.
foreach(kind common test)
  file(WRITE ${CMAKE_BINARY_DIR}/${kind}_headers.cc "")
  add_library(headrace_${kind}_headers OBJECT ${CMAKE_BINARY_DIR}/${kind}_headers.cc)
  target_link_libraries(headrace_${kind}_headers PRIVATE headrace_options)
endforeach()
set(common_headers <algorithm> <cmath> <cstdint> <expected> <functional> <map> <memory> <optional>
  <span> <string> <string_view> <variant> <vector> <fmt/format.h> <fmt/ranges.h>)
target_precompile_headers(headrace_common_headers PRIVATE ${common_headers})
target_precompile_headers(headrace_test_headers PRIVATE ${common_headers} <gtest/gtest.h> <gmock/gmock.h>)
target_link_libraries(headrace_test_headers PRIVATE GTest::gtest GTest::gmock)
# As the compiler has it by default, for both, or the headers would not fit the programs.
set_target_properties(headrace_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF)

function(headrace_folder name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ARG_DEPENDS PREPEND headrace_)
  if(sources)
    add_library(headrace_${name} STATIC ${sources})
    target_link_libraries(headrace_${name} PUBLIC headrace_options ${ARG_DEPENDS} ${ARG_LIBRARIES})
    target_precompile_headers(headrace_${name} REUSE_FROM headrace_common_headers)
  else()
    add_library(headrace_${name} INTERFACE)
    target_link_libraries(headrace_${name} INTERFACE headrace_options ${ARG_DEPENDS} ${ARG_LIBRARIES})
  endif()
  if(tests AND BUILD_TESTING)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE headrace_${name} GTest::gtest_main GTest::gmock)
    set_target_properties(${name}_test PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_precompile_headers(${name}_test REUSE_FROM headrace_test_headers)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
