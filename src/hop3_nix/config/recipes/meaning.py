"""What a recipe means: a worker, its environment, and what is done at start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.config.formats import written
from hop3_nix.config.recipes.keys import (
    ConfigFile,
    GoSource,
    JavaGradle,
    JavaWar,
    NixpkgsWrapper,
    NodePrebuilt,
    PhpApp,
    PrebuiltArchive,
    PrebuiltBinary,
    Recipe,
)
from hop3_nix.config.recipes.shelltexts import Converted, converted
from hop3_nix.config.values import wrong
from hop3_nix.plan import PackageRef, PathRef
from hop3_nix.postbuild.texts import literal
from hop3_nix.startdata import Secret, SettingsFile, StartData, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hop3_nix.config.values import Table

Ref = PathRef | PackageRef

PROGRAMS: Final = ("BINDIR", "GEMSBIN", "JAVABIN", "NODEBIN", "PHPBIN", "PKGBIN", "VENVBIN")
"""Words for directories of programs, which are on the app's PATH here."""

PLACES: Final = {
    "APPDIR": PathRef(layer="deps", path="app"),
    "JARPATH": PathRef(layer="deps", path="app/app.jar"),
    "PKGOUT": PathRef(layer="deps", path="package"),
    "SHAREDIR": PathRef(layer="deps", path="share"),
    "WARPATH": PathRef(layer="deps", path="app/app.war"),
}
"""Words for other places: variables of the launcher here."""

_DIRECTORY: Final = re.compile(rf"(?:{'|'.join(PROGRAMS)})/")
_BUILT: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_-]*)\}|(out)\b)")


class Meaning(NamedTuple):
    """What a recipe says of running the app, in our words."""

    web: str
    env: dict[str, str]
    start: StartData
    places: dict[str, Ref]
    path: tuple[Ref, ...]


def meaning_of(recipe: Recipe, app: str) -> Meaning:
    """Return what ``recipe`` means for the app called ``app``. Raises what `wrong` makes."""
    secrets: list[Secret] = []
    places: dict[str, Ref] = {}
    variables: list[Variable] = []

    def filled(text: str, name: str, *below: str, quoted: bool = True) -> str:
        words = {word: f"${{@{word}}}" for word in PLACES} | {f"{word}/": "" for word in PROGRAMS}
        found: Converted = converted(text, name, words, quoted=quoted, below=below)
        secrets.extend(found.secrets)
        for word in PLACES:
            if f"${{@{word}}}" in found.text:
                places[word] = _place(word, recipe, app)
        return found.text

    variables += _raw(recipe, places)
    for key, table, export in (
        ("local-vars", recipe.local_vars, False),
        ("env-exports", recipe.env_exports, True),
    ):
        for name, text in table.items():
            value = filled(text, name, key, name)
            variables.append(Variable(name=name, value=value, export=export))
    for each in recipe.conditional_env:
        value = filled(each.value, each.name, "conditional-env")
        unless = each.condition_var or each.name
        variables.append(Variable(name=each.name, value=value, unless=unless))
    files = [_file(each, filled) for each in recipe.config_files]
    env, built = _runtime_env(recipe, app, places)
    web, before = _used(_web(recipe)), _steps(recipe)
    for word in PLACES:
        if any(f"${word}" in line for line in (web, *before)):
            places[word] = _place(word, recipe, app)
            variables.insert(0, Variable(name=word, value=f"${{@{word}}}", export=False))
    unique = {secret.name: secret for secret in secrets}
    start = StartData(
        secrets=tuple(unique.values()),
        variables=(*built, *variables),
        files=tuple(files),
        steps={"web": before} if before else {},
    )
    return Meaning(web, env, start, places, _paths(recipe, app))


def _web(recipe: Recipe) -> str:
    arguments = "".join(f" {each}" for each in recipe.exec_args)
    match recipe:
        case PhpApp():
            return _php(recipe)
        case JavaWar():
            program = "java $JAVA_OPTS -jar WARPATH"
        case JavaGradle():
            program = "java $JAVA_OPTS -jar JARPATH"
        case NodePrebuilt():
            program = f"node {recipe.exec_target}"
        case PrebuiltBinary():
            program = recipe.exec_target or recipe.binary_name
        case NixpkgsWrapper() if recipe.writable_home_at_runtime:
            program = f"./bin/{recipe.exec_target}"
        case _:
            program = recipe.exec_target
    return f"{program}{arguments}"


def _php(recipe: PhpApp) -> str:
    root = "." if recipe.needs_writable_dir else "APPDIR"
    if recipe.serve_mode == "custom":
        return recipe.exec_target
    if recipe.serve_mode == "artisan":
        return f"php {root}/artisan serve --host=0.0.0.0 --port=${{PORT:-8080}}"
    folder = f"{root}/{recipe.web_root}" if recipe.web_root else root
    return f"php -S 0.0.0.0:${{PORT:-8080}} -t {folder}"


def _used(line: str) -> str:
    """Return a command line with the words of templates as what they are here."""
    for word in PLACES:
        line = re.sub(rf"(?<![\w$]){word}(?![A-Z_])", f"${word}", line)
    return _DIRECTORY.sub("", line)


def _steps(recipe: Recipe) -> tuple[str, ...]:
    if not recipe.pre_exec:
        return ()
    # As in the script of a server: one shell that ends with the first that fails.
    lines = "\n".join(each.strip() for each in recipe.pre_exec)
    return (f"set -e\n{_used(lines)}",)


