"""Shell scripts, as a language: what runs is in the tree, or named in [run] packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence, LocalRecipe
from hop3_nix.toolchains.language import Guess, Language, Layers, Marker, Start
from hop3_nix.toolchains.simple_commands import simple_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App

START: Final = "start.sh"
SHELLS: Final = ("bash", "sh")


def detect(app: App) -> Evidence | None:
    """Return what makes ``app`` one of scripts: start.sh, or a worker that runs a script."""
    if app.source.has(START):
        return Evidence(choice="shell", reason="it starts the application", file=START)
    for name, line in app.config.workers.items():
        if script := _script_of(app, line):
            file, number = app.config.where(f"run.workers.{name}")
            reason = f"{name} runs {script}, a script of the application"
            return Evidence(choice="shell", reason=reason, file=file, line=number)
    return None


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield start.sh: by its own first line if it can be run, else by bash."""
    if app.source.has(START):
        runs = app.source.entries[START].kind == "program"
        command = f"./{START}" if runs else f"bash {START}"
        yield Guess("it starts the application", START, command=command)


def _script_of(app: App, line: str) -> str:
    """Return the file of the application that ``line`` runs, empty if its programs are others."""
    for command in simple_commands(line):
        words = [word for word in command.words if not word.startswith("-")]
        if command.program in SHELLS:
            words = words[1:]
        elif "/" not in command.words[0]:
            continue
        path = command.path(words[0]) if words else None
        if path is not None and app.source.has(path):
            return path
    return ""


TOOLCHAIN: Final = Language(
    name="shell",
    title="shell scripts",
    markers=(Marker(START, "it starts the application"),),
    detect=detect,
    layers=lambda _app, _offer, _target: Layers(interpreted=False),
    start=Start(guesses=guesses, sought=f"and no {START}", example="web: ./serve.sh"),
    recipe=lambda _app, _plan: (LocalRecipe(requires=(), steps=()),),
)
