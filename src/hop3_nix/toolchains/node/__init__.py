"""Node: from package.json and the lockfiles of npm, pnpm and Yarn to a plan."""

from typing import Final

PRECEDENCE: Final = 500
"""Other applications have a package.json as well, for tools or for what browsers get."""

ASSET_FILES: Final = ("package.json",)
