# shellcheck shell=bash disable=SC2016 # what is in single quotes is for nginx and PHP
#
# usage: serve-php [--plain] [-C FILE] [-F FILE] [-i FILE] [--] [DIRECTORY]
# Serve DIRECTORY over HTTP, on $BIND_ADDRESS (0.0.0.0) and $PORT: PHP by php-fpm, files by nginx in
# front of it. Without DIRECTORY it is the first of public, web, htdocs, www, webroot, pub and . that
# has an index.php. Its other names are heroku-php-nginx and heroku-php-apache2.
#
#   --plain   a path that is no file is not there; else index.php is asked
#   -C FILE   more of nginx's configuration, for the server
#   -F FILE   more of php-fpm's, for the pool
#   -i FILE   a php.ini that is read last
#
# $PHP_UPLOAD_LIMIT, such as 64M, is the largest file that can be uploaded; $WEB_CONCURRENCY the
# number of PHP's processes (8).
set -euo pipefail
unset CDPATH
shopt -u patsub_replacement 2>/dev/null || true # an & in a path is no more than that

readonly fpm='@fpm@' nginx='@nginx@' php='@php@' wrapper='@wrapper@'
readonly name=${0##*/}

fail() {
  echo "$name: $1" >&2
  exit "${2:-64}"
}

front='/index.php$is_args$args' nginx_file='' pool_file='' ini=''
while [[ ${1-} == -* ]]; do
  case $1 in
    --plain) front='=404' ;;
    -C | -F | -i)
      [[ $# -ge 2 ]] || fail "$1 takes a file"
      file=$(cd -- "$(dirname -- "$2")" 2>/dev/null && pwd -P)/${2##*/} || fail "$2 is not there" 66
      [[ -f $file ]] || fail "$2 is not there" 66
      case $1 in
        -C)
          [[ $name != heroku-php-apache2 ]] || fail "-C is Apache's configuration; the server is nginx"
          nginx_file=$file
          ;;
        -F) pool_file=$file ;;
        -i) ini=$file ;;
      esac
      shift
      ;;
    --) shift && break ;;
    *) fail "there is no option $1" ;;
  esac
  shift
