"""Which languages an application is of: the main one, and those of its stages."""

from __future__ import annotations

import posixpath
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError, InputError, SourceError, UnsupportedError
from hop3_nix.locks.own import FILE as LOCK_FILE
from hop3_nix.plan import REPOSITORY, Evidence
from hop3_nix.toolchains import registry
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.below import described, find_below
from hop3_nix.toolchains.others import PRECEDENCE as NOT_HERE
from hop3_nix.toolchains.others import find_other
from hop3_nix.toolchains.static.site import is_declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Assets
    from hop3_nix.toolchains.language import Language

FOLDERS: Final = ("", "frontend", "client", "assets", "web", "theme/static_src")
"""Where the files of another language are looked for, from the directory of the main one.

theme/static_src is where django-tailwind has its package.json.
"""


@dataclass(frozen=True)
class ChosenStage:
    """A stage: its language, the directory of its files, and what holds for it."""

    language: Language
    directory: str
    whole_tree: bool
    kept: bool
    said: bool
    """Whether hop3.toml names it; otherwise it was inferred."""
    root: str = ""
    """The directory of the main language."""

    def place(self, file: str) -> str:
        """Return the path, from the top, of what the language calls ``file``."""
        return posixpath.join(self.directory, self._names.get(file, file))

    def source(self, source: Source) -> Source:
        """Return the files of ``source`` that are the stage's, as its language is to see them."""
        return source.below(self.directory).calling(self._names)

    @property
    def _names(self) -> dict[str, str]:
        """Where both languages are in one directory, hop3-nix.lock is that of the main one."""
        shared = self.directory == self.root
        return {LOCK_FILE: f"hop3-nix.{self.language.name}.lock"} if shared else {}


