# Maven as a build calls it, below a line that names the shell: with what is locked, and no network.
# What it makes has the time of the oldest file in an archive, whenever it is made.
# shellcheck shell=sh
export JAVA_HOME=@jdk@
MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:-UsePerfData -Duser.home=$HOME${MAVEN_OPTS:+ $MAVEN_OPTS}"
export MAVEN_OPTS
exec @maven@/bin/mvn "$@" --batch-mode @options@ \
  -Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.transfer.Slf4jMavenTransferListener=warn \
  -Dproject.build.outputTimestamp=1980-01-01T00:00:02Z \
  -Dquarkus.package.output-timestamp=1980-01-01T00:00:02Z
