"""What is fetched or in the package set and only put in its place, as recipes of a server say."""

from typing import Final

PRECEDENCE: Final = 400
"""No file tells it; a recipe names it."""