done
[[ $# -le 1 ]] || fail 'give one directory'

directory=${1-}
if [[ -z $directory ]]; then
  for directory in public web htdocs www webroot pub .; do
    [[ ! -f $directory/index.php ]] || break
  done
fi
root=$(cd -- "$directory" 2>/dev/null && pwd -P) || fail "there is no directory $directory in $PWD" 66
if [[ ! -f $root/index.php ]]; then
  [[ -n ${1-} ]] || fail "there is no index.php in public, web, htdocs, www, webroot, pub or $PWD" 66
  front='=404'
fi
port=${PORT-}
[[ $port =~ ^[0-9]{1,5}$ ]] || fail "PORT is ${port:-not set}; it has to be the number of a port"
processes=${WEB_CONCURRENCY:-8}
[[ $processes =~ ^[1-9][0-9]{0,3}$ ]] || fail "WEB_CONCURRENCY is $processes, which is no number"
uploads=${PHP_UPLOAD_LIMIT-}
[[ -z $uploads || $uploads =~ ^[1-9][0-9]{0,8}[KMGkmg]?$ ]] ||
  fail "PHP_UPLOAD_LIMIT is $uploads; write a size such as 64M"
address=${BIND_ADDRESS:-0.0.0.0}
[[ $address =~ ^[0-9A-Za-z.:_-]+$ ]] || fail "BIND_ADDRESS is $address, which is no address"
[[ $address == *:* ]] && address="[$address]"
# What nginx cannot take in a quoted text, or takes for its own.
for text in "$root" "$nginx_file" "$pool_file"; do
  [[ $text != *[\"\$\\]* && $text != *[[:cntrl:]]* ]] || fail "$text: no \", \$ or \\ can be in a path"
done

share=${BASH_SOURCE[0]%/*}
share=$(cd -- "$share/../share/serve-php" && pwd -P)

# Logs go to pipes, which can be opened by name: a socket (systemd's journal) cannot. They outlive the
# signals that end the servers.
if ! [[ -p /dev/stdout && -w /dev/stdout ]]; then
  exec > >(trap '' HUP INT TERM QUIT && exec cat)
fi

run=$(mktemp -d -- "${HOP3_STATE_DIR:-${TMPDIR:-/tmp}}/serve-php.XXXXXXXX")
trap 'rm -rf -- "$run"' EXIT

# TERM ends nginx in the middle of what it sends, QUIT lets it finish.
fpm_pid='' nginx_pid='' stopping=''
stop() {
  stopping=yes
  [[ -z $nginx_pid ]] || kill -QUIT "$nginx_pid" 2>/dev/null || true
}
trap stop INT QUIT TERM

if [[ -n $ini ]]; then
  mkdir "$run/ini"
  cp -- "$ini" "$run/ini/90-app.ini"
  export PHP_INI_SCAN_DIR=${PHP_INI_SCAN_DIR:+$PHP_INI_SCAN_DIR:}$run/ini
fi

# closed_by FILE: what its .htaccess keeps from everybody, as locations of nginx. Rules inside of
# <Files> are for the files of that name; other rules are for Apache alone.
closed_by() {
  local line word below=${1%/.htaccess} inside='' files=()
  below=${below#"$root"}
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line,,}
    read -r -a files <<<"$line"
    word=${files[0]-}
    case $word in
      '<files' | '<files~' | '<filesmatch' | '<limit' | '<limitexcept') inside=yes ;;
      '</files>' | '</filesmatch>' | '</limit>' | '</limitexcept>') inside='' ;;
    esac
    if [[ -z $inside && ${files[*]-} =~ ^(deny from all|require all denied)$ ]]; then
      # As in a regular expression, with what means something there made literal by \Q and \E.
      printf 'location ~ "^\\Q%s/\\E" { return 404; }\n' "$below"
      return
    fi
  done <"$1"
}

closed=''
shopt -s dotglob globstar nullglob
rules=("$root"/**/.htaccess)
shopt -u dotglob globstar nullglob
for file in "${rules[@]}"; do
  [[ $file != *[\"\$\\]* && $file != *[[:cntrl:]]* && -f $file ]] || continue
  closed+=$(closed_by "$file")$'\n'
done
[[ -z $nginx_file ]] || closed+="include \"$nginx_file\";"

account='' pool_user='' server_env=()
if ((EUID == 0)); then
  # As whoever starts it, like any worker: root here is most often root of a container.
  account='user root root;'
  pool_user=$'user = root\ngroup = root'
  if [[ -n $wrapper && ! (-e /etc/passwd && -e /etc/group) ]]; then
    echo 'root:x:0:0::/:' >"$run/passwd"
    echo 'root:x:0:' >"$run/group"
    server_env=(LD_PRELOAD="$wrapper" NSS_WRAPPER_PASSWD="$run/passwd" NSS_WRAPPER_GROUP="$run/group")
  fi
fi

sizes=''
if [[ -n $uploads ]]; then
  # A form has more in it than its file.
  post=$("$php" -r 'echo ini_parse_quantity($argv[1]) + (8 << 20);' -- "$uploads")
  sizes="php_admin_value[upload_max_filesize] = $uploads"$'\n'"php_admin_value[post_max_size] = $post"
else
  # .user.ini is read by php-fpm alone, so that it is looked into here.
  post=$("$php" -r '
    $file = $argv[1] . "/.user.ini";
    $own = is_file($file) ? (parse_ini_file($file) ?: []) : [];
    echo max(0, ini_parse_quantity((string)($own["post_max_size"] ?? ini_get("post_max_size"))));
  ' -- "$root")
fi

cat >"$run/fpm.conf" <<EOF
[global]
daemonize = no
error_log = /dev/stderr
log_level = warning
log_limit = 65535
process_control_timeout = 8s
[www]
$pool_user
listen = $run/php.sock
listen.mode = 0600
pm = ondemand
pm.max_children = $processes
pm.process_idle_timeout = 60s
pm.max_requests = 1000
clear_env = no
catch_workers_output = yes
decorate_workers_output = no
security.limit_extensions = .php
php_admin_value[error_log] = /dev/stderr
php_admin_flag[log_errors] = on
$sizes
${pool_file:+include = $pool_file}
EOF

declare -A value=(
  [account]=$account [closed]=$closed [front]=$front [limit]=$post [listen]=$address:$port
  [root]=$root [run]=$run [share]=$share
)
for file in nginx.conf fastcgi.conf; do
  conf=$(<"$share/$file")
  for key in "${!value[@]}"; do
    conf=${conf//"@$key@"/"${value[$key]}"}
  done
  printf '%s\n' "$conf" >"$run/$file"
done

set -m # groups of processes of their own: what a killed master leaves behind is found by them
env "${server_env[@]}" "$fpm" -F -O ${pool_user:+-R} -y "$run/fpm.conf" \
  2> >(trap '' HUP INT TERM QUIT && exec cat >&2) &
fpm_pid=$!
for ((tries = 0; tries < 500; tries++)); do
  [[ ! -S $run/php.sock ]] || break
  kill -0 "$fpm_pid" 2>/dev/null || break
  sleep 0.02
done

status=1
if [[ -S $run/php.sock && -z $stopping ]]; then
  env "${server_env[@]}" "$nginx" -e stderr -p "$run" -c "$run/nginx.conf" &
  nginx_pid=$!
  # Either of them gone is the end of both. Without pids it would wait for what carries the logs.
  wait -n "$fpm_pid" "$nginx_pid" && status=0 || status=$?
  while [[ -n $stopping ]] && kill -0 "$nginx_pid" 2>/dev/null; do
    # Again, as nginx does not notice one that comes while it starts.
    stop
    sleep 0.1
  done
  kill -TERM "$nginx_pid" 2>/dev/null || true
fi
kill -QUIT "$fpm_pid" 2>/dev/null || true
wait "$fpm_pid" ${nginx_pid:+"$nginx_pid"} || true
kill -KILL -- "-$fpm_pid" ${nginx_pid:+"-$nginx_pid"} 2>/dev/null || true
[[ -z $stopping ]] || exit 0
[[ $status -ne 0 ]] || status=1
exit "$status"
