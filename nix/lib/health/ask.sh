# The question of a health check, for scripts that have Bash alone. It is that of
# `hop3_nix.deploy.questions`, and tests give both the same answers.
# shellcheck shell=bash

# Print the status line of what port PORT of loopback answers, or that there is a connection; fail if
# nothing comes. A TEXT that the page does not contain is told behind it.
# usage: PORT=PORT ask http|fastcgi PAGE TEXT
ask() {
  local protocol=$1 page=$2 text=$3 line rest
  [ -z "$text" ] || page=${page:-/}
  exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return
  if [ "$protocol" != http ] || [ -z "$page" ]; then
    echo "a connection"
    return
  fi
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$page" >&3
  IFS= read -r -t 10 line <&3
  line=${line%$'\r'}
  if [ -n "$text" ]; then
    LC_ALL=C IFS= read -r -t 10 -N 1048576 rest <&3 || true
    [[ ${rest#*$'\r\n\r\n'} == *"$text"* ]] || line+=", without the text '$text'"
  fi
  printf '%s\n' "$line"
}

# Say whether what `ask` printed will do: a connection, or a status below LIMIT and the text.
# usage: is_good ANSWER LIMIT
is_good() {
  [ "$1" = "a connection" ] ||
    [[ $1 =~ ^HTTP/[0-9.]+\ ([0-9]{3}) && $1 != *", without the text '"* &&
      ${BASH_REMATCH[1]} -ge 200 && ${BASH_REMATCH[1]} -lt $2 ]]
}
