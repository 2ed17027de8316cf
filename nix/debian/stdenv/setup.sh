# The build environment and its phases, with the names that nixpkgs gives them: a small subset,
# enough for nix/lib and for expressions that keep to it.
# shellcheck shell=bash disable=SC2154 # many variables are the derivation's
set -eu -o pipefail
shopt -s nullglob

export HOME=/homeless-shelter TZ=UTC SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-315532800}"
export CONFIG_SHELL="$SHELL" NIX_BUILD_CORES="${NIX_BUILD_CORES:-1}"
umask 022
if [ "$NIX_BUILD_CORES" -le 0 ]; then
  NIX_BUILD_CORES="$(nproc)"
fi
: "${outputs:=out}" "${prefix:=${out:-}}"

# What the setup hooks of packages add to; runHook reads them by name.
# shellcheck disable=SC2034
preConfigureHooks=() preBuildHooks=() preFixupHooks=() postFixupHooks=()

# Run NAMEHooks and then NAME, a function or the text of a variable.
runHook() {
  local name="$1" hook
  local -n hooks="${name}Hooks"
  if [ -n "${hooks[*]-}" ]; then
    for hook in "${hooks[@]}"; do
      _eval "$hook"
    done
  fi
  _eval "$name"
}

_eval() {
  if declare -F "$1" >/dev/null; then
    "$1"
  elif [ -n "${!1-}" ]; then
    eval "${!1}"
  fi
}

addToSearchPath() {
  if [ -d "$2" ]; then
    export "$1=${!1:+${!1}:}$2"
  fi
}

# _use PACKAGE KIND: one package's contribution, and those of what it propagates, each once.
# KIND is program (found on PATH) or library (linked, and compiled against).
_used=" "
_use() {
  local package="$1" kind="$2" folder name libraries
  case "$_used" in *" $package:$kind "*) return ;; esac
  _used+="$package:$kind "
  addToSearchPath PATH "$package/bin"
  if [ "$kind" != program ]; then
    for folder in "$package/lib" "$package/$libdir"; do
      libraries=("$folder"/*.so* "$folder"/*.a)
      if [ "${#libraries[@]}" -gt 0 ]; then
        export NIX_LDFLAGS="${NIX_LDFLAGS-} -L$folder"
      fi
      addToSearchPath PKG_CONFIG_PATH "$folder/pkgconfig"
    done
    addToSearchPath PKG_CONFIG_PATH "$package/share/pkgconfig"
    # What differs from system to system has a folder of its own, as libraries have.
    for folder in "$package/include" "$package/include/${libdir##*/}"; do
      if [ -d "$folder" ]; then
        export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-} -isystem $folder"
      fi
    done
  fi
  if [ -f "$package/nix-support/setup-hook" ]; then
    # shellcheck source=/dev/null
    source "$package/nix-support/setup-hook"
  fi
  if [ -f "$package/nix-support/propagated-build-inputs" ]; then
    for name in $(<"$package/nix-support/propagated-build-inputs"); do
      _use "$name" "$kind"
    done
  fi
}

substitute() {
  local input="$1" output="$2" text
  shift 2
  text="$(cat "$input" && printf _)"
  text="${text%_}"
  while [ $# -gt 0 ]; do
    case "$1" in
      --replace | --replace-warn | --replace-quiet) text="${text//"$2"/"$3"}" && shift 3 ;;
      --replace-fail)
        case "$text" in *"$2"*) ;; *) echo "substitute: $input: no '$2'" >&2 && return 1 ;; esac
        text="${text//"$2"/"$3"}"
        shift 3
        ;;
      --subst-var) text="${text//"@$2@"/"${!2}"}" && shift 2 ;;
      --subst-var-by) text="${text//"@$2@"/"$3"}" && shift 3 ;;
      *) echo "substitute: what is $1?" >&2 && return 1 ;;
    esac
  done
  printf '%s' "$text" >"$output"
}

