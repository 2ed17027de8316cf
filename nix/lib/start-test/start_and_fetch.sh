# Start a worker of a bundle on loopback, ask it for a page, and end it. Bash alone: there is
# nothing else in the sandbox but the bundle's closure.
# usage: start_and_fetch.sh BUNDLE WORKER PAGE SECONDS http|fastcgi [NAME=VALUE...]
# shellcheck shell=bash disable=SC2154 # `out` is the derivation's
set -euo pipefail

bundle=$1 worker=$2 page=$3 patience=$4 protocol=$5
shift 5
log=$NIX_BUILD_TOP/worker.log
result=$out
# A page that nobody named may be missing; one that was named has to be there.
if [ -n "$page" ]; then refused=400; else refused=500; fi

for variable in "$@"; do export "${variable?}"; done
export HOME=$NIX_BUILD_TOP HOP3_STATE_DIR=$NIX_BUILD_TOP PORT=8000
unset builder name out system

# Print the status line of the answer; fail if there is none.
ask() {
  exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return
  if [ "$protocol" != http ]; then
    echo "it listens"
    return
  fi
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "${page:-/}" >&3
  local line
  IFS= read -r -t 10 line <&3
  printf '%s\n' "${line%$'\r'}"
}

is_good() {
  [ "$protocol" = http ] || return 0
  [[ $1 =~ ^HTTP/[0-9.]+\ ([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -lt "$refused" ]
}

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
until answer=$(ask 2>/dev/null) && is_good "$answer"; do
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
