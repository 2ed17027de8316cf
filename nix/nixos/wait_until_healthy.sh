# Return when what listens on PORT answers as it should; fail when process MAINPID has ended or the
# time is up. Bash alone, as it runs in the confines of the service (ExecStartPost=).
# usage: MAINPID=PID PORT=PORT wait_until_healthy.sh SECONDS http|fastcgi [PAGE]
# shellcheck shell=bash
set -euo pipefail

patience=$1 protocol=$2 page=${3:-}

# Print the status of the answer, or that there is one; fail if there is none.
ask() {
  exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return
  if [ "$protocol" != http ] || [ -z "$page" ]; then
    echo "a connection"
    return
  fi
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$page" >&3
  local line
  IFS= read -r -t 10 line <&3
  printf '%s\n' "${line%$'\r'}"
}

is_good() {
  [ "$1" = "a connection" ] || [[ $1 =~ ^HTTP/[0-9.]+\ [23][0-9][0-9] ]]
}

# Reading what nobody writes is a way to wait.
exec {idle}<> <(:)

answer=""
until answer=$(ask 2>/dev/null) && is_good "$answer"; do
  if ! kill -0 "$MAINPID" 2>/dev/null; then
    echo "it ended before it was healthy" >&2
    exit 1
  fi
  if [ "$SECONDS" -ge "$patience" ]; then
    echo "not healthy within $patience s: port $PORT ${page:+answered $page with }${answer:-does not answer}" >&2
    exit 1
  fi
  read -r -t 0.1 -u "$idle" || true
done