@dataclass(frozen=True)
class Choice:
    """The languages of one application, and why it has those stages."""

    main: Language
    stages: tuple[ChosenStage, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def choose_toolchains(app: App, whole: Source | None = None) -> Choice:
    """Return the toolchains that ``[build] toolchain`` lists, else those that are recognised.

    ``app`` has the files of the main language's directory, and ``whole`` all, if there are
    more.

    Raises ConfigError or UnsupportedError for a list that cannot be, SourceError if nothing
    recognises the source.
    """
    choice = _chosen(app, whole or app.source)
    if not choice.main.has_extras:
        _refuse_extras(choice.main, app.config)
    return choice


def _chosen(app: App, whole: Source) -> Choice:
    config = app.config
    _refuse_wrong_names(config)
    known = registry.known()
    if config.toolchains:
        by_name = {each.name: each for each in known}
        main, *others = (by_name[name] for name in config.toolchains)
        return _said(main.load(), others, whole, config)
    asked = False
    for number, each in enumerate(known):
        if each.precedence > NOT_HERE and not asked:
            asked = True
            _refuse_others(app, known)
        language = each.load()
        if language.found_in(app) is not None:
            return _inferred(language, known[number + 1 :], whole, config)
    if found := find_below(app, (each.load() for each in known)):
        raise SourceError(
            f"no application here, but there is {described(found)}",
            file=str(app.source.root),
            tip=_how_to_choose(app, found),
        )
    looked_for = [
        f"{each.name} by {', '.join(files)}" for each in known if (files := each.load().looks_for)
    ]
    raise SourceError(
        "no application here: no file at the top tells its language "
        f"(looked for: {'; '.join(looked_for)})",
        file=str(app.source.root),
        tip="Give the directory that holds the application, or name its language: "
        '[build] toolchain = "..." in hop3.toml.',
    )


def _how_to_choose(app: App, found: dict[str, str]) -> str:
    """Return what to do with an application that has none of its ``found`` parts at the top."""
    # What answers is rarely what makes pages for a browser.
    main = min(found, key=lambda directory: found[directory] in {"node", "static"})
    lines = [f'[build] root = "{posixpath.join(app.config.root, main)}"']
    others = [directory for directory in found if directory not in {main, *FOLDERS}]
    if len(found) == 2 and others:  # noqa: PLR2004 - one is the main language
        lines.append(f'assets-dir = "{posixpath.join(app.config.root, others[0])}"')
    if app.config.root:
        return f"Name the directory of the one that answers: {lines[0]} in hop3.toml."
    return (
        f"If they are one application, name the directory of what answers: {' and '.join(lines)} "
        "in a hop3.toml here. If each is one of its own, build it by its path: "
        f"{app.source.root / main}"
    )


def _refuse_others(app: App, known: tuple[registry.Known | registry.Added, ...]) -> None:
    """Raise UnsupportedError for a language that cannot be built, unless a site is declared."""
    found = find_other(app.source, [each.name for each in known])
    if found is None or is_declared(app.config):
        return
    other, file = found
    names = ", ".join(each.load().title for each in known)
    raise UnsupportedError(
        f"{other.title} ({file}) is not supported yet; there are: {names}",
        file=file,
        tip="If this is an application of one of these nevertheless, name it: "
        f'[build] toolchain = "{known[-1].name}" in hop3.toml.',
    )


@contextmanager
def naming_files(
    place: Callable[[str], str], config: AppConfig, *, tip: str = ""
) -> Iterator[None]:
    """Name the files of errors raised inside as ``place`` does, and add ``tip`` to theirs."""
    try:
        yield
    except InputError as error:
        message, told = (
            text.replace(LOCK_FILE, place(LOCK_FILE)) for text in (error.message, error.tip)
        )
        raise type(error)(
            message,
            tip="\n".join(filter(None, [told, tip])),
            file=place_of(error.file, place, config),
            line=error.line,
        ) from error


def placed(evidence: Evidence, place: Callable[[str], str], config: AppConfig) -> Evidence:
    """Return ``evidence`` with its file named as ``place`` does."""
    return evidence.model_copy(update={"file": place_of(evidence.file, place, config)})


def place_of(file: str, place: Callable[[str], str], config: AppConfig) -> str:
    """Return ``file``, of a language's part of an application, as ``place`` names it."""
    ours = {"", REPOSITORY, *(said for said, _ in config.places.values())}
    return file if file in ours or file.startswith("/") else place(file)


def _inferred(
    main: Language,
    later: tuple[registry.Known | registry.Added, ...],
    source: Source,
    config: AppConfig,
) -> Choice:
    """Return ``main`` with the stages of languages that are asked later than it."""
    stages: list[ChosenStage] = []
    evidence: list[Evidence] = []
    for each in later:
        there = [folder for folder in _folders(config) if _has_any(source, folder, each)]
        if not there:
            continue
        language = each.load()
        for folder in there:
            found = _find_assets(language, folder, source, config)
            if found is None:
                continue
            evidence.append(found.evidence)
            if found.wanted:
                whole_tree = _sees_everything(folder, found, config)
                stages.append(
                    ChosenStage(
                        language, folder, whole_tree, found.kept, said=False, root=config.root
                    )
                )
                break
    if config.assets_dir and not stages:
        _refuse_assets_dir(config, evidence)
    return Choice(main, tuple(stages), tuple(evidence))


def _said(
    main: Language,
    others: list[registry.Known | registry.Added],
    source: Source,
    config: AppConfig,
) -> Choice:
    stages: list[ChosenStage] = []
    file, line = config.where("build.toolchain")
    for language in (each.load() for each in others):
        folder = next(
            (each for each in _folders(config) if _is_of(language, each, source, config)), None
        )
        if folder is None:
            raise ConfigError(
                f"there is nothing of {language.name} in {_listed(_folders(config))}",
                file=file,
                line=line,
                tip=f"Take {language.name} out of the list, or name the directory of its files: "
                f'[build] assets-dir = "...". It is told by: {", ".join(language.looks_for)}.',
            )
        found = _find_assets(language, folder, source, config)
        whole_tree = _sees_everything(folder, found, config)
        stages.append(
            ChosenStage(language, folder, whole_tree, kept=True, said=True, root=config.root)
        )
    reason = "[build] toolchain names it"
    evidence = tuple(
        Evidence(choice=f"stage: {each.language.name}, kept", reason=reason, file=file, line=line)
        for each in stages
    )
    return Choice(main, tuple(stages), evidence)


def _sees_everything(folder: str, found: Assets | None, config: AppConfig) -> bool:
    return not folder or config.assets_whole_tree or bool(found and found.whole_tree)


def _folders(config: AppConfig) -> tuple[str, ...]:
    if not config.assets_dir:
        beside = (posixpath.join(config.root, folder).rstrip("/") for folder in FOLDERS)
        return tuple(dict.fromkeys((*beside, *FOLDERS)))
    folder = posixpath.normpath(config.assets_dir)
    return ("" if folder == "." else folder,)


def _has_any(source: Source, folder: str, each: registry.Known | registry.Added) -> bool:
    front = f"{folder}/" if folder else ""
    return any(source.has(front + file) for file in each.asset_files)


def _is_of(language: Language, folder: str, source: Source, config: AppConfig) -> bool:
    part = App(source.below(folder), config.of_stage())
    return bool(part.source.files) and language.found_in(part) is not None


def _find_assets(
    language: Language, folder: str, source: Source, config: AppConfig
) -> Assets | None:
    if language.assets is None:
        return None
    with naming_files(partial(posixpath.join, folder), config):
        found = language.assets(App(source.below(folder), config.of_stage()), config)
    if found is None:
        return None
    evidence = placed(found.evidence, partial(posixpath.join, folder), config)
    return found._replace(evidence=evidence)


def _refuse_wrong_names(config: AppConfig) -> None:
    file, line = config.where("build.toolchain")
    names = [each.name for each in registry.known()]
    for number, name in enumerate(config.toolchains):
        if name not in names:
            raise UnsupportedError(
                f"there is no toolchain {name!r}",
                file=file,
                line=line,
                tip=f"There are: {', '.join(names)}.",
            )
        if name in config.toolchains[:number]:
            raise ConfigError(
                f"{name!r} is there twice",
                file=file,
                line=line,
                tip="Name each language once, the main one first.",
            )


def _refuse_extras(language: Language, config: AppConfig) -> None:
    for key, asked in (("extras", config.extras), ("groups", config.groups)):
        if asked:
            file, line = config.where(f"build.{key}")
            raise ConfigError(
                f"[build] {key} asks for {', '.join(asked)}: {language.title} has none",
                file=file,
                line=line,
                tip="Take the line out. They are those of a Python project.",
            )


def _refuse_assets_dir(config: AppConfig, evidence: list[Evidence]) -> None:
    file, line = config.where("build.assets-dir")
    why = evidence[-1].reason if evidence else "it has no file that tells what makes assets"
    raise ConfigError(
        f"nothing can be built from {config.assets_dir!r}: {why}",
        file=file,
        line=line,
        tip="Correct the name, or take the line out.",
    )


def _listed(folders: tuple[str, ...]) -> str:
    return ", ".join(folder or "the top" for folder in folders)
