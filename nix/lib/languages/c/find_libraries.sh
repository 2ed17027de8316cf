# To be sourced: let CMake find the headers and libraries that the compiler is told of.
# shellcheck shell=bash

find_libraries() {
  local word folder
  for word in ${NIX_LDFLAGS-}; do
    case "$word" in
      -L*)
        folder=${word#-L}
        CMAKE_LIBRARY_PATH=${CMAKE_LIBRARY_PATH:+$CMAKE_LIBRARY_PATH:}$folder
        # Packages describe themselves below it: PREFIX/lib/cmake, PREFIX/lib/TRIPLE/cmake.
        CMAKE_PREFIX_PATH=${CMAKE_PREFIX_PATH:+$CMAKE_PREFIX_PATH:}${folder%/lib*}
        ;;
    esac
  done
  folder=
  for word in ${NIX_CFLAGS_COMPILE-}; do
    [ "$folder" != -isystem ] || CMAKE_INCLUDE_PATH=${CMAKE_INCLUDE_PATH:+$CMAKE_INCLUDE_PATH:}$word
    folder=$word
  done
  export CMAKE_INCLUDE_PATH=${CMAKE_INCLUDE_PATH-} CMAKE_LIBRARY_PATH=${CMAKE_LIBRARY_PATH-}
  export CMAKE_PREFIX_PATH=${CMAKE_PREFIX_PATH-}
}
find_libraries
