# Give the programs and libraries of a run time, argument 1, their $loader and the directories $search.
# shellcheck shell=bash disable=SC2154 # the variables are set by whoever calls it
set -euo pipefail

runtime=$1
# Neither has its library in the set: smart cards and sound.
rm -f "$runtime/lib/libj2pcsc.so" "$runtime/lib/libjsound.so"
find "$runtime" -type f | sort | while read -r file; do
  magic=$(head -c 4 "$file" | tr -d '\0')
  [ "$magic" = $'\x7fELF' ] || continue
  chmod u+w "$file"
  lib=$(realpath -m --relative-to="$(dirname "$file")" "$runtime/lib")
  arguments=(--force-rpath --set-rpath "\$ORIGIN/$lib:\$ORIGIN/$lib/server:$search")
  if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
    arguments+=(--set-interpreter "$loader")
  fi
  patchelf "${arguments[@]}" "$file"
done
