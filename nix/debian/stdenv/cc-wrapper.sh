# @program@ with the store's headers and libraries, and a result that finds them at run time.
# shellcheck shell=bash disable=SC2206 # the NIX_ variables are lists of words
set -u
: "${NIX_STORE:=/nix/store}"

links=yes shared=no inputs=no libraries=() folders=() found=()
for argument in "$@"; do
  case "$argument" in
    -c | -S | -E | -M | -MM | -fsyntax-only | -xc-header | -xc++-header) links=no ;;
    -shared | -static | -nostdlib | -r) shared=yes ;;
    -) inputs=yes ;;
    -l?*) libraries+=("lib${argument#-l}.so") ;;
    -L/*) folders+=("${argument#-L}") ;;
    -*) ;;
    *)
      inputs=yes
      case "$argument" in "$NIX_STORE"/*.so | "$NIX_STORE"/*.so.*) found+=("$argument") ;; esac
      ;;
  esac
done

before=("--sysroot=@sysroot@" "-B@sysroot@/bin/")
after=(${NIX_CFLAGS_COMPILE-})
if [ "$links" = yes ] && [ "$inputs" = yes ]; then
  after+=(${NIX_LDFLAGS-} "-Wl,-dynamic-linker,@loader@" "-Wl,--disable-new-dtags")
  for folder in ${NIX_LDFLAGS-}; do
    folders+=("${folder#-L}")
  done
  # The linker takes -rpath as below the sysroot when it looks for what libraries need.
  for folder in ${folders[@]+"${folders[@]}"}; do
    after+=("-Wl,-rpath-link,$folder")
  done
  # The result refers to what it is linked with, where that is itself: the directory that it is
  # linked by has headers beside it.
  for library in ${libraries[@]+"${libraries[@]}"}; do
    for folder in ${folders[@]+"${folders[@]}"}; do
      if [ -e "$folder/$library" ]; then
        found+=("$folder/$library")
        break
      fi
    done
  done
  for library in ${found[@]+"${found[@]}"}; do
    library="$(@coreutils@/bin/readlink -f "$library")"
    case "$library" in
      @sysroot@/*) ;;
      "$NIX_STORE"/*) after+=("-Wl,-rpath,${library%/*}") ;;
    esac
  done
  # What is loaded into a process uses that process's C library.
  if [ "$shared" = no ]; then
    after+=("-Wl,-rpath,@stdcxx@" "-Wl,-rpath,@glibc@")
  fi
fi
exec "@sysroot@/bin/@program@" "${before[@]}" "$@" ${after[@]+"${after[@]}"}
