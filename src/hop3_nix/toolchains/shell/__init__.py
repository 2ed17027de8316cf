"""Scripts of a shell, with the programs that hop3.toml names."""

from typing import Final

PRECEDENCE: Final = 950
"""Applications of every language have scripts."""
