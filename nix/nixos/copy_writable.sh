# Make the directories that an app writes to, with what the build has in them, unless they are there:
# each is whole or not there. `hop3_nix.deploy.writable` runs it as well.
# PROGRAMS is a PATH, the one that is there if it is empty.
# usage: copy_writable.sh PROGRAMS KEPT PLACE [KEPT PLACE...]
# shellcheck shell=sh
set -eu
PATH=${1:-$PATH}
shift
while [ $# -gt 0 ]; do
  if ! [ -e "$1" ]; then
    rm -rf "$1.partial"
    mkdir -p "$(dirname "$1")"
    cp -R -P -p "$2" "$1.partial"
    chmod -R u+w "$1.partial"
    mv "$1.partial" "$1"
  fi
  shift 2
done
