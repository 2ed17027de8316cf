"""``[nix] template``: what is read of it, what it means, and what is refused with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config.load import load_config
from hop3_nix.config.recipes.keys import TEMPLATES, claimed, sri
from hop3_nix.config.recipes.shelltexts import converted
from hop3_nix.config.server import SERVER_NIX_KEYS
from hop3_nix.errors import ConfigError, InputError, UnsupportedError
from hop3_nix.plan import PackageRef, PathRef
from hop3_nix.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.config.app import AppConfig

HASH = "sha256-" + "A" * 43 + "="
FETCHED = f'url = "http://x/a-${{version}}.tar.gz"\nsha256 = "{HASH}"\narchive = "tar-gz"\n'
WRAPPER = 'template = "nixpkgs-wrapper"\nnixpkgs-package = "hello"\nexec-target = "hello"\n'


def load(app: Path, nix: str, rest: str = "") -> AppConfig:
    (app / "hop3.toml").write_text(f"{rest}[nix]\n{nix}")
    return load_config(Source.open(app), "my-app")


def test_every_key_of_a_server_is_claimed_by_a_template() -> None:
    keys = {key for template in TEMPLATES for key in claimed(template)}
    assert keys - {"writable-home-at-runtime"} == SERVER_NIX_KEYS


@pytest.mark.parametrize(
    "written",
    [
        "sha256-L9fm2PmHskOrGDkklVH2KtzhlwTEfT0MjdnlfqW5xrM=",
        "L9fm2PmHskOrGDkklVH2KtzhlwTEfT0MjdnlfqW5xrM=",
        "2fd7e6d8f987b243ab1839249551f62adce19704c47d3d0c8dd9e57ea5b9c6b3",
        "1cy6p6jqvpad1h6q7s249sbrrw9afia25i9s32nh7g3s1cdgdm1g",
    ],
)
def test_a_sha256_has_one_meaning_in_each_of_its_spellings(written: str) -> None:
    if len(written) == 52:
        assert sri(written).startswith("sha256-")
        assert sri("0hbgzbg38ky1gcs8czbhdw11naarlz81mvmvyzx44kw0l367s60g") == sri(
            "sha256:0hbgzbg38ky1gcs8czbhdw11naarlz81mvmvyzx44kw0l367s60g"
        )
    else:
        assert sri(written) == "sha256-L9fm2PmHskOrGDkklVH2KtzhlwTEfT0MjdnlfqW5xrM="


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A-${B}", "${A-}-${B-}"),
        ("${A:-x$B}", "${A:-x${B-}}"),
        ("${A:-http://${B:-h}:$C/}", "${A:-http://${B:-h}:${C-}/}"),
        ("${A:?no ${B}}", "${A:?no ${B-}}"),
        (r"\$A \${B} \\ \` \x", r"$A $${B} \ ` \x"),
        ("5$ $. $", "5$ $. ${$}"),
        (r"\$${A}", "${$}${A-}"),
        ("$(pwd)/x", "${PWD}/x"),
        ("APPDIR/x PHPBIN/php $APPDIR", "${@APPDIR}/x php ${APPDIR-}"),
    ],
)
def test_a_text_of_a_shell_is_a_text_that_is_filled_in(text: str, expected: str) -> None:
    words = {"APPDIR": "${@APPDIR}", "PHPBIN/": ""}
    assert converted(text, "x", words, below=()).text == expected


def test_a_text_that_makes_a_secret_has_it_made_once() -> None:
    text = "${KEY:-$(head -c 16 /dev/urandom | base64)}/$(openssl rand -hex 8)"
    found = converted(text, "my-key", {}, below=())
    assert found.text == "${KEY:-${GENERATED_MY_KEY}}/${GENERATED_MY_KEY_2}"
    assert [(each.kind, each.length) for each in found.secrets] == [("base64", 16), ("hex", 8)]


def test_what_a_recipe_means(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        f"""template = "php-app"
{FETCHED}
web-root = "public"
pre-exec = ["PHPBIN/php x || exit 1", "test -d APPDIR/y"]
extra-paths = ["${{php}}/bin"]
nix-runtime-libs = ["zlib", "stdenv.cc.cc.lib"]
[nix.local-vars]
PORT = "${{PORT:-8080}}"
[nix.env-exports]
URL = "http://h:$PORT"
[[nix.conditional-env]]
name = "DB"
condition-var = "OTHER"
value = "x"
[nix.runtime-env]
MODE = "live"
[[nix.config-files]]
path = "a/b.ini"
format = "ini"
create-if-missing = true
sections.s.k = "APPDIR/$URL"
[[nix.config-files]]
path = "c"
raw-content = "`$(pwd)`"
""",
        '[metadata]\nversion = "2.1"\n',
    )
    assert config.workers == {"web": "php -S 0.0.0.0:${PORT:-8080} -t $APPDIR/public"}
    assert config.env == {"MODE": "live", "PHP_CLI_SERVER_WORKERS": "8"}
    assert (config.toolchains, config.writable_tree) == (("prebuilt",), ".")
    assert config.packages == ("zlib",)
    assert config.recipe_places == {"APPDIR": PathRef(layer="deps", path="app")}
    assert config.start.said() == {
        "variables": [
            {"name": "APPDIR", "value": "${@APPDIR}", "export": False},
            {"name": "PORT", "value": "${PORT:-8080}", "export": False},
            {"name": "URL", "value": "http://h:${PORT-}"},
            {"name": "DB", "value": "x", "unless": "OTHER"},
        ],
        "files": [
            {"path": "a/b.ini", "text": "[s]\nk = ${@APPDIR}/${URL-}\n\n", "keep": True},
            {"path": "c", "text": "`${PWD}`"},
        ],
        "steps": {"web": ["set -e\nphp x || exit 1\ntest -d $APPDIR/y"]},
    }


def test_packages_that_a_recipe_binds_are_places(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        f"""{WRAPPER}
let-extra.jdk = "pkgs.zulu21"
env-exports-raw.JAVA_HOME = "${{jdk}}"
runtime-env.SHARE = "${{my_app}}/share"
writable-home-at-runtime = true
writable-home-env-var = "HOME_DIR"
""",
    )
    assert config.recipe_places == {
        "jdk": PackageRef(package="zulu21", path=""),
        "my_app": PathRef(layer="deps", path="package"),
    }
    assert config.workers == {"web": "./bin/hello"}
    values = {each.name: each.value for each in config.start.variables}
    assert values == {"SHARE": "${@my_app}/share", "HOME_DIR": "${PWD}", "JAVA_HOME": "${@jdk}"}


@pytest.mark.parametrize(
    ("nix", "toolchain", "versions"),
    [
        (
            """template = "python-venv"
