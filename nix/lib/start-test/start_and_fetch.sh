# Start a worker of a bundle on loopback, ask it for a page, and end it. Bash alone: there is
# nothing else in the sandbox but the bundle's closure.
# usage: start_and_fetch.sh ASK.SH BUNDLE WORKER PAGE SECONDS http|fastcgi TEXT [NAME=VALUE...]
# shellcheck shell=bash disable=SC2154 # `out` is the derivation's
set -euo pipefail

# shellcheck source=../health/ask.sh
source "$1"
bundle=$2 worker=$3 page=$4 patience=$5 protocol=$6 text=$7
shift 7
log=$NIX_BUILD_TOP/worker.log
result=$out
# A page that nobody named may be missing; one that was named has to be there.
if [ -n "$page$text" ]; then refused=400; else refused=500; fi

for variable in "$@"; do export "${variable?}"; done
export HOME=$NIX_BUILD_TOP HOP3_STATE_DIR=$NIX_BUILD_TOP PORT=8000
unset builder name out system

# Reading what nobody writes is a way to wait.
exec {idle}<> <(:)
wait_a_little() { read -r -t 0.1 -u "$idle" || true; }

is_running() { kill -0 -- "-$pid" 2>/dev/null; }

# With its own process group, so that what it starts ends with it.
set -m
(
  [ ! -e "$bundle/hop3/before-run" ] || "$bundle/hop3/before-run"
  exec "$bundle/bin/$worker"
) >"$log" 2>&1 &
pid=$!
disown "$pid"

answer="" problem=""
until answer=$(ask "$protocol" "${page:-/}" "$text" 2>/dev/null) && is_good "$answer" "$refused"; do
  if ! is_running; then
    problem="it ended before it answered"
    break
  fi
  if [ "$SECONDS" -ge "$patience" ]; then
    problem="no good answer within $patience seconds; the last was: ${answer:-none}"
    break
  fi
  wait_a_little
done

kill -TERM -- "-$pid" 2>/dev/null || true
for ((tries = 0; tries < 50; tries++)); do
  is_running || break
  wait_a_little
done
kill -KILL -- "-$pid" 2>/dev/null || true

line="GET ${page:-/} from $worker: ${problem:-$answer}"
printf '%s\n' "what $worker printed:" "$(<"$log")" "$line"
[ -z "$problem" ] || exit 1
printf '%s\n' "$line" >"$result"
