"""Go: from go.mod, go.sum and the imports of its files to a plan."""

from typing import Final

PRECEDENCE: Final = 200
"""Behind Python and Ruby, which had applications with a go.mod beside their files before."""