substituteInPlace() {
  local files=() file
  while [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; do
    files+=("$1")
    shift
  done
  for file in "${files[@]}"; do
    substitute "$file" "$file" "$@"
  done
}

# Point the `#!` lines of programs under the given directories at what is on PATH.
patchShebangs() {
  local file line words program
  while IFS= read -r -d '' file; do
    IFS= read -r line <"$file" 2>/dev/null || true
    line="${line//$'\0'/}"
    case "$line" in '#!'*) ;; *) continue ;; esac
    read -r -a words <<<"${line#\#!}"
    case "${words[0]-}" in "" | "$NIX_STORE"/*) continue ;; esac
    if [ "${words[0]##*/}" = env ]; then
      words=("${words[@]:1}")
      if [ "${words[0]-}" = -S ]; then
        words=("${words[@]:1}")
      fi
    fi
    program="$(PATH="${HOST_PATH:-$PATH}" type -P "${words[0]##*/}")" || continue
    words[0]="$program"
    sed -i "1c\\
#!${words[*]}" "$file"
  done < <(find "$@" -type f -perm -0100 -print0 2>/dev/null)
}

# makeWrapper PROGRAM WRAPPER [--set NAME VALUE | --set-default NAME VALUE | --unset NAME |
#   --prefix NAME SEPARATOR VALUE | --suffix NAME SEPARATOR VALUE | --add-flags TEXT | --run TEXT]
# shellcheck disable=SC2016 # what is printed is a script
makeWrapper() {
  local program="$1" wrapper="$2" flags=""
  shift 2
  mkdir -p "$(dirname "$wrapper")"
  {
    echo "#!$SHELL -e"
    while [ $# -gt 0 ]; do
      case "$1" in
        --set) printf 'export %s=%q\n' "$2" "$3" && shift 3 ;;
        --set-default) printf '[ -n "${%s+set}" ] || export %s=%q\n' "$2" "$2" "$3" && shift 3 ;;
        --unset) printf 'unset %s\n' "$2" && shift 2 ;;
        --prefix) printf 'export %s=%q"${%s:+%s$%s}"\n' "$2" "$4" "$2" "$3" "$2" && shift 4 ;;
        --suffix) printf 'export %s="${%s:+$%s%s}"%q\n' "$2" "$2" "$2" "$3" "$4" && shift 4 ;;
        --add-flags) flags+=" $2" && shift 2 ;;
        --run) printf '%s\n' "$2" && shift 2 ;;
        *) echo "makeWrapper: what is $1?" >&2 && return 1 ;;
      esac
    done
    printf 'exec %q%s "$@"\n' "$program" "$flags"
  } >"$wrapper"
  chmod +x "$wrapper"
}

wrapProgram() {
  local program="$1" hidden
  hidden="$(dirname "$program")/.$(basename "$program")-wrapped"
  mv "$program" "$hidden"
  makeWrapper "$hidden" "$@"
}

unpackFile() {
  if [ -d "$1" ]; then
    local name
    name="$(basename "$1")"
    name="${name#*-}"
    cp -r "$1" "./$name"
    chmod -R u+w "./$name"
    return
  fi
  case "$1" in
    *.zip | *.whl) unzip -q "$1" ;;
    *) tar --no-same-owner -xf "$1" ;;
  esac
}

