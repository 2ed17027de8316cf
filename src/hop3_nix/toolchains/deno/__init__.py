"""Deno: applications with a deno.json, locked by deno.lock."""

from typing import Final

PRECEDENCE: Final = 460
"""Behind languages with files of their own; packages for JSR have a deno.json beside them."""
