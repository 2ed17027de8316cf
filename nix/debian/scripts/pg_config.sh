# pg_config(1) for those who compile against libpq: Debian's needs perl and knows /usr alone.
# shellcheck shell=bash
set -eu
for option in "$@"; do
  case "$option" in
    --version) echo "PostgreSQL @version@" ;;
    --bindir) echo "@libpq@/bin" ;;
    --libdir | --pkglibdir) echo "@headers@/@libdir@" ;;
    --includedir | --pkgincludedir) echo "@headers@/include/postgresql" ;;
    --includedir-server) echo "@headers@/include/postgresql/server" ;;
    --cc) echo gcc ;;
    --cflags | --cppflags | --cflags_sl | --ldflags | --ldflags_ex | --ldflags_sl) echo ;;
    --libs) echo "-lpq" ;;
    *) echo "pg_config: $option is not known here" >&2 && exit 1 ;;
  esac
done