unpackPhase() {
  runHook preUnpack
  local before folder source
  before=" $(echo ./*/) "
  for source in ${srcs:-${src:-}}; do
    unpackFile "$source"
  done
  if [ -z "${sourceRoot-}" ]; then
    for folder in ./*/; do
      case "$before" in *" $folder "*) ;; *) sourceRoot="$folder" ;; esac
    done
  fi
  runHook postUnpack
}

patchPhase() {
  runHook prePatch
  local patch
  for patch in ${patches-}; do
    patch -p1 <"$patch"
  done
  runHook postPatch
}

configurePhase() {
  runHook preConfigure
  if [ -x ./configure ]; then
    # shellcheck disable=SC2086 # flags are words
    ./configure --prefix="$prefix" ${configureFlags-}
  fi
  runHook postConfigure
}

buildPhase() {
  runHook preBuild
  if [ -f Makefile ] || [ -f makefile ] || [ -f GNUmakefile ]; then
    # shellcheck disable=SC2086
    make -j"$NIX_BUILD_CORES" SHELL="$SHELL" ${makeFlags-} ${buildFlags-}
  fi
  runHook postBuild
}

checkPhase() {
  runHook preCheck
  # shellcheck disable=SC2086
  make ${makeFlags-} ${checkTarget:-check}
  runHook postCheck
}

installPhase() {
  runHook preInstall
  if [ -f Makefile ] || [ -f makefile ] || [ -f GNUmakefile ]; then
    # shellcheck disable=SC2086
    make PREFIX="$prefix" prefix="$prefix" ${makeFlags-} ${installFlags-} "${installTargets:-install}"
  fi
  runHook postInstall
}

fixupPhase() {
  runHook preFixup
  local output
  for output in $outputs; do
    if [ -d "${!output}" ] && [ -z "${dontPatchShebangs-}" ]; then
      patchShebangs "${!output}"
    fi
  done
  if [ -n "${propagatedBuildInputs-}" ]; then
    mkdir -p "$out/nix-support"
    echo "$propagatedBuildInputs" >"$out/nix-support/propagated-build-inputs"
  fi
  if [ -n "${setupHook-}" ]; then
    mkdir -p "$out/nix-support"
    substitute "$setupHook" "$out/nix-support/setup-hook"
  fi
  runHook postFixup
}

runPhase() {
  local phase="$1"
  printf '@nix { "action": "setPhase", "phase": "%s" }\n' "$phase" >&2
  echo "Running phase: $phase"
  # The text of the attribute goes before the function of the same name.
  if [ -n "${!phase-}" ]; then
    eval "${!phase}"
  else
    "$phase"
  fi
  if [ "$phase" = unpackPhase ] && [ -n "${sourceRoot-}" ]; then
    cd "$sourceRoot"
  fi
}

genericBuild() {
  local phase
  if [ -n "${buildCommandPath-}" ]; then
    # shellcheck source=/dev/null
    source "$buildCommandPath"
    return
  fi
  if [ -n "${buildCommand-}" ]; then
    eval "$buildCommand"
    return
  fi
  for phase in ${phases:-${prePhases-} unpackPhase patchPhase ${preConfigurePhases-} \
    configurePhase ${preBuildPhases-} buildPhase checkPhase ${preInstallPhases-} installPhase \
    ${preFixupPhases-} fixupPhase ${postPhases-}}; do
    case "$phase" in
      unpackPhase) [ -z "${dontUnpack-}" ] || continue ;;
      patchPhase) [ -z "${dontPatch-}" ] || continue ;;
      configurePhase) [ -z "${dontConfigure-}" ] || continue ;;
      buildPhase) [ -z "${dontBuild-}" ] || continue ;;
      checkPhase) [ -n "${doCheck-}" ] || continue ;;
      installPhase) [ -z "${dontInstall-}" ] || continue ;;
      fixupPhase) [ -z "${dontFixup-}" ] || continue ;;
    esac
    runPhase "$phase"
  done
}

# shellcheck disable=SC2123 # the packages are all there is on it
PATH=""
for package in ${nativeBuildInputs-} ${propagatedNativeBuildInputs-}; do
  _use "$package" program
done
for package in ${buildInputs-} ${propagatedBuildInputs-}; do
  _use "$package" library
done
for package in ${headerInputs-}; do
  _use "$package" library
done
for package in $initialPath; do
  addToSearchPath PATH "$package/bin"
done
unset package

# nix-shell goes on from here, with what it expects of nixpkgs' file of this name.
if [ -n "${IN_NIX_SHELL-}" ]; then
  set +eu +o pipefail
  shopt -u nullglob
fi
