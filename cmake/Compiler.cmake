# One set of compiler settings for everything we build: C++20, warnings are errors, optional sanitizers, ccache where it is there.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(WHERRY_CCACHE ccache)
if(WHERRY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${WHERRY_CCACHE}")
endif()

# Warnings are errors with the compilers that continuous integration runs; another one may know warnings that nobody here has seen, and
# must not keep a person from building.
set(WHERRY_WERROR OFF)
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13) OR
   (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15))
  set(WHERRY_WERROR ON)
endif()

# Linked by every target of ours, never by generated code.
add_library(wherry_warnings INTERFACE)
target_compile_options(wherry_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wimplicit-fallthrough $<$<BOOL:${WHERRY_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  # GCC 12 and 13 see uninitialised members inside empty std::optional<std::variant<...>> (GCC bug 105562 and its kin), and at
  # -O2 out-of-bounds copies in vectors that were just sized for them (GCC bug 105329 and its kin).
  target_compile_options(wherry_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()

if(WHERRY_SANITIZE)
  add_compile_options(-fsanitize=${WHERRY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WHERRY_SANITIZE})
endif()

# Coverage for libFuzzer, in every library; tests/fuzz links the fuzzer itself.
if(WHERRY_FUZZ AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

option(WHERRY_UNITY "Compile a dozen sources of the engine at a time: half the time of building all of it, more after a small change" OFF)
function(wherry_unity TARGET)
  if(WHERRY_UNITY)
    set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    # GCC takes a source for a header where it is one of a dozen.
    target_compile_options(${TARGET} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()
