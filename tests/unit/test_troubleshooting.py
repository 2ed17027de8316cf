"""docs/troubleshooting.md tells of messages that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
MESSAGES = ROW.findall((ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8"))


@cache
def texts() -> list[str]:
    """Return every text in the source, with an ellipsis for what is filled in."""
    return [
        text
        for file in sorted((ROOT / "src").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (text := text_of(node))
    ]


def text_of(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "…" for part in parts)
    return ""


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_of_the_page_is_one_of_the_source(message: str) -> None:
    assert any(message in text for text in texts())


def test_the_page_has_messages() -> None:
    assert len(MESSAGES) > 30
