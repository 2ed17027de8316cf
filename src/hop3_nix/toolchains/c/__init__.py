"""C and C++: what CMake, Meson or make builds with the libraries of the package set."""

from typing import Final

PRECEDENCE: Final = 600
"""Behind the languages that have parts in C, and whose tools build these."""
