# shellcheck shell=bash
#
# usage: serve-static [--fallback FILE] [--immutable PREFIX]... [--listing] [--] DIRECTORY
# Serve the files in DIRECTORY over HTTP with nginx, on $BIND_ADDRESS (0.0.0.0) and $PORT.
#
#   --fallback FILE     what is sent, with 200, for a path that is no file: index.html of an
#                       application that has its routes in the browser
#   --immutable PREFIX  URL prefix below which every name has a digest in it
#   --listing           show what is in a directory that has no index.html
#
# $WEB_CONCURRENCY is the number of nginx's processes (2: one that waits for the disk does not hold
# up all).
set -euo pipefail
unset CDPATH
shopt -u patsub_replacement 2>/dev/null || true # an & in a path is no more than that

readonly nginx='@nginx@' modules='@modules@' store='@store@' wrapper='@wrapper@'

fail() {
  echo "serve-static: $1" >&2
  exit "${2:-64}"
}

fallback='' listing='' prefixes=() server_env=()
while [[ ${1-} == --* ]]; do
  case $1 in
    --fallback | --immutable)
      [[ $# -ge 2 ]] || fail "$1 takes a value"
      if [[ $1 == --fallback ]]; then fallback=$2; else prefixes+=("$2"); fi
      shift
      ;;
    --listing) listing=yes ;;
    --) shift && break ;;
    *) fail "there is no option $1" ;;
  esac
  shift
done
[[ $# -eq 1 ]] || fail 'give one directory'

root=$(cd -- "$1" 2>/dev/null && pwd -P) || fail "there is no directory $1 in $PWD" 66
port=${PORT-}
[[ $port =~ ^[0-9]{1,5}$ ]] || fail "PORT is ${port:-not set}; it has to be the number of a port"
processes=${WEB_CONCURRENCY:-2}
[[ $processes =~ ^[1-9][0-9]{0,3}$ ]] || fail "WEB_CONCURRENCY is $processes, which is no number"
address=${BIND_ADDRESS:-0.0.0.0}
[[ $address =~ ^[0-9A-Za-z.:_-]+$ ]] || fail "BIND_ADDRESS is $address, which is no address"
[[ $address == *:* ]] && address="[$address]"
[[ -z $fallback || -f $root/$fallback ]] || fail "the fallback $fallback is not a file in $root" 66

# What nginx cannot take in a quoted text, or takes for its own.
for text in "$root" "$fallback" "${prefixes[@]}"; do
  [[ $text != *[\"\$\\]* && $text != *[[:cntrl:]]* ]] || fail "$text: no \", \$ or \\ can be in a path"
done

share=${BASH_SOURCE[0]%/*}/../share/serve-static
share=$(cd -- "$share" && pwd -P)

# Logs go to a pipe: nginx opens the file by its name, which a socket (systemd's journal) has not,
# and a file without O_APPEND would be written over. It outlives the signals that end nginx.
if ! [[ -p /dev/stdout && -w /dev/stdout ]]; then
  exec > >(trap '' HUP INT TERM QUIT && exec cat)
fi

# TERM ends nginx in the middle of what it sends, QUIT lets it finish.
server='' stopping=''
stop() {
  stopping=yes
  [[ -z $server ]] || kill -QUIT "$server" 2>/dev/null || true
}
trap stop INT QUIT TERM
trap '[[ -z $server ]] || kill -HUP "$server" 2>/dev/null || true' HUP

run=$(mktemp -d -- "${HOP3_STATE_DIR:-${TMPDIR:-/tmp}}/serve-static.XXXXXXXX")
trap 'rm -rf -- "$run"' EXIT

declare -A value=(
  [account]='' [autoindex]=off [brotli]='' [freshness]='' [hidden]='' [immutable]='' [load]=''
  [candidates]="\$uri \$uri/index.html \$uri.html" [version]='(?!)'
  [listen]=$address:$port [processes]=$processes [root]=$root [share]=$share
)

if ((EUID == 0)); then
  # As whoever starts it, like any worker: root here is most often root of a container.
  value[account]='user root root;'
  # nginx asks for root's account by name, which there may be no /etc/passwd for.
  if [[ -n $wrapper && ! (-e /etc/passwd && -e /etc/group) ]]; then
    echo 'root:x:0:0::/:' >"$run/passwd"
    echo 'root:x:0:' >"$run/group"
    server_env=(LD_PRELOAD="$wrapper" NSS_WRAPPER_PASSWD="$run/passwd" NSS_WRAPPER_GROUP="$run/group")
  fi
fi

value[compressed]=$(<"$share/compressed")
if [[ -e $modules/ngx_http_brotli_filter_module.so && -e $modules/ngx_http_brotli_static_module.so ]]; then
  for module in filter static; do
    value[load]+="load_module \"$modules/ngx_http_brotli_${module}_module.so\"; "
  done
  value[brotli]="brotli on; brotli_static on; brotli_min_length 1024; brotli_types ${value[compressed]};"
fi

if [[ -n $store && $root == "$store"/* ]]; then
  version=${root#"$store"/}
  value[version]=${version%%-*}
  value[freshness]="set \$version ${value[version]}; include \"$share/store.conf\";"
fi

for prefix in "${prefixes[@]}"; do
  value[immutable]+="\"~^\\Q/${prefix#/}\\E\" \"public, max-age=31536000, immutable\"; "
done

# The whole tree is the site: what configures and makes it is no part of it.
if [[ $root == "$(pwd -P)" ]]; then
  value[hidden]='|^/(?:hop3|hop3-nix|node_modules)/|^/(?:Procfile|Staticfile|hop3\.toml|hop3\.nix|hop3-nix\.lock)$'
  value[hidden]+='|\.(?:c|cc|cpp|cs|ex|exs|go|h|hs|java|kt|lock|php|pl|py|rb|rs|scala|sh|sql|sqlite3?|swift|tsx?)$'
  value[hidden]+='|/(?:Dockerfile|Makefile|Rakefile|Gemfile|(?:package|package-lock|composer)\.json)$'
fi

if [[ -n $listing ]]; then value[autoindex]=on && value[candidates]+=" \$uri/"; fi
if [[ -n $fallback ]]; then value[candidates]+=" \"/$fallback\""; fi

conf=$(<"$share/nginx.conf")
for name in "${!value[@]}"; do
  conf=${conf//"@$name@"/"${value[$name]}"}
done
printf '%s\n' "$conf" >"$run/nginx.conf"

[[ -z $stopping ]] || exit 0
env "${server_env[@]}" "$nginx" -e stderr -p "$run" -c "$run/nginx.conf" &
server=$!
status=0
while kill -0 "$server" 2>/dev/null; do
  if [[ -z $stopping ]]; then
    wait "$server" && status=0 || status=$?
  else
    # Again, as nginx does not notice one that comes while it starts.
    stop
    sleep 0.1
  fi
done
[[ -z $stopping ]] || exit 0
exit "$status"
