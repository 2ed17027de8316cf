# Answer HTTP on $PORT with a WAR that is unpacked, argument 1: Tomcat, in this process.
# $WEB_CONCURRENCY is how many requests are answered at a time.
# shellcheck shell=bash
set -euo pipefail

if [ $# != 1 ] || [ ! -d "$1" ]; then
  echo "usage: serve-war DIRECTORY, such as target/app" >&2
  exit 64
fi
war=$(realpath "$1")
# What Tomcat writes: compiled pages, uploads, sessions.
base=$(mktemp -d "${TMPDIR:-/tmp}/serve-war.XXXXXXXX")
mkdir "$base/temp" "$base/work" "$base/webapps"
ln -s @tomcat@/conf "$base/conf"
# shellcheck disable=SC2086 # words of JAVA_OPTS are several
exec @java@ ${JAVA_OPTS-} \
  --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED \
  --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED \
  -Djava.awt.headless=true -Djava.io.tmpdir="$base/temp" \
  -Dcatalina.home=@tomcat@ -Dcatalina.base="$base" \
  -Dhop3.port="${PORT:-8080}" -Dhop3.threads="${WEB_CONCURRENCY:-200}" -Dhop3.war="$war" \
  -cp @tomcat@/bin/bootstrap.jar:@tomcat@/bin/tomcat-juli.jar \
  org.apache.catalina.startup.Bootstrap start
