"""Java and other languages of the JVM that Maven builds: from pom.xml to a plan."""

from typing import Final

PRECEDENCE: Final = 250
"""Behind Go; before Node, whose package.json may lie beside a pom.xml."""
