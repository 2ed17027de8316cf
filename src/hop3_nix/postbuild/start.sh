# shellcheck shell=bash
# What the launchers of an app with start data do it with. No text of the app's is evaluated:
# values arrive as arguments.

hop3_fail() {
  printf '%s: %s\n' "$0" "$1" >&2
  exit "${2:-78}"
}

hop3_state() {
  [ -n "${HOP3_STATE_DIR-}" ] || hop3_fail "HOP3_STATE_DIR is not set, and the app keeps files there"
}

# Each filter leaves its result in hop3_text.
hop3_number() {
  [[ $1 =~ ^-?(0|[1-9][0-9]*)(\.[0-9]+)?$ ]] || hop3_fail "$2 is not a number: $1"
  hop3_text=$1
}

hop3_boolean() {
  case $1 in
    true | True | 1) hop3_text=true ;;
    false | False | 0) hop3_text=false ;;
    *) hop3_fail "$2 is neither true nor false: $1" ;;
  esac
}

hop3_ini() {
  case $1 in
    *[$'\n\r']*) hop3_fail "$2 has a line break, which a line of the file cannot hold" ;;
  esac
  hop3_text=$1
}

hop3_php() {
  hop3_text=${1//\\/\\\\}
  hop3_text=${hop3_text//\'/\\\'}
}

hop3_json() {
  local code char
  hop3_text=${1//\\/\\\\}
  hop3_text=${hop3_text//\"/\\\"}
  [[ $hop3_text == *[[:cntrl:]]* ]] || return 0
  for ((code = 1; code < 128; code += code == 31 ? 96 : 1)); do
    printf -v char '\\x%02x' "$code"
    printf -v char '%b' "$char"
    hop3_text=${hop3_text//"$char"/\\u$(printf '%04x' "$code")}
  done
}

hop3_url() {
  local LC_ALL=C index char code
  hop3_text=
  for ((index = 0; index < ${#1}; index++)); do
    char=${1:index:1}
    case $char in
      [A-Za-z0-9._~-]) hop3_text+=$char ;;
      *)
        printf -v code '%d' "'$char"
        printf -v char '%%%02X' "$((code & 255))"
        hop3_text+=$char
        ;;
    esac
  done
}

hop3_directory() {
  mkdir -p -- "$1" || hop3_fail "the directory $1 cannot be made" 73
}

# hop3_write FILE TEXT MODE KEEP
hop3_write() {
  local place=. new
  [ "$4" != keep ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; } || return 0
  [[ $1 != */* ]] || place=${1%/*}
  hop3_directory "${place:-/}"
  new=$place/.hop3-new.$$.$RANDOM
  if ! { (umask 077 && printf '%s' "$2" >"$new") && chmod "$3" "$new" && mv -fT -- "$new" "$1"; }; then
    rm -f -- "$new"
    hop3_fail "$1 cannot be written" 73
  fi
}

# hop3_generated KIND LENGTH
hop3_generated() {
  case $1 in
    hex) hop3_text=$(od -An -vtx1 -N"$2" /dev/urandom | tr -d ' \n') ;;
    base64) hop3_text=$(head -c "$2" /dev/urandom | base64 -w0) ;;
    urlsafe) hop3_text=$(head -c "$2" /dev/urandom | base64 -w0 | tr '+/' '-_' | tr -d =) ;;
    password) hop3_text=$(LC_ALL=C tr -dc A-Za-z0-9 </dev/urandom 2>/dev/null | head -c "$2") ;;
    uuid)
      hop3_generated hex 16
      local variants=89ab
      hop3_text=${hop3_text:0:8}-${hop3_text:8:4}-4${hop3_text:13:3}-${variants:RANDOM % 4:1}${hop3_text:17:3}-${hop3_text:20}
      ;;
  esac
}

# hop3_secret NAME KIND LENGTH PREFIX
hop3_secret() {
  local file new
  if [ -z "${!1-}" ]; then
    hop3_state
    file=$HOP3_STATE_DIR/secrets/$1
    if [ ! -s "$file" ]; then
      (umask 077 && hop3_directory "${file%/*}") || exit
      hop3_generated "$2" "$3"
      new=${file%/*}/.new.$$.$RANDOM
      # Of two that start at once, the second takes what the first has made.
      (umask 077 && printf '%s' "$4$hop3_text" >"$new" && { ln -T "$new" "$file" 2>/dev/null || true; })
      rm -f -- "$new"
    fi
    [ -s "$file" ] || hop3_fail "$1 cannot be kept in $file" 73
    export "$1=$(<"$file")"
  fi
}
