"""What the application's own files say of building and running it: hop3.toml over Procfile.

What neither says is left empty, for the toolchain to infer.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from pydantic_core import PydanticCustomError

from hop3_nix.config.app import HEALTH_TIMEOUT, AppConfig
from hop3_nix.config.file import ConfigFile, read_config_file
from hop3_nix.config.recipes.meaning import Meaning, meaning_of
from hop3_nix.config.recipes.toolchains import toolchain_of
from hop3_nix.config.schema import Hop3Toml
from hop3_nix.config.start import check_places
from hop3_nix.config.workers import Place, Said, merge_hooks, merge_workers
from hop3_nix.errors import ConfigError
from hop3_nix.procfile import Procfile, parse_procfile
from hop3_nix.procfile.parse import MAX_BYTES, check_number
from hop3_nix.startdata import StartData

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from hop3_nix.source import Source

CONFIG_FILE: Final = "hop3.toml"
PROCFILE: Final = "Procfile"
PACKAGE_SETS: Final = ("nixpkgs", "debian")


def load_config(source: Source, name: str = "") -> AppConfig:
    """Return the configuration of ``source``; both files are optional.

    Each is looked for in ``hop3/`` and then at the root. ``name`` is for an application that does
    not name itself. Raises ConfigError, with file and line.
    """
    _refuse_other_capitals(source)
    config_path = source.find_config(CONFIG_FILE)
    config = ConfigFile("", Hop3Toml(), {})
    if config_path is not None:
        config = read_config_file(_text_of(source, config_path), config_path)
    _check_root(source, config)
    procfile_path = source.find_config(PROCFILE, config.toml.build.root)
    procfile = Procfile("", ())
    if procfile_path is not None:
        procfile = parse_procfile(_text_of(source, procfile_path), procfile_path)
    toml = config.toml
    workers = merge_workers(config, procfile)
    for number, each in enumerate(workers.values(), 1):
        check_number(number, *each.place)
    before_build = merge_hooks(config, procfile, "build.before-build")
    build = merge_hooks(config, procfile, "build.build")
    after_build = merge_hooks(config, procfile, "build.after-build")
    before_run = merge_hooks(config, procfile, "run.before-run")
    said = (*_said(config), *before_build, *build, *after_build, *before_run, *workers.values())
    places: dict[str, Place] = {
        ".".join(path): (config.file, line) for path, line in config.lines.items()
    }
    said_name = toml.metadata.id or toml.metadata.name
    name = _slug(said_name) or _slug(name) or _slug(source.root.name) or "app"
    timeout = toml.healthcheck.timeout or toml.run.healthcheck_timeout
    recipe, meant = config.recipe, _meaning(config, name)
    asked = toolchain_of(recipe, config) if recipe else None
    if meant and "web" not in workers:
        place = (config.file, config.line("nix", "template"))
        said = (*said, Said("run.workers.web", "worker web", meant.web, "[nix] template", place))
    return AppConfig(
        name=name,
        named=bool(_slug(said_name)),
        version=toml.metadata.version or (recipe.version if recipe else ""),
        description=toml.metadata.description,
        workers=({"web": meant.web} if meant else {})
        | {name: each.value for name, each in workers.items()},
        before_run=tuple(each.value for each in before_run),
        before_build=tuple(each.value for each in before_build),
        build=tuple(each.value for each in build),
        after_build=tuple(each.value for each in after_build),
        builder=toml.build.builder,
        toolchains=(asked.toolchain,) if asked else toml.build.toolchain,
        root=toml.build.root,
        extras=toml.build.extras,
        groups=toml.build.groups,
        versions={**(asked.versions if asked else {}), **toml.build.by_language()},
        packages=(*toml.run.packages, *(asked.packages if asked else ())),
        build_packages=(*toml.build.packages, *(asked.build_packages if asked else ())),
        env=(meant.env if meant else {}) | toml.env.values,
        env_policy=toml.env.policy,
        required_env=toml.env.required,
        start=_start(config, workers, meant),
        static_paths=toml.static or toml.run.static,
        static_dir=toml.build.static_dir,
        assets_dir=toml.build.assets_dir,
        assets_whole_tree=toml.build.assets_whole_tree,
        healthcheck_path=toml.healthcheck.path or toml.run.healthcheck,
        healthcheck_timeout=timeout or HEALTH_TIMEOUT,
        healthcheck_contains=toml.healthcheck.contains,
        # A server starts what a template makes in a directory that it may write to.
        writable_tree="." if toml.nix.writable_home_at_runtime or recipe else "",
        writable=toml.run.writable,
        package_set=_package_set(config, source.root),
        recipe=recipe,
        recipe_places=meant.places if meant else {},
        recipe_path=meant.path if meant else (),
        evidence=tuple(each.evidence() for each in said),
        places=places | {each.key: each.place for each in said},
    )


def _check_root(source: Source, config: ConfigFile) -> None:
    """Raise ConfigError for a ``[build] root`` without files, or with a hop3.toml of its own."""
    root = config.toml.build.root
    if not root:
        return
    file, line = config.file, config.line("build", "root")
    if not any(name.startswith(f"{root}/") for name in source.files):
        raise ConfigError(
            f"[build] root names {root}, in which there is no file",
            file=file,
            line=line,
            tip="Name the directory of the main language, from the top.",
        )
    for other in (f"{root}/{CONFIG_FILE}", f"{root}/hop3/{CONFIG_FILE}"):
        if source.has(other):
            raise ConfigError(
                f"[build] root names {root}, and {other} would be passed over",
                file=file,
                line=line,
                tip=f"Move what it says here and delete it, or build {root} alone, by its path.",
            )


def _text_of(source: Source, file: str) -> str:
    """Return the text of ``file``, of which every line is looked at in several ways."""
    text = source.read_text(file)
    if len(text) > MAX_BYTES:
        raise ConfigError(
            f"larger than {MAX_BYTES >> 20} MiB",
            file=file,
            tip="What is long belongs into a script of the application.",
        )
    return text


def _refuse_other_capitals(source: Source) -> None:
    right = {f"{place}{name}" for place in ("hop3/", "") for name in (CONFIG_FILE, PROCFILE)}
    meant = {path.lower(): path for path in right}
    for file in source.files:
        path = meant.get(file.lower(), file)
        if path != file:
            raise ConfigError(
                f"would be passed over, as the name is written {path}",
                file=file,
                tip=f"Rename it: mv {file} {path}",
            )


def _said(config: ConfigFile) -> list[Said]:
    """Return the choices that a builder or a toolchain would make otherwise."""
    build, nix = config.toml.build, config.toml.nix
    choices = {"build.builder": f"builder {build.builder}"} if build.builder != "auto" else {}
    if build.root:
        choices["build.root"] = f"main language in {build.root}"
    if build.toolchain:
        choices["build.toolchain"] = f"toolchain {', '.join(build.toolchain)}"
    for language, version in build.by_language().items():
        choices[f"build.{language}-version"] = f"{language} {version}"
    if nix.pkgs:
        choices["nix.pkgs"] = f"package set {nix.pkgs}"
    return [
        Said(
            key,
            choice,
            "",
            "[{}] {}".format(*key.split(".")),
            (config.file, config.line(*key.split("."))),
        )
        for key, choice in choices.items()
    ]


def _meaning(config: ConfigFile, name: str) -> Meaning | None:
    """Return what the recipe means, if there is one. Raises ConfigError."""
    if config.recipe is None:
        return None
    try:
        return meaning_of(config.recipe, name)
    except PydanticCustomError as error:
        context = error.context or {}
        place = ".".join(context["below"])
        raise ConfigError(
            f"[nix] {place} {context['what']}",
            file=config.file,
            line=config.line("nix", *context["below"]),
            tip=context["tip"],
        ) from error


def _start(config: ConfigFile, workers: Collection[str], meant: Meaning | None) -> StartData:
    """Return what is done at each start. Raises ConfigError."""
    toml = config.toml
    key = "at-start" if toml.at_start is not None else "nix.at-start"
    section = toml.at_start or toml.nix.at_start
    if toml.at_start is not None and toml.nix.at_start is not None:
        raise ConfigError(
            "[nix.at-start] says what [at-start] says as well",
            file=config.file,
            line=config.line("nix", "at-start"),
            tip="Write one of them: [nix.at-start] if a Hop3 server reads the file, too.",
        )
    data = section.data if section else StartData()
    try:
        check_places(
            data,
            tree_is_written=toml.nix.writable_home_at_runtime or meant is not None,
            writable=toml.run.writable,
        )
    except PydanticCustomError as error:
        context = error.context or {}
        raise ConfigError(
            f"[{key}] {context['what']}",
            file=config.file,
            line=config.line(*key.split("."), *context["below"]),
            tip=context["tip"],
        ) from error
    for worker in data.steps:
        if workers and worker not in workers:
            near = get_close_matches(worker, workers, n=1)
            raise ConfigError(
                f"[{key}.before] {worker} is not a worker",
                file=config.file,
                line=config.line(*key.split("."), "before", worker),
                tip=f"Did you mean {near[0]}?" if near else f"There are: {', '.join(workers)}.",
            )
    theirs = meant.start if meant else StartData()
    return StartData(
        secrets=(*toml.env.secrets, *theirs.secrets),
        variables=(*toml.env.computed, *theirs.variables, *data.variables),
        directories=data.directories,
        files=(*theirs.files, *data.files),
        steps=theirs.steps | data.steps,
    )


def _package_set(config: ConfigFile, root: Path) -> str:
    asked = config.toml.nix.pkgs
    if not asked or asked in PACKAGE_SETS:
        return asked
    if "/" not in asked:
        raise ConfigError(
            f"[nix] pkgs cannot be {asked!r}",
            file=config.file,
            line=config.line("nix", "pkgs"),
            tip='Write "nixpkgs" or "debian"; a path is for the option --pkgs.',
        )
    return str((root / asked).resolve())


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", text).strip(".-")
