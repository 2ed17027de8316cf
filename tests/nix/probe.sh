#!/bin/sh
# shellcheck disable=SC2154,SC3043 # variables are those of the derivation; busybox has local
# What a build step may do: a word for everything that it could, which is nothing where all is well.
# It is the builder of a derivation, with busybox in $busybox and nothing else.
try() {
  local what="$1"
  shift
  if "$@" >/dev/null 2>&1; then echo "$what" >>"$out"; fi
}
opens() { true >>"$1"; } # of `:`, which is a special builtin, the shell would end
write() { "$busybox" chmod u+w "$1" && echo changed >>"$1"; }
disks() { [ -n "$("$busybox" find /dev -type b)" ]; }
other_interface() { "$busybox" grep -v -e lo: -e '|' /proc/net/dev; }

: >"$out"
try input write "$victim"
try builder "$busybox" chmod u+w "$busybox"
# The store's directory in the sandbox is one of its own.
"$busybox" touch "/nix/store/made-by-$name"
try database test -e /nix/var/nix/db
try sysctl opens /proc/sys/vm/swappiness
try core-pattern opens /proc/sys/kernel/core_pattern
try sysrq opens /proc/sysrq-trigger
try process kill -0 "$process"
try state-read test -e "$file"
try state-write write "$file"
try network "$busybox" wget -q -T 2 -O /dev/null "$address"
try interface other_interface
try mknod "$busybox" mknod device b 7 0
try disks disks
try mount "$busybox" mount -t tmpfs tmpfs /tmp
try sysfs test -e /sys/kernel
"$busybox" touch setuid
try setuid "$busybox" chmod u+s setuid
"$busybox" cat /proc/self/uid_map >>"$out"
