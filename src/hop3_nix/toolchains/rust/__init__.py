"""Rust: from Cargo.toml and Cargo.lock to a plan."""

from typing import Final

PRECEDENCE: Final = 210
"""Behind Python, Ruby and Go, which have parts in Rust; Node's are told by having no program."""
