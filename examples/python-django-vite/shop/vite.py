"""Which file Vite has made of a source: it writes that into its manifest."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static

ENTRY = "src/main.js"


@cache
def _entry() -> dict[str, Any]:
    manifest = json.loads((settings.FRONTEND / "manifest.json").read_text())
    return manifest[ENTRY]


def script_url() -> str:
    """Return the address of the script."""
    return static(_entry()["file"])


def style_urls() -> list[str]:
    """Return the addresses of the style sheets that belong to it."""
    return [static(file) for file in _entry().get("css", [])]
