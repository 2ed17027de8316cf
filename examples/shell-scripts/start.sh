#!/bin/bash
# Write the page of this start, then serve it.
set -eu

site=$HOP3_STATE_DIR/site
mkdir -p "$site"
printf 'Hello from a script of %s.\n' "$(basename "$BASH")" >"$site/index.html"
exec python3 -m http.server "$PORT" --bind "${BIND_ADDRESS:-0.0.0.0}" --directory "$site"
