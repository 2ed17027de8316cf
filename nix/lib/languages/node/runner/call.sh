# shellcheck shell=bash
# Call the runner as the package manager whose name this has, with the next one on PATH behind it.
self=${0##*/} here=$(cd "${0%/*}" && pwd -P) real=
while IFS= read -r each; do
  if [ "$(cd "${each%/*}" && pwd -P)" != "$here" ]; then
    real=$each
    break
  fi
done < <(type -aP "$self" || true)
export HOP3_RUNNER_SHELL=@bash@
exec node @program@ "$self" "$real" "$@"