def _file(each: ConfigFile, filled: Callable[..., str]) -> SettingsFile:
    below = ("config-files",)
    if each.format == "ini":
        lines = []
        for section, values in (each.sections or {}).items():
            if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
                raise wrong("has sections that are not of texts", 'Such as: key = "text"', *below)
            lines.append(f"[{literal(section)}]\n")
            lines += [
                f"{literal(key)} = {filled(text, f'{section}_{key}', *below, quoted=False)}\n"
                for key, text in values.items()
            ]
            lines.append("\n")
        text = "".join(lines)
    else:
        said = written("raw", each.raw_content or "")
        text = filled(said, each.path, *below, quoted=False)
    return SettingsFile(path=literal(each.path), text=text, keep=each.create_if_missing)


def _runtime_env(
    recipe: Recipe, app: str, places: dict[str, Ref]
) -> tuple[dict[str, str], list[Variable]]:
    """Return the variables as they stand, and those that name a place of what was built."""
    env: dict[str, str] = {}
    built: list[Variable] = []
    table: Table = recipe.runtime_env
    for name, text in table.items():
        if not _BUILT.search(text):
            env[name] = text
            continue
        value, end = "", 0
        for match in _BUILT.finditer(text):
            place = (match[1] or match[2]).replace("-", "_")
            places[place] = _named(match[1] or match[2], recipe, app, "runtime-env", name)
            value += f"{literal(text[end : match.start()])}${{@{place}}}"
            end = match.end()
        built.append(Variable(name=name, value=value + literal(text[end:]), unless=name))
    if isinstance(recipe, PhpApp) and recipe.serve_mode != "custom":
        env.setdefault("PHP_CLI_SERVER_WORKERS", "8")
    return env, built


def _paths(recipe: Recipe, app: str) -> tuple[Ref, ...]:
    """Return what of extra-paths is not on PATH anyway."""
    found: list[Ref] = []
    for text in recipe.extra_paths:
        match = _BUILT.match(text)
        if match is None:
            raise wrong(
                f"has {text}, which is no part of what was built", "Take it out.", "extra-paths"
            )
        rest = text[match.end() :].strip("/")
        if rest in {"bin", "venv/bin"}:
            _named(match[1] or match[2], recipe, app, "extra-paths")
            continue
        ref = _named(match[1] or match[2], recipe, app, "extra-paths")
        found.append(ref.model_copy(update={"path": f"{ref.path}/{rest}".strip("/")}))
    return tuple(found)


def _named(name: str, recipe: Recipe, app: str, *below: str) -> Ref:
    """Return what a name means that a template binds for its texts."""
    package = PathRef(layer="deps", path="package")
    bound: dict[str, Ref] = {"out": PathRef(layer="deps")}
    if isinstance(recipe, NixpkgsWrapper):
        bound |= {"pkg": package, app: package, app.replace("-", "_"): package}
        bound |= dict(_let(recipe))
    elif isinstance(recipe, GoSource):
        bound |= {"pkg": PathRef(layer="deps"), "frontend": PathRef(layer="deps", path="frontend")}
    else:
        own = ("gems", "jar", "jdk", "jre", "nodejs", "php", "pnpm", "python", "ruby")
        bound |= {name: PathRef(layer="deps") for name in own}
    if name not in bound:
        raise wrong(f"names {name}, which is not bound", f"There are: {', '.join(bound)}.", *below)
    return bound[name]


def _let(recipe: NixpkgsWrapper) -> Mapping[str, Ref]:
    """Return the packages that let-extra binds; any other Nix is refused."""
    bound: dict[str, Ref] = {}
    for name, text in recipe.let_extra.items():
        match = re.fullmatch(r"pkgs\.([A-Za-z0-9_.+-]+)", text.strip())
        if match is None:
            tip = "Write such an expression as hop3.nix, which hop3-nix build builds."
            raise wrong("is Nix that would be evaluated as it stands", tip, "let-extra", name)
        bound[name] = PackageRef(package=match[1], path="")
    return bound


def _raw(recipe: Recipe, places: dict[str, Ref]) -> list[Variable]:
    variables = []
    if recipe.writable_home_env_var:
        variables.append(Variable(name=recipe.writable_home_env_var, value="${PWD}"))
    if not isinstance(recipe, NixpkgsWrapper):
        return variables
    bound = _let(recipe)
    for name, text in recipe.env_exports_raw.items():
        match = _BUILT.fullmatch(text)
        if match is None or (match[1] or "") not in bound:
            tip = 'Name a package: let-extra.jdk = "pkgs.jdk", and here NAME = "${jdk}".'
            raise wrong("is Nix that would be evaluated as it stands", tip, "env-exports-raw", name)
        places[match[1]] = bound[match[1]]
        variables.append(Variable(name=name, value=f"${{@{match[1]}}}"))
    return variables


def _place(word: str, recipe: Recipe, app: str) -> Ref:
    ref = PLACES[word]
    if word == "SHAREDIR":
        return ref.model_copy(update={"path": f"share/{app}"})
    if word == "APPDIR" and not isinstance(recipe, PhpApp | NodePrebuilt | PrebuiltArchive):
        return PathRef(layer="app", path="app")
    return ref
