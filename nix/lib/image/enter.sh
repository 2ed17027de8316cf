# shellcheck shell=bash
#
# usage: hop3-start WORKER [ARGUMENT...], or by a link that has the worker's name
# The first process of a container: it finds places to write to, starts the worker, passes signals on,
# reaps what is orphaned, and ends with the worker's status.
set -u
readonly bundle='@bundle@' port='@port@' env='@env@'
# Directories of the tree that the application writes to are links to the state (oci_image.py).
readonly writable=(@writable@)

say() { echo "hop3-start: $1" >&2; }

# The names that can be given are those of the links to this.
workers=()
for link in /bin/*; do
  [[ ! $link -ef ${BASH_SOURCE[0]} || $link == */hop3-start ]] || workers+=("${link##*/}")
done

worker=${0##*/}
if [[ $worker == hop3-start ]]; then
  worker=${1-}
  (($# == 0)) || shift
fi
launcher=$bundle/bin/$worker
[[ $worker != before-run || -e $launcher ]] || launcher=$bundle/hop3/before-run
if [[ -z $worker || $worker == */* || ! -x $launcher ]]; then
  say "there is no worker ${worker:-''}; it has: ${workers[*]}"
  exit 64
fi

# Compose files pass on what is not set as nothing.
[[ -n ${PORT-} ]] || export PORT=$port

first_writable() {
  local place
  for place; do
    [[ -n $place && -d $place && -w $place && -x $place ]] || continue
    printf '%s' "$place"
    return
  done
}

state=${HOP3_STATE_DIR:-/state}
scratch=$(first_writable "${TMPDIR-}" /tmp "$state" /dev/shm)
if [[ -z $scratch ]]; then
  say "user $EUID can write nowhere: mount a volume at $state, and a tmpfs at /tmp"
elif [[ $scratch != "${TMPDIR:-/tmp}" ]]; then
  export TMPDIR=$scratch
fi
if [[ -n $scratch && -z $(first_writable "$state") ]]; then
  say "user $EUID cannot write to $state, so what the app keeps there goes to $scratch and is lost with the container: mount a volume at $state that this user, or group 0, can write to"
  [[ ${HOME-} != "$state" ]] || export HOME=$scratch
  export HOP3_STATE_DIR=$scratch
fi

# What the build has there is copied once; a directory is whole or not there.
keep() {
  local name=$1 programs=${env%/*}
  local kept=/state/writable/$name partial=/state/writable/$name.partial-$$-${HOSTNAME-}
  [[ ! -e $kept ]] || return 0
  "$programs/mkdir" -p "${kept%/*}" && "$programs/rm" -rf "$partial" &&
    "$programs/cp" -R -P "/hop3-writable/$name" "$partial" &&
    "$programs/chmod" -R u+w "$partial" || return
  # Another container with the same volume may have been first.
  "$programs/mv" -T "$partial" "$kept" 2>/dev/null || "$programs/rm" -rf "$partial"
  [[ -e $kept ]]
}
for name in "${writable[@]}"; do
  keep "$name" && continue
  say "user $EUID cannot write to /state, where the app keeps $name: mount a volume there that this user, or group 0, can write to"
  exit 69
done

child='' early=()
pass() {
  if [[ -n $child ]]; then
    kill -s "$1" "$child" 2>/dev/null
  else
    early+=("$1")
  fi
}
# shellcheck disable=SC2064 # the name of now
for signal in HUP INT QUIT TERM USR1 USR2 WINCH; do trap "pass $signal" "$signal"; done

# What a shell starts in the background would ignore these two.
"$env" --default-signal=INT,QUIT "$launcher" "$@" <&0 &
child=$!
for signal in "${early[@]}"; do pass "$signal"; done

# A signal ends `wait`, which then says nothing of the child.
while kill -0 "$child" 2>/dev/null; do wait "$child"; done
wait "$child"
