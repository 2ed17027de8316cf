#!/bin/bash
# Write a page, then serve it.
set -eu

site=$HOP3_STATE_DIR/site
mkdir -p "$site"
echo "Hello from a shell script" >"$site/index.html"
exec python3 -m http.server "$PORT" --bind "${BIND_ADDRESS:-0.0.0.0}" --directory "$site"
