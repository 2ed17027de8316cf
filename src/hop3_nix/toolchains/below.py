"""Applications that stand one level down, where the top itself is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.config import load_config
from hop3_nix.errors import InputError
from hop3_nix.toolchains.app import App

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.toolchains.language import Language


def find_below(app: App, languages: Iterable[Language]) -> dict[str, str]:
    """Return the directories at the top that hold an application, with its language."""
    asked = tuple(languages)
    directories = dict.fromkeys(
        directory
        for directory, slash, _ in (file.partition("/") for file in app.source.files)
        if slash
    )
    found = {name: _language(app, name, asked) for name in directories}
    return {name: language for name, language in found.items() if language}


def described(found: dict[str, str]) -> str:
    """Return, for a message, what there is; empty for nothing."""
    each = [f"{language} in {directory}/" for directory, language in found.items()]
    return f"{', '.join(each[:-1])} and {each[-1]}" if each[1:] else "".join(each)


def _language(app: App, directory: str, languages: tuple[Language, ...]) -> str:
    source = app.source.below(directory)
    try:
        config = load_config(source)
    except InputError:
        # What is wrong with it is said when it is asked for.
        config = app.config
    part = App(source, config)
    return next((each.name for each in languages if each.found_in(part) is not None), "")
