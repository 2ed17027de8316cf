# rustc, which leaves no path of a build in what it makes. Said here and not in RUSTFLAGS, which would
# hide those of the application.
# shellcheck shell=bash
exec "@rustc@" "$@" "--remap-path-prefix=${HOP3_CRATES:-/none}=/crates" \
  "--remap-path-prefix=$HOP3_TREE=." "--remap-path-prefix=$CARGO_TARGET_DIR=./target"
