# @program@ with the store's headers and libraries, and a result that finds them at run time.
# shellcheck shell=bash disable=SC2206 # the NIX_ variables are lists of words
set -u

links=yes shared=no inputs=no
for argument in "$@"; do
  case "$argument" in
    -c | -S | -E | -M | -MM | -fsyntax-only | -xc-header | -xc++-header) links=no ;;
    -shared | -static | -nostdlib | -r) shared=yes ;;
    -) inputs=yes ;;
    -*) ;;
    *) inputs=yes ;;
  esac
done

before=("--sysroot=@sysroot@" "-B@sysroot@/bin/")
after=(${NIX_CFLAGS_COMPILE-})
if [ "$links" = yes ] && [ "$inputs" = yes ]; then
  after+=(${NIX_LDFLAGS-} "-Wl,-dynamic-linker,@loader@" "-Wl,--disable-new-dtags")
  # The linker takes -rpath as below the sysroot when it looks for what libraries need.
  for folder in ${NIX_RPATHS-}; do
    after+=("-Wl,-rpath,$folder" "-Wl,-rpath-link,$folder")
  done
  # What is loaded into a process uses that process's C library.
  if [ "$shared" = no ]; then
    after+=("-Wl,-rpath,@stdcxx@" "-Wl,-rpath,@glibc@")
  fi
fi
exec "@sysroot@/bin/@program@" "${before[@]}" "$@" ${after[@]+"${after[@]}"}
