"""The keys of ``[nix]`` by template: their types and what holds where one is not given."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hop3_nix.config.values import Switch, Table, Text, Texts, WholeNumber, wrong
from hop3_nix.nix.gcroots import BASE32

Archive = Literal["tar-gz", "tar-bz2", "tar-xz", "zip"]

_REVISION: Final = re.compile(r"[0-9a-f]{40}")
_ATTRIBUTE: Final = re.compile(r"(?:pkgs\.)?([A-Za-z0-9_][A-Za-z0-9_'+-]*(?:\.[A-Za-z0-9_'+-]+)*)")


def sri(value: str) -> str:
    """Return a sha256 as in Subresource Integrity, from any of the spellings that Nix takes.

    They are that one, base 64 alone, Nix's base 32, and hexadecimal digits. Raises ValueError.
    """
    text = value.removeprefix("sha256-").removeprefix("sha256:")
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        digest = bytes.fromhex(text)
    elif re.fullmatch(f"[{BASE32}]{{52}}", text):
        number = 0
        for char in text:
            number = number * 32 + BASE32.index(char)
        digest = (number & ((1 << 256) - 1)).to_bytes(32, "little")
    else:
        try:
            digest = base64.b64decode(text, validate=True)
        except binascii.Error:
            digest = b""
    if len(digest) != 32:  # noqa: PLR2004 - bytes of a sha256
        raise ValueError(value)
    return f"sha256-{base64.b64encode(digest).decode()}"


def _sha256(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("has to be a text", "Put it in quotes.")
    try:
        return sri(value) if value else ""
    except ValueError:
        tip = "Write it as sha256-… in base 64, as base 64 alone, or in Nix's base 32."
        raise wrong("is no sha256", tip) from None


def _one_of(*allowed: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if value not in allowed:
            raise wrong(f"cannot be {value!r}", f"There are: {', '.join(allowed)}.")
        return value

    return BeforeValidator(check)


def _tables(value: Any) -> Any:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise wrong("has to be a list of sections", "Begin each with its name in [[ ]].")
    return value


def _attribute(value: Any) -> str:
    match = _ATTRIBUTE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong("is no name of a package", 'Write the package set\'s name of it: "openssl"')
    return match[1]


def _attributes(value: Any) -> Any:
    if not isinstance(value, list):
        raise wrong("has to be a list of packages", 'Write it like this: ["openssl"]')
    return tuple(map(_attribute, value))


def _inner(value: Any) -> str:
    if not isinstance(value, str) or value.startswith("/") or ".." in value.split("/"):
        raise wrong("is no path inside of the application", "Give a relative path without ..")
    return value


def _inners(value: Any) -> Any:
    if not isinstance(value, list):
        raise wrong("has to be a list of paths", 'Write it like this: ["one", "two"]')
    return tuple(map(_inner, value))


Sha256 = Annotated[str, BeforeValidator(_sha256)]
Attribute = Annotated[str, BeforeValidator(_attribute)]
Attributes = Annotated[tuple[str, ...], BeforeValidator(_attributes)]
Inner = Annotated[str, BeforeValidator(_inner)]
Inners = Annotated[tuple[str, ...], BeforeValidator(_inners)]


def _dashed(name: str) -> str:
    return name.replace("_", "-")


class Keys(BaseModel):
    """A section or an entry of a list: immutable, keys with dashes, unknown ones refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_dashed)


class ConfigFile(Keys):
    """``[[nix.config-files]]``."""

    path: Inner
    format: Annotated[str, _one_of("raw", "ini")] = "raw"
    raw_content: Text | None = None
    sections: Annotated[dict[str, Any], Field()] | None = None
    create_if_missing: Switch = False


class Conditional(Keys):
    """``[[nix.conditional-env]]``."""

    name: Text
    value: Text
    condition_var: Text = ""


class FileMapping(Keys):
    """``[[nix.file-mappings]]``."""

    source: Inner
    destination: Inner
    recursive: Switch = True
    executable: Switch = False


class Recipe(Keys):
    """The keys of every template."""

    template: str
    version: Text = ""
    url: Text = ""
    sha256: Sha256 = ""
    archive: Annotated[Archive | None, _one_of("tar-gz", "tar-bz2", "tar-xz", "zip")] = None
    executable: Switch = False
    source_root: Text = ""
    strip_components: WholeNumber = 1
    runtime_package: Text = ""
    nixpkgs_rev: Text = ""
    nixpkgs_sha256: Text = ""
    exec_target: Text = ""
    exec_args: Texts = ()
    local_vars: Table = {}
    env_exports: Table = {}
    conditional_env: Annotated[tuple[Conditional, ...], BeforeValidator(_tables)] = ()
    pre_exec: Texts = ()
    config_files: Annotated[tuple[ConfigFile, ...], BeforeValidator(_tables)] = ()
    runtime_env: Table = {}
    extra_paths: Texts = ()
    nix_runtime_libs: Attributes = ()
    writable_home_at_runtime: Switch = False
    writable_home_env_var: Text = ""


