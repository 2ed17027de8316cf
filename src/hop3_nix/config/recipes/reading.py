"""``[nix]`` with a template: every mistake in it is an error with its line and what to do."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from hop3_nix.config.recipes.keys import (
    RAW,
    TEMPLATES,
    GoSource,
    NodePnpmInstall,
    PhpApp,
    PrebuiltBinary,
    Recipe,
    claimed,
    is_revision,
    is_sha256,
)
from hop3_nix.errors import ConfigError, Hop3NixError, UnsupportedError
from hop3_nix.files.tomlfile import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

    from hop3_nix.files.tomlfile import Lines

RETIRED: Final = {
    "pip-packages": "Names without versions and hashes cannot be built again. Commit a "
    "requirements.txt with hashes, and name it: pip-requirements; or, of Node, put the package "
    "into the manifest.",
}

FETCHED: Final = ("java-gradle", "java-war", "node-prebuilt", "prebuilt-archive", "prebuilt-binary")
"""Templates that make nothing of the app's own directory."""

_STARTED: Final = (
    *("go-source", "nixpkgs-wrapper", "node-pnpm-install", "node-prebuilt", "prebuilt-archive"),
    *("python-venv", "ruby-bundler"),
)
"""Templates that do not know themselves which program is started."""


def read_recipe(nix: Mapping[str, Any], file: str, lines: Lines) -> Recipe:
    """Return the section as the model of its template.

    Raises ConfigError, or UnsupportedError for what hop3-nix does not take from anyone's file.
    """
    template = _template(nix["template"], file, line_of(lines, ("nix", "template")))
    for key in nix:
        if key not in claimed(template):
            raise _unclaimed(key, template, file, line_of(lines, ("nix", key)))
        if key in RAW and nix[key]:
            raise UnsupportedError(
                f"[nix] {key} is Nix or shell that would be evaluated as it stands",
                file=file,
                line=line_of(lines, ("nix", key)),
                tip="Write such an expression as hop3.nix, which hop3-nix build builds.",
            )
    try:
        recipe = TEMPLATES[template].model_validate(nix)
    except ValidationError as error:
        raise _explained(error.errors()[0], file, lines) from error
    for key, what, tip in _faults(recipe):
        raise ConfigError(f"[nix] {what}", file=file, line=line_of(lines, ("nix", key)), tip=tip)
    if recipe.nixpkgs_rev:
        raise UnsupportedError(
            "[nix] nixpkgs-rev is a package set of the app's own choice",
            file=file,
            line=line_of(lines, ("nix", "nixpkgs-rev")),
            tip="Say it yourself when building: --pkgs PATH, with that nixpkgs unpacked at PATH.",
        )
    return recipe


def _template(said: object, file: str, line: int | None) -> str:
    listed = ", ".join(TEMPLATES)
    if not isinstance(said, str):
        what = "[nix] template has to be text"
        raise ConfigError(what, file=file, line=line, tip=f"One of {listed}.")
    if said not in TEMPLATES:
        near = get_close_matches(said.replace("_", "-").lower(), TEMPLATES, n=1)
        raise ConfigError(
            f"[nix] template {said!r} is none that there is",
            file=file,
            line=line,
            tip=f"Did you mean {near[0]}?" if near else f"There are {listed}.",
        )
    return said


def _unclaimed(key: str, template: str, file: str, line: int | None) -> Hop3NixError:
    owners = [name for name in TEMPLATES if key in claimed(name)]
    near = get_close_matches(key.replace("_", "-").lower(), sorted(claimed(template)), n=1)
    if key in RETIRED:
        what, tip = "is no longer a key", RETIRED[key]
    elif owners:
        what, tip = f"belongs to {', '.join(owners)}, not to {template}", "Take it out."
    elif key == "pkgs":
        what, tip = "cannot stand beside a template", "Say it when building: --pkgs NAME"
    else:
        what = f"is not a key of {template}"
        tip = f"Did you mean {near[0]}?" if near else "docs/templates.md lists them."
    return ConfigError(f"[nix] {key} {what}", file=file, line=line, tip=tip)


