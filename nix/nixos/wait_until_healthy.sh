# Return when what listens on PORT answers as it should; fail when process MAINPID has ended or the
# time is up. Bash alone, as it runs in the confines of the service (ExecStartPost=).
# usage: MAINPID=PID PORT=PORT wait_until_healthy.sh ASK.SH SECONDS http|fastcgi [PAGE [TEXT]]
# shellcheck shell=bash
set -euo pipefail

patience=$2 protocol=$3 page=${4:-} text=${5:-}
[ -z "$text" ] || page=${page:-/}
# shellcheck source=../lib/health/ask.sh
source "$1"

# Reading what nobody writes is a way to wait.
exec {idle}<> <(:)

answer=""
until answer=$(ask "$protocol" "$page" "$text" 2>/dev/null) && is_good "$answer" 400; do
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
