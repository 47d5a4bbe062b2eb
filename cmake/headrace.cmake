# One library per folder. `headrace_folder(text DEPENDS base)` makes the library
# headrace_text from every *.cc of the folder that is not a test, and the test program
# text_test from every *_test.cc.

add_library(headrace_options INTERFACE)
target_include_directories(headrace_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
# Contraction stays off: results must have the same bits for every vector width and back end.
# g++ 12 sees overlaps in plain string assignments that are not there: no -Wrestrict.
target_compile_options(headrace_options INTERFACE -Wall -Wextra -Werror -Wno-restrict -ffp-contract=off)
target_compile_definitions(headrace_options INTERFACE
  HEADRACE_VERSION="${PROJECT_VERSION}" HEADRACE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_link_libraries(headrace_options INTERFACE fmt::fmt Threads::Threads)
if(HEADRACE_SANITIZE)
  target_compile_options(headrace_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(headrace_options INTERFACE -fsanitize=address,undefined)
endif()

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
  else()
    add_library(headrace_${name} INTERFACE)
    target_link_libraries(headrace_${name} INTERFACE headrace_options ${ARG_DEPENDS} ${ARG_LIBRARIES})
  endif()
  if(tests AND BUILD_TESTING)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE headrace_${name} GTest::gtest_main GTest::gmock)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
