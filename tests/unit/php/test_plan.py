"""What the plan of a PHP application says: its directory, its version, extensions and packages."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import ConfigError, LockError, SourceError, UnsupportedError
from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.toolchains.php.extensions import ALWAYS, MORE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan

    Plan = Callable[..., BuildPlan]

PAGE = {"public/index.php": "<?php echo 1;"}
DIGEST = "0123456789abcdef" * 4


def composer(**said: Any) -> dict[str, str]:
    return {**PAGE, "composer.json": json.dumps(said, indent=1)}


def package(name: str, **said: Any) -> dict[str, Any]:
    dist = {
        "type": "zip",
        "url": f"https://index.example/{name}.zip",
        "reference": "a",
        "shasum": "",
    }
    return {"name": name, "version": "1.0.0", "dist": dist, **said}


def locked(*packages: dict[str, Any], digests: bool = True, **said: Any) -> dict[str, str]:
    """Return an application with a composer.lock and, with ``digests``, a hop3-nix.lock."""
    names = {each["name"]: "*" for each in packages}
    lock = json.dumps({"packages": packages, "packages-dev": [], **said}, indent=1)
    files = composer(require=names) | {"composer.lock": lock}
    if digests:
        own = {
            "format": 1,
            "inputs": {"composer.lock": hashlib.sha256(lock.encode()).hexdigest()},
            "php": {each["dist"]["url"]: DIGEST for each in packages if each.get("dist")},
        }
        files["hop3-nix.lock"] = json.dumps(own)
    return files


@pytest.mark.parametrize("root", ["public", "web", "htdocs", "www", "webroot", "pub", "."])
def test_the_directory_with_an_index_is_served(plan: Plan, root: str) -> None:
    name = "index.php" if root == "." else f"{root}/index.php"
    files = (
        {name: "<?php"}
        if root in {".", "public", "web"}
        else {name: "<?php", "composer.json": "{}"}
    )
    assert plan(files).runtime.workers == {"web": f"serve-php {root}"}


@pytest.mark.parametrize(
    "extra", [{"public-dir": "site/"}, {"drupal-scaffold": {"locations": {"web-root": "site"}}}]
)
def test_composer_json_names_the_directory(plan: Plan, extra: dict[str, Any]) -> None:
    files = composer(extra=extra) | {"site/index.php": "<?php"}
    assert plan(files).runtime.workers == {"web": "serve-php site"}


def test_a_directory_that_is_named_has_to_have_an_index(plan: Plan) -> None:
    with pytest.raises(SourceError, match=r"extra\.public-dir") as caught:
        plan(composer(extra={"public-dir": "site"}))
    assert caught.value.file == "composer.json"


def test_an_application_without_pages_has_to_say_how_it_is_started(plan: Plan) -> None:
    with pytest.raises(SourceError, match=r"no index\.php") as caught:
        plan({"composer.json": "{}"})
    assert "serve-php" in caught.value.tip


@pytest.mark.parametrize(
    ("line", "run"),
    [
        ("vendor/bin/heroku-php-nginx public/", "heroku-php-nginx public/"),
        ("heroku-php-apache2 public/", "heroku-php-apache2 public/"),
        ("heroku-php-nginx -C nginx.conf -- public", "heroku-php-nginx -C nginx.conf -- public"),
        ("serve-php --plain public", "serve-php --plain public"),
        ("php -S 0.0.0.0:$PORT -t public", "php -S 0.0.0.0:$PORT -t public"),
    ],
)
def test_lines_of_heroku_run_unchanged(plan: Plan, line: str, run: str) -> None:
    files = {**PAGE, "nginx.conf": "", "Procfile": f"web: {line}\n"}
    assert plan(files).runtime.workers == {"web": run}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("heroku-php-apache2 -C httpd.conf public/", "Apache's configuration"),
        ("heroku-php-nginx -C missing.conf public/", "no such file"),
        ("heroku-php-nginx -l log public/", "no option -l"),
        ("heroku-php-nginx --plain public/", "no option --plain"),
        ("serve-php pubic", "no directory pubic"),
    ],
)
def test_what_a_line_of_heroku_cannot_have_here_is_refused(
    plan: Plan, line: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        plan({**PAGE, "httpd.conf": "", "Procfile": f"tick: true\nweb: {line}\n"})
    assert (caught.value.file, caught.value.line) == ("Procfile", 2)


@pytest.mark.parametrize(
    ("asked", "attribute"),
    [
        ("^8.1", "php84"),
        ("~8.2.0", "php82"),
        ("~8.2", "php84"),
        (">=8.1 <8.3", "php82"),
        (">=8.1,<8.3", "php82"),
        ("8.2.*", "php82"),
        ("^7.4 || ^8.0", "php84"),
        ("7.4|8.2.*", "php82"),
        ("8.1 - 8.2", "php82"),
        ("^8.2 !=8.4.28", "php82"),
        ("*", "php84"),
        (">8.2.36", "php84"),
    ],
)
def test_ranges_are_those_of_composer(plan: Plan, asked: str, attribute: str) -> None:
    assert plan(composer(require={"php": asked})).interpreter == attribute


@pytest.mark.parametrize("asked", ["~8.3.0", "^7.4", "8.1.*", "^9"])
def test_a_release_that_there_is_not_is_refused_with_those_that_there_are(
    plan: Plan, asked: str
) -> None:
    with pytest.raises(UnsupportedError, match=r"8\.4\.28, 8\.2\.36") as caught:
        plan(composer(require={"php": asked}))
    assert (caught.value.file, caught.value.line) == ("composer.json", 3)


@pytest.mark.parametrize("asked", ["eight", "^", ">=8.1 <", "8.x.y"])
def test_what_is_no_range_is_refused(plan: Plan, asked: str) -> None:
    with pytest.raises(UnsupportedError, match="is no range"):
        plan(composer(require={"php": asked}))


def test_the_platform_of_composer_json_pins(plan: Plan) -> None:
    files = composer(require={"php": "^8.1"}, config={"platform": {"php": "8.2.5"}})
    assert plan(files).interpreter == "php82"


def test_a_pin_and_what_is_required_have_to_agree(plan: Plan) -> None:
    with pytest.raises(UnsupportedError, match=r"require\.php"):
        plan(composer(require={"php": "~8.4.0"}) | {".php-version": "8.2\n"})


def test_extensions_that_are_not_always_there_are_added(plan: Plan) -> None:
    files = composer(require={"ext-intl": "*", "ext-pdo_mysql": "*", "ext-Zend-OPcache": "*"})
    assert plan(files).options.deps == {"extensions": ["intl"]}


def test_extensions_of_locked_packages_are_added(plan: Plan) -> None:
    found = plan(locked(package("a/b", require={"ext-gd": "*", "php": ">=8"})))
    assert found.options.deps == {"extensions": ["gd"]}


def test_an_extension_that_a_package_stands_for_is_not_asked_for(plan: Plan) -> None:
    polyfill = package("a/polyfill", provide={"ext-event": "*"})
    user = package("a/user", require={"ext-event": "*"})
    assert plan(locked(polyfill, user)).options.deps == {}


def test_an_extension_that_there_is_not_is_refused(plan: Plan) -> None:
    with pytest.raises(UnsupportedError, match="swoole") as caught:
        plan(composer(require={"ext-swoole": "*"}))
    assert (caught.value.file, caught.value.line) == ("composer.json", 3)


def test_packages_are_files_with_the_digests_of_our_lock(plan: Plan) -> None:
    found = plan(locked(package("psr/log"), package("a/meta", type="metapackage", dist=None)))
    (file,) = found.dependencies
    assert (file.name, file.filename, file.sha256) == ("psr/log", "psr--log-1.0.0.zip", DIGEST)
    assert found.options.app == {"install": True}


def test_packages_without_digests_name_the_command(plan: Plan) -> None:
    with pytest.raises(LockError, match="psr/log and 1 more") as caught:
        plan(locked(package("psr/log"), package("a/b"), digests=False))
    assert "hop3-nix lock" in caught.value.tip
    assert (caught.value.file, caught.value.line) == ("composer.lock", 4)


def test_packages_without_a_lock_are_refused(plan: Plan) -> None:
    with pytest.raises(LockError, match="psr/log is required"):
        plan(composer(require={"psr/log": "^3"}))


def test_a_lock_of_another_composer_json_is_refused(plan: Plan) -> None:
    files = locked(package("psr/log"))
    files["composer.json"] = json.dumps({"require": {"a/b": "*"}}, indent=1)
    with pytest.raises(LockError, match="a/b is required") as caught:
        plan(files)
    assert (caught.value.file, caught.value.line) == ("composer.json", 3)


def test_packages_that_are_committed_are_taken_as_they_are(plan: Plan) -> None:
    files = locked(package("psr/log"), digests=False) | {"vendor/autoload.php": "<?php"}
    found = plan(files)
    assert (found.dependencies, found.options.app) == ((), {})


@pytest.mark.parametrize(
    ("dist", "said"),
    [
        (None, "Git repository"),
        ({"type": "path", "url": "../own"}, "part of the tree"),
        ({"type": "rar", "url": "https://index.example/a.rar"}, "rar archive"),
        ({"type": "zip", "url": "/home/me/a.zip"}, "no address"),
        ({"type": "zip", "url": "https://index.example/a b"}, "no address"),
    ],
)
def test_packages_that_no_archive_is_locked_for_are_refused(
    plan: Plan, dist: dict[str, str] | None, said: str
) -> None:
    with pytest.raises(LockError, match=said) as caught:
        plan(locked({"name": "a/b", "version": "1", "dist": dist}, digests=False))
    assert (caught.value.file, caught.value.line) == ("composer.lock", 4)


@pytest.mark.parametrize("text", ["[]", "{", '{"require": 1}'])
def test_a_damaged_composer_json_is_an_error_of_it(plan: Plan, text: str) -> None:
    with pytest.raises(LockError) as caught:
        plan({**PAGE, "composer.json": text})
    assert caught.value.file == "composer.json"


def test_laravel_has_its_variables_and_is_told_what_to_keep(plan: Plan) -> None:
    found = plan(locked(package("laravel/framework")) | {"artisan": "<?php"})
    assert found.runtime.env["APP_ENV"] == "production"
    assert "LOG_CHANNEL" in found.runtime.defaults
    assert any('"storage", "bootstrap/cache"' in each.reason for each in found.evidence)


def test_a_plain_page_needs_nothing(plan: Plan) -> None:
    found = plan({"index.php": "<?php"})
    assert (found.dependencies, found.options.app, found.options.deps) == ((), {}, {})
    assert found.interpreter == "php84"


def test_the_set_has_the_extensions_that_are_offered_for_both_releases() -> None:
    groups = {group.name for group in read_definition().groups}
    for release in ("php82", "php84"):
        there = {name.removeprefix(f"{release}-") for name in groups if name.startswith(release)}
        assert there - {release} == MORE


def test_what_is_always_there_is_not_offered_besides() -> None:
    assert not ALWAYS & MORE


@pytest.mark.parametrize("version", ["../../x", "-o", "1.0\nx", "/etc", ""])
def test_a_version_that_would_lead_elsewhere_is_refused(plan: Plan, version: str) -> None:
    with pytest.raises(LockError, match="version"):
        plan(locked({**package("a/b"), "version": version}) | {"index.php": "<?php"})
