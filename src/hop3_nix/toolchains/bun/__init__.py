"""Bun: what Node's toolchain makes of package.json, run by Bun and locked by bun.lock."""

from typing import Final

PRECEDENCE: Final = 450
"""Behind languages with files of their own, which may have a package.json for their assets."""

ASSET_FILES: Final = ("package.json",)
"""What Bun makes for an application of another language: what its build script writes."""