pip-requirements = "requirements.txt"
exec-target = "x"
runtime-package = "python312"
""",
            "python",
            {"python": "3.12"},
        ),
        (
            'template = "node-pnpm-install"\nnode-local-source = true\nexec-target = "x"',
            "node",
            {},
        ),
        (
            'template = "ruby-bundler"\nexec-target = "x"\nruntime-package = "ruby_3_2"',
            "ruby",
            {"ruby": "3.2"},
        ),
        ('template = "go-source"\nexec-target = "x"\ngo-version = "go_1_24"', "go", {"go": "1.24"}),
        ('template = "php-app"\nphp-version = "php84"', "php", {"php": "8.4"}),
    ],
)
def test_recipes_of_the_apps_own_files_are_built_by_our_languages(
    tmp_path: Path, nix: str, toolchain: str, versions: dict[str, str]
) -> None:
    config = load(tmp_path, nix)
    assert (config.toolchains, config.versions) == ((toolchain,), versions)


@pytest.mark.parametrize(
    ("nix", "message", "line"),
    [
        (f'{WRAPPER}exec-targt = "x"', "exec-targt is not a key of nixpkgs-wrapper", 5),
        (f'{WRAPPER}php-version = "x"', "php-version belongs to php-app, not to", 5),
        (f"{WRAPPER}pip-packages = []", "pip-packages is no longer a key", 5),
        (f'{WRAPPER}pkgs = "debian"', "pkgs cannot stand beside a template", 5),
        (f"{WRAPPER}exec-args = 'x'", "exec-args has to be a list of texts", 5),
        (f"{WRAPPER}env-exports = {{ A = 1 }}", "env-exports.A has to be a text", 5),
        (f"{WRAPPER}env-exports.A = '$(date)'", "env-exports.A runs a command: $(date)", 5),
        (f"{WRAPPER}env-exports.A = '`id`'", "env-exports.A runs a command", 5),
        (f"{WRAPPER}env-exports.A = '${{B%x}}'", "which is more than the value", 5),
        (f"{WRAPPER}env-exports.A = '${{B:-x'", "that is not closed", 5),
        (f"{WRAPPER}env-exports.A = '$1'", "has $1, which has no value", 5),
        (f"{WRAPPER}runtime-env.A = '${{nope}}'", "names nope, which is not bound", 5),
        (f"{WRAPPER}extra-paths = ['/usr/bin']", "no part of what was built", 5),
        (f"{WRAPPER}let-extra.x = 'import ./x'", "let-extra.x is Nix that would be", 5),
        (f"{WRAPPER}env-exports-raw.X = 'y'", "env-exports-raw.X is Nix that would be", 5),
        (f"{WRAPPER}config-files = ['x']", "config-files has to be a list of sections", 5),
        (f"{WRAPPER}config-files = [{{ path = '../x' }}]", "path is no path inside", 5),
        (f"{WRAPPER}config-files = [{{ path = 'x' }}]", "x has no raw-content", 5),
        (f"{WRAPPER}config-files = [{{ path = 'x', a = 1 }}]", "is not a key that is known", 5),
        (f"{WRAPPER}config-files = [{{ path='x', format='ini' }}]", "x has no sections", 5),
        (f"{WRAPPER}url = 'http://x'", "url without sha256", 5),
        (f"{WRAPPER}sha256 = 'x'", "sha256 is no sha256", 5),
        (f"{WRAPPER}archive = 'rar'", "archive cannot be 'rar'", 5),
        (f"{WRAPPER}archive = 'zip'", "archive without url", 5),
        (f"{WRAPPER}nixpkgs-rev = 'x'", "nixpkgs-rev and nixpkgs-sha256 go together", 5),
        (f"{WRAPPER}nixpkgs-rev = 'x'\nnixpkgs-sha256 = 'x'", "nixpkgs-rev is no commit", 5),
        ('template = "nixpkgs-wrapper"', "nixpkgs-package is not given", None),
        ('template = "java-war"\nwar-file = "x"', "java-war without url", 2),
        ('template = "ruby-bundler"', "ruby-bundler without exec-target", 2),
        ('template = "php-app"\nserve-mode = "custom"', "custom without exec-target", 3),
        ('template = "php-app"\nserve-mode = "x"', "serve-mode cannot be 'x'", 3),
        (
            f'template = "php-app"\nurl = "http://x"\nsha256 = "{HASH}"',
            "url without archive",
            3,
        ),
        (
            'template = "go-source"\nexec-target = "x"\ngo-vendor-hash = "x"',
            "go-vendor-hash is no sha256",
            4,
        ),
        (
            'template = "go-source"\nexec-target = "x"\ngo-frontend-build = "x"',
            "go-frontend-build without go-npm-deps-hash",
            4,
        ),
        (
            'template = "python-venv"\npip-requirements = "r.txt"\nexec-target = "x"',
            "pip-requirements is r.txt",
            3,
        ),
        ('template = "node-pnpm-install"\nexec-target = "x"', "without npm-package or", 2),
        (
            f'template = "prebuilt-binary"\nbinary-name = "x"\n{FETCHED}',
            "prebuilt-binary with an archive",
            6,
        ),
        (f'template = "prebuilt-archive"\nexec-target = "x"\n{FETCHED}', "file-mappings is not", 1),
    ],
)
def test_a_mistake_is_refused_with_its_line(
    tmp_path: Path, nix: str, message: str, line: int | None
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, nix)
    assert message in caught.value.message
    assert caught.value.file == "hop3.toml"
    assert line is None or caught.value.line == line
    assert caught.value.tip


@pytest.mark.parametrize(
    ("nix", "message"),
    [
        (f"{WRAPPER}install-extra = 'rm x'", "install-extra is Nix or shell"),
        (f"{WRAPPER}nixpkgs-overrides.x = 'true'", "nixpkgs-overrides is Nix or shell"),
        (f"{WRAPPER}nixpkgs-rev = '{'a' * 40}'\nnixpkgs-sha256 = '{HASH}'", "own choice"),
        (f"template = 'go-source'\nexec-target = 'x'\n{FETCHED}", "compiles what it fetches"),
        (f"template = 'php-app'\nneeds-composer = true\n{FETCHED}", "compiles what it fetches"),
    ],
)
def test_what_is_not_taken_from_a_file_is_refused_as_such(
    tmp_path: Path, nix: str, message: str
) -> None:
    with pytest.raises(UnsupportedError, match=message) as caught:
        load(tmp_path, nix)
    assert caught.value.line
    assert caught.value.tip


def test_a_password_of_a_default_is_one_in_a_url(tmp_path: Path) -> None:
    load(tmp_path, f"{WRAPPER}env-exports.A = 'pg://${{U:-u}}:${{P:-}}@h'")
    with pytest.raises(InputError, match="a URL with a password"):
        load(tmp_path, f"{WRAPPER}env-exports.A = 'pg://${{U:-u}}:${{P:-hunter2}}@h'")
