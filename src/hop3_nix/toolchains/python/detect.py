"""Whether a source tree is a Python application, and which file says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence

if TYPE_CHECKING:
    from hop3_nix.source import Source

MARKERS: Final = (
    ("pyproject.toml", "a Python project"),
    ("uv.lock", "locked by uv"),
    ("poetry.lock", "locked by Poetry"),
    ("pdm.lock", "locked by PDM"),
    ("pylock.toml", "locked as PEP 751 says"),
    ("Pipfile.lock", "locked by Pipenv"),
    ("Pipfile", "managed by Pipenv"),
    ("requirements.txt", "requirements for pip"),
    ("setup.py", "a setuptools project"),
    ("setup.cfg", "a setuptools project"),
    ("manage.py", "a Django project"),
)
"""Files at the top of the tree that only Python projects have."""

SCRIPTS: Final = ("main.py", "app.py", "wsgi.py", "asgi.py")
"""Scripts that make an application of Python when nothing else says what it is."""

LOOKS_FOR: Final = (*(name for name, _ in MARKERS), *SCRIPTS)


def find_marker(source: Source) -> Evidence | None:
    """Return the first of the files that tell Python, or None."""
    for name, reason in MARKERS:
        if source.has(name):
            return Evidence(choice="python", reason=reason, file=name)
    for name in SCRIPTS:
        if source.has(name):
            return Evidence(choice="python", reason="a Python script at the top", file=name)
    return None