def _explained(detail: ErrorDetails, file: str, lines: Lines) -> ConfigError:
    context: dict[str, Any] = detail.get("ctx", {})
    path = [str(part) for part in (*detail["loc"], *context.get("below", ()))]
    place = f"[nix] {'.'.join(path)}"
    match detail["type"]:
        case "hop3":
            what, tip = f"{place} {context['what']}", context["tip"]
        case "missing":
            what, tip = f"{place} is not given, and has to be", f'Write {path[-1]} = "..."'
        case "extra_forbidden":
            what, tip = f"{place} is not a key that is known", "docs/templates.md lists them."
        case _:
            what, tip = f"{place} is of another type than it has to be", "docs/templates.md"
    return ConfigError(what, file=file, line=line_of(lines, ("nix", *path)), tip=tip)


Fault = tuple[str, str, str]
"""A key, what is wrong with it beside others, and what to do."""


def _faults(recipe: Recipe) -> Iterator[Fault]:
    """Yield what is wrong with the keys together."""
    yield from _of_source(recipe)
    yield from _of_pin(recipe)
    for each in recipe.config_files:
        key = "raw_content" if each.format == "raw" else "sections"
        if getattr(each, key) is None:
            what = f"config-files: {each.path} has no {key.replace('_', '-')}"
            yield "config-files", what, "Write what the file has in it."
    match recipe:
        case PhpApp():
            yield from _of_php(recipe)
        case GoSource():
            yield from _of_go(recipe)
        case NodePnpmInstall() if not (recipe.npm_package or recipe.node_local_source):
            what = f"{recipe.template} without npm-package or node-local-source"
            yield "template", what, "Write one of them."
        case PrebuiltBinary() if recipe.archive:
            yield "archive", "prebuilt-binary with an archive", "Use prebuilt-archive."
        case _:
            pass


def _of_source(recipe: Recipe) -> Iterator[Fault]:
    template = recipe.template
    if bool(recipe.url) != bool(recipe.sha256):
        given, other = ("url", "sha256") if recipe.url else ("sha256", "url")
        yield given, f"{given} without {other}", f'Write {other} = "..." as well.'
    if recipe.archive and not recipe.url:
        yield "archive", "archive without url", "Name what is fetched, or take it out."
    if template in FETCHED and not recipe.url:
        yield "template", f"{template} without url", 'Write url = "..." and sha256 = "...".'
    if template in _STARTED and not recipe.exec_target:
        yield "template", f"{template} without exec-target", "Name the program that is started."


def _of_pin(recipe: Recipe) -> Iterator[Fault]:
    if bool(recipe.nixpkgs_rev) != bool(recipe.nixpkgs_sha256):
        key = "nixpkgs-rev" if recipe.nixpkgs_rev else "nixpkgs-sha256"
        yield key, "nixpkgs-rev and nixpkgs-sha256 go together", "Write both, or none."
    elif recipe.nixpkgs_rev and not is_revision(recipe.nixpkgs_rev):
        yield "nixpkgs-rev", "nixpkgs-rev is no commit", "Write its 40 hexadecimal digits."
    elif recipe.nixpkgs_rev and not is_sha256(recipe.nixpkgs_sha256):
        yield "nixpkgs-sha256", "nixpkgs-sha256 is no sha256", "nix-prefetch-url --unpack tells it."


def _of_php(recipe: PhpApp) -> Iterator[Fault]:
    if recipe.url and not recipe.archive and not recipe.single_file:
        tip = 'Write archive = "tar-gz", or single-file = true.'
        yield "url", "url without archive", tip
    if recipe.serve_mode == "custom" and not recipe.exec_target:
        yield "serve-mode", "serve-mode custom without exec-target", "Write the command there."


def _of_go(recipe: GoSource) -> Iterator[Fault]:
    vendored = recipe.go_vendor_hash
    if vendored not in {"", "none"} and not is_sha256(vendored):
        yield "go-vendor-hash", "go-vendor-hash is no sha256", "Or write none."
    pnpm = recipe.go_frontend_pnpm
    needed = "go-pnpm-deps-hash" if pnpm else "go-npm-deps-hash"
    if recipe.go_frontend_build and not (
        recipe.go_pnpm_deps_hash if pnpm else recipe.go_npm_deps_hash
    ):
        yield "go-frontend-build", f"go-frontend-build without {needed}", f"Write {needed}."
