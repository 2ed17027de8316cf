# Run by the seed's busybox: unpack $debs into $out, one merged tree as nixpkgs lays it out
# ($out/bin, $out/lib, $out/share), then hand over to relocate.py unless there is no $tools yet.
# shellcheck shell=sh disable=SC2154 # the variables are the derivation's
set -eu

"$seed/bin/busybox" mkdir "$NIX_BUILD_TOP/applets"
"$seed/bin/busybox" --install -s "$NIX_BUILD_TOP/applets"
export PATH="$NIX_BUILD_TOP/applets"

mkdir -p "$out/bin"
ln -s . "$out/usr"
ln -s bin "$out/sbin"
for deb in $debs; do
  dpkg-deb -x "$deb" "$out"
done
chmod -R u+w "$out"

if [ -n "$tools" ]; then
  export PYTHONHOME="$tools"
  "$tools/$loader" --library-path "$tools/$libdir" \
    "$tools/bin/python3.11" -B -S "$scripts/relocate.py"
  unset PYTHONHOME
fi

if [ -n "$python" ]; then
  # The store is read-only and its files have no time: compile now, for good. Without -B the
  # interpreter would keep what it imports for that in its own way, with the time.
  PYTHONHASHSEED=0 "$out/bin/$python" -B -m compileall -q --invalidation-mode unchecked-hash \
    "$out/lib/$python"
fi