class NixpkgsWrapper(Recipe):
    """A package of the package set."""

    nixpkgs_package: Attribute
    exec_prefix: Text = ""
    nixpkgs_overrides: Table = {}
    let_extra: Table = {}
    env_exports_raw: Table = {}
    install_extra: Text = ""


class PhpApp(Recipe):
    """A PHP application, fetched or the app's own."""

    php_version: Attribute = "php82"
    php_extensions: Texts = ()
    needs_composer: Switch = False
    composer_deps_hash: Sha256 = ""
    composer_strict_validation: Switch = True
    composer_extra_flags: Texts = ()
    serve_mode: Annotated[str, _one_of("builtin", "artisan", "custom")] = "builtin"
    web_root: Inner = ""
    post_install_dirs: Inners = ()
    single_file: Switch = False
    skip_source_copy: Switch = False
    needs_writable_dir: Switch = False
    extra_native_build_inputs: Attributes = ()
    install_files: Inners = ()


class GoSource(Recipe):
    """A program in Go."""

    go_vendor_hash: Text = ""
    go_sub_packages: Texts = ()
    go_ldflags: Texts = ()
    go_proxy_vendor: Switch = False
    go_version: Attribute = "go"
    go_static_dirs: Inners = ()
    go_frontend_build: Text = ""
    go_npm_deps_hash: Sha256 = ""
    go_frontend_output: Inner = "public"
    go_frontend_source_root: Text = ""
    go_frontend_pnpm: Switch = False
    go_pnpm_deps_hash: Sha256 = ""
    go_pnpm_package: Attribute = "pnpm_9"
    go_pnpm_fetcher_version: WholeNumber | None = None
    go_frontend_node_package: Attribute = "nodejs"
    go_frontend_embed_path: Inner = ""


class PythonVenv(Recipe):
    """Packages of a requirements.txt with hashes."""

    pip_requirements: Inner
    pip_deps_hash: Sha256 = ""
    pip_local_source: Switch = False
    pip_source_packages: Texts = ()
    pip_build_inputs: Attributes = ()
    pip_build_requires: Texts = ()
    cargo_locks: list[Any] = []


class NodePnpmInstall(Recipe):
    """What pnpm installs by a lockfile."""

    npm_package: Text = ""
    node_local_source: Switch = False
    node_manifest: Inner = ""
    node_lockfile: Inner = ""
    node_deps_hash: Sha256 = ""
    node_pnpm_package: Attribute = "pnpm_9"
    node_pnpm_fetcher_version: WholeNumber | None = None
    node_native_packages: Texts = ()


class RubyBundler(Recipe):
    """An application of gems."""


class JavaGradle(Recipe):
    """What Gradle builds."""

    gradle_jar_glob: Text
    gradle_jar_name: Text
    gradle_deps_json: Inner = "deps.json"
    gradle_patches: Inners = ()
    gradle_flags: Texts = ()


class JavaWar(Recipe):
    """A WAR file that runs by itself."""

    war_file: Inner
    jvm_default_opts: Text = ""


class NodePrebuilt(Recipe):
    """An archive with an application of Node and its modules."""

    unpack_without_top_level: Switch = False


class PrebuiltArchive(Recipe):
    """An archive with programs."""

    file_mappings: Annotated[tuple[FileMapping, ...], BeforeValidator(_tables)]


class PrebuiltBinary(Recipe):
    """One program."""

    binary_name: Inner


TEMPLATES: Final[dict[str, type[Recipe]]] = {
    "go-source": GoSource,
    "java-gradle": JavaGradle,
    "java-war": JavaWar,
    "nixpkgs-wrapper": NixpkgsWrapper,
    "node-pnpm-install": NodePnpmInstall,
    "node-prebuilt": NodePrebuilt,
    "php-app": PhpApp,
    "prebuilt-archive": PrebuiltArchive,
    "prebuilt-binary": PrebuiltBinary,
    "python-venv": PythonVenv,
    "ruby-bundler": RubyBundler,
}

RAW: Final = ("install-extra", "exec-prefix", "nixpkgs-overrides")
"""Keys whose values a server has evaluated as Nix, or run as shell while building."""


def claimed(template: str) -> frozenset[str]:
    """Return the keys that ``template`` reads."""
    return frozenset(_dashed(name) for name in TEMPLATES[template].model_fields)


def is_revision(text: str) -> bool:
    """Return whether ``text`` is a commit of nixpkgs."""
    return _REVISION.fullmatch(text) is not None


def is_sha256(text: str) -> bool:
    """Return whether ``text`` is one in any of the spellings that Nix takes."""
    try:
        return bool(sri(text))
    except ValueError:
        return False
