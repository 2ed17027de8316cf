# Setup hook: give every program and library under the outputs its dynamic linker and the
# directories of what it needs, taken from the outputs, buildInputs and the C libraries.
# shellcheck shell=bash disable=SC2154

autoPatchelf() {
  local file needed library folder search missing=""
  local -a folders=()
  while IFS= read -r -d '' file; do
    folders+=("${file%/*}")
  done < <(find "$@" -name '*.so*' -type f -print0 | sort -z)
  for folder in ${NIX_LDFLAGS-}; do
    folders+=("${folder#-L}")
  done
  folders+=("@stdcxx@" "@glibc@")

  while IFS= read -r -d '' file; do
    needed="$(patchelf --print-needed "$file" 2>/dev/null)" || continue
    if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
      patchelf --set-interpreter "@loader@" "$file"
    fi
    # shellcheck disable=SC2016 # for the dynamic linker to expand
    search="$(patchelf --print-rpath "$file" | tr ':' '\n' | grep -F '$ORIGIN' || true)"
    for library in $needed; do
      for folder in "${folders[@]}" ""; do
        if [ -z "$folder" ]; then
          missing+="$file needs $library"$'\n'
        elif [ -e "$folder/$library" ]; then
          search+=$'\n'"$folder"
          break
        fi
      done
    done
    search="$(printf '%s\n' "$search" | awk 'NF && !seen[$0]++' | tr '\n' ':')"
    patchelf --force-rpath --set-rpath "${search%:}" "$file"
  done < <(find "$@" -type f \( -perm -0100 -o -name '*.so*' \) -print0 | sort -z)

  if [ -n "$missing" ] && [ "${autoPatchelfIgnoreMissingDeps:-}" != "*" ]; then
    printf 'auto-patchelf: no input has what is needed:\n%s' "$missing" >&2
    return 1
  fi
}

_autoPatchelfOutputs() {
  local output
  for output in $outputs; do
    if [ -d "${!output}" ] && [ -z "${dontAutoPatchelf-}" ]; then
      autoPatchelf "${!output}"
    fi
  done
}
postFixupHooks+=(_autoPatchelfOutputs)
