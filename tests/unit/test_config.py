"""hop3.toml over the Procfile over nothing; every mistake with file, line and tip."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hop3_nix.config import AppConfig, load_config
from hop3_nix.config.schema import LANGUAGES, Hop3Toml
from hop3_nix.config.server import SERVER_NIX_KEYS, SERVER_SECTIONS
from hop3_nix.errors import ConfigError
from hop3_nix.source import Source


def load(directory: Path, **files: str) -> AppConfig:
    for name, text in files.items():
        path = directory / {"toml": "hop3.toml", "procfile": "Procfile"}[name]
        path.write_text(text, newline="")
    (directory / "app.py").touch()
    return load_config(Source.open(directory))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return the directory of an application called 'demo'."""
    directory = tmp_path / "demo"
    directory.mkdir()
    return directory


def test_without_either_file_nothing_is_said_but_the_name_of_the_directory(app: Path) -> None:
    assert load(app) == AppConfig(name="demo")


def test_every_key_that_hop3_nix_reads_arrives(app: Path) -> None:
    (app / "back").mkdir()
    (app / "back/main.py").touch()
    config = load(
        app,
        toml="""
[metadata]
id = "shop"
version = "1.2"
description = "Sells {{ things }} ${HOME}"

[build]
builder = "Local"
toolchain = "python"
before-build = "make prepare"
build = ["make css", "make js"]
after-build = ["make check"]
packages = ["gcc"]
static-dir = "dist"
assets-dir = "ui"
assets-whole-tree = true
root = "./back/"
python-version = "3.12"
node-version = "20"
extras = ["postgres"]
groups = "prod"

[run]
start = ["cd app", "exec gunicorn app:app"]
before-run = "python manage.py migrate"
writable = ["uploads"]
packages = ["ffmpeg"]

[run.workers]
worker = "celery -A app worker"
cron = "0 3 * * * python tidy.py"

[env]
_policy = "override"
_required = ["SECRET_KEY", "DEBUG"]
DEBUG = false
LEVEL = 3
RATIO = 0.5
TEXT = "$HOME stays"
TOKEN = { generate = "hex", length = 32 }
DATABASE = { from = "db", key = "DATABASE_URL" }
HOST = { key = "domain" }

[env.computed]
CACHE = "${REDIS_URL}/1"

[at-start]
directories = ["uploads/new"]
before.web = ["./bin/check"]
variables.URL = { value = "x", unless = "OTHER" }

[[at-start.files]]
path = "uploads/app.ini"
format = "ini"
content.a = "${A}"
keep = true
mode = "0640"

[healthcheck]
path = "/health"
timeout = 60
contains = "ok"

[static]
"/static" = "static"
"/media/" = "media"

[nix]
pkgs = "debian"
writable-home-at-runtime = true
""",
    )
    recipe = {"recipe", "recipe_path", "recipe_places"}
    values = config.model_dump(exclude={"evidence", "places"} | recipe)
    assert values == {
        "name": "shop",
        "named": True,
        "version": "1.2",
        "description": "Sells {{ things }} ${HOME}",
        "workers": {
            "web": "cd app && exec gunicorn app:app",
            "worker": "celery -A app worker",
            "cron": "0 3 * * * python tidy.py",
        },
        "before_run": ("python manage.py migrate",),
        "before_build": ("make prepare",),
        "build": ("make css", "make js"),
        "after_build": ("make check",),
        "builder": "local",
        "toolchains": ("python",),
        "root": "back",
        "extras": ("postgres",),
        "groups": ("prod",),
        "versions": {"node": "20", "python": "3.12"},
        "packages": ("ffmpeg",),
        "build_packages": ("gcc",),
        "env": {"DEBUG": "False", "LEVEL": "3", "RATIO": "0.5", "TEXT": "$HOME stays"},
        "env_policy": "override",
        "required_env": ("SECRET_KEY", "DATABASE", "HOST"),
        "start": {
            "secrets": ({"name": "TOKEN", "kind": "hex", "length": 32, "prefix": ""},),
            "variables": (
                {"name": "CACHE", "value": "${REDIS_URL}/1", "unless": "CACHE", "export": True},
                {"name": "URL", "value": "x", "unless": "OTHER", "export": True},
            ),
            "directories": ("uploads/new",),
            "files": (
                {"path": "uploads/app.ini", "text": "a = ${A|ini}\n", "keep": True, "mode": "0640"},
            ),
            "steps": {"web": ("./bin/check",)},
        },
        "static_paths": {"/static": "static", "/media/": "media"},
        "static_dir": "dist",
        "assets_dir": "ui",
        "assets_whole_tree": True,
        "healthcheck_path": "/health",
        "healthcheck_timeout": 60,
        "healthcheck_contains": "ok",
        "writable_tree": ".",
        "writable": ("uploads",),
        "package_set": "debian",
    }


# The directory of the main language


def rooted(app: Path, toml: str) -> AppConfig:
    (app / "backend").mkdir(exist_ok=True)
    (app / "backend/main.py").touch()
    return load(app, toml=toml)


def test_paths_are_from_the_top_for_us_and_from_its_directory_for_the_main_language(
    app: Path,
) -> None:
    config = rooted(
        app,
        '[build]\nroot = "backend"\n[run]\nwritable = ["backend/data"]\n'
        '[static]\n"/" = "frontend/dist"\n"/own" = "backend/own"\n',
    )
    assert config.writable == ("backend/data",)
    main = config.of_root()
    assert main.writable == ("data",)
    assert main.static_paths == {"/": "../frontend/dist", "/own": "own"}


def test_a_directory_that_the_application_cannot_write_from_where_it_runs(app: Path) -> None:
    config = rooted(app, '[build]\nroot = "backend"\n[run]\nwritable = ["data"]\n')
    with pytest.raises(ConfigError, match="data is not in backend, where") as caught:
        config.of_root()
    assert (caught.value.file, caught.value.line) == ("hop3.toml", 4)
    assert "backend/data" in caught.value.tip


def test_the_procfile_of_the_main_language_is_read_if_there_is_none_at_the_top(app: Path) -> None:
    (app / "backend").mkdir()
    (app / "backend/Procfile").write_text("web: serve\n")
    config = rooted(app, '[build]\nroot = "backend"\n')
    assert config.workers == {"web": "serve"}
    assert config.where("run.workers.web") == ("backend/Procfile", 1)
    (app / "Procfile").write_text("web: other\n")
    assert load_config(Source.open(app)).workers == {"web": "other"}


def test_a_root_without_files_and_one_with_a_hop3_toml_of_its_own_are_refused(app: Path) -> None:
    assert (
        "root names backend, in which there is no file"
        in refusal(app, toml='[build]\nroot = "backend"\n').message
    )
    (app / "backend").mkdir()
    (app / "backend/hop3.toml").touch()
    error = refusal(app, toml='[build]\nroot = "backend"\n')
    assert "backend/hop3.toml would be passed over" in error.message
    assert error.line == 2


# Precedence


def test_hop3_toml_goes_before_the_procfile_worker_by_worker(app: Path) -> None:
    config = load(
        app,
        procfile="web: old\nworker: kept\nrelease: old migrate\nprebuild: old make\n",
        toml='[run]\nstart = "new"\nbefore-run = ["new migrate"]\n[run.workers]\nbeat = "more"\n',
    )
    assert config.workers == {"worker": "kept", "web": "new", "beat": "more"}
    assert config.before_run == ("new migrate",)
    assert config.before_build == ("old make",)


def test_the_hooks_of_a_procfile_keep_their_order(app: Path) -> None:
    config = load(app, procfile="prerun: one\nrelease: two\nprebuild: three\npostbuild: four\n")
    assert config.before_run == ("one", "two")
    assert (config.before_build, config.after_build) == (("three",), ("four",))
    assert config.workers == {}


def test_a_hook_among_the_workers_of_hop3_toml_is_a_hook(app: Path) -> None:
    config = load(app, procfile="release: old\n", toml='[run.workers]\nprerun = "new"\n')
    assert (config.workers, config.before_run) == ({}, ("new",))


def test_an_empty_list_says_that_there_is_nothing_to_run(app: Path) -> None:
    config = load(app, procfile="release: migrate\n", toml="[run]\nbefore-run = []\n")
    assert config.before_run == ()


def test_a_web_worker_of_hop3_toml_replaces_the_wsgi_one_of_the_procfile(app: Path) -> None:
    config = load(app, procfile="wsgi: app:app\nworker: w\n", toml='[run]\nstart = "serve"\n')
    assert config.workers == {"worker": "w", "web": "serve"}


def test_a_worker_called_web_goes_before_start(app: Path) -> None:
    config = load(app, toml='[run]\nstart = "one"\n[run.workers]\nweb = "two"\n')
    assert config.workers == {"web": "two"}


def test_older_places_of_a_setting_count_when_the_newer_are_empty(app: Path) -> None:
    run = '[run]\nhealthcheck = "/old"\nhealthcheck-timeout = 5\n[run.static]\n"/s" = "old"\n'
    old = load(app, toml=run)
    assert (old.healthcheck_path, old.healthcheck_timeout) == ("/old", 5)
    assert old.static_paths == {"/s": "old"}
    new = load(app, toml=run + '[healthcheck]\npath = "/new"\ntimeout = 9\n[static]\n"/n" = "new"')
    assert (new.healthcheck_path, new.healthcheck_timeout) == ("/new", 9)
    assert new.static_paths == {"/n": "new"}


names = st.sampled_from(["web", "wsgi", "worker", "beat", "clock"])
sides = st.dictionaries(names, st.sampled_from(["one", "two"]), max_size=4).filter(
    lambda side: not {"web", "wsgi"} <= set(side)
)


@settings(max_examples=60, deadline=None)
@given(sides, sides, st.none() | st.just("start"))
def test_a_worker_is_the_procfiles_only_if_hop3_toml_has_none_for_its_place(
    procfile: dict[str, str], toml: dict[str, str], start: str | None
) -> None:
    if "wsgi" in toml:
        start = None
    text = f'[run]\nstart = "{start}"\n' if start else ""
    text += "[run.workers]\n" + "".join(f'{name} = "toml {toml[name]}"\n' for name in toml)
    own = {name: f"toml {command}" for name, command in toml.items()}
    if start:
        own = {"web": start, **own}
    web = {"web", "wsgi"}
    expected = {
        name: command
        for name, command in procfile.items()
        if name not in own and not (name in web and web & set(own))
    }
    with tempfile.TemporaryDirectory() as directory:
        lines = "".join(f"{name}: {command}\n" for name, command in procfile.items())
        assert load(Path(directory), procfile=lines, toml=text).workers == expected | own


# Names, places, evidence


@pytest.mark.parametrize(
    ("toml", "name"),
    [
        ('[metadata]\nid = "my-app"\nname = "My App"\n', "my-app"),
        ('[metadata]\nname = "My App!"\n', "My-App"),
        ('[metadata]\nname = "日本"\n', "demo"),
    ],
)
def test_the_name_is_one_that_a_store_path_can_have(app: Path, toml: str, name: str) -> None:
    config = load(app, toml=toml)
    assert (config.name, config.named) == (name, name != "demo")


def test_what_was_said_can_be_found_in_its_file(app: Path) -> None:
    config = load(
        app,
        procfile="# the workers\nworker: w\nrelease: migrate\n",
        toml='[build]\ntoolchain = "python"\npython-version = "3.12"\n[run]\nstart = "serve"\n',
    )
    assert config.where("run.workers.web") == ("hop3.toml", 5)
    assert config.where("run.workers.worker") == ("Procfile", 2)
    assert config.where("run.before-run") == ("Procfile", 3)
    assert config.where("build.python-version") == ("hop3.toml", 3)
    assert config.where("build.packages") == ("hop3.toml", 1)
    assert config.where("env.DEBUG") == ("", None)
    said = [(each.choice, each.reason, each.file, each.line) for each in config.evidence]
    assert said == [
        ("toolchain python", "[build] toolchain", "hop3.toml", 2),
        ("python 3.12", "[build] python-version", "hop3.toml", 3),
        ("before-run", "Procfile release", "Procfile", 3),
        ("worker worker", "Procfile", "Procfile", 2),
        ("worker web", "[run] start", "hop3.toml", 5),
    ]


def test_a_package_set_is_a_name_or_a_path_from_the_root(app: Path) -> None:
    assert load(app, toml='[nix]\npkgs = "nixpkgs"\n').package_set == "nixpkgs"
    assert load(app, toml='[nix]\npkgs = "../set"\n').package_set == str(app.parent / "set")
    assert load(app, toml='[nix]\npkgs = "/opt/set"\n').package_set == "/opt/set"


# What a Hop3 server accepts


def test_a_file_for_hop3_server_is_valid_with_every_section_of_its_own(app: Path) -> None:
    tables = "".join(f"[{name}]\nanything = 1\n" for name in sorted(SERVER_SECTIONS))
    keys = """
[metadata]
title = "T"
author = "A"
license = "L"
homepage = "https://index.example/"
categories = ["one"]
tags = ["two"]
[build]
builder = "docker"
document-root = "public"
ignore = ["*.log"]
[run]
start-timeout = 1.5
[healthcheck]
contains = "ok"
interval = 5
retries = 3
"""
    assert load(app, toml=tables + keys).builder == "auto"


@pytest.mark.parametrize("key", sorted(SERVER_NIX_KEYS - {"template"}))
def test_a_key_of_templates_is_not_passed_over_without_one(app: Path, key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key} is a key of templates") as caught:
        load(app, toml=f"[nix]\n{key} = true\n")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("value", "what", "tip"),
    [
        ("5", "has to be text", "php-app"),
        ('"phpapp"', "'phpapp' is none", "Did you mean php-app?"),
        ('"no-such"', "'no-such' is none", "Did you mean go-source?"),
        ('"ℵ"', "'ℵ' is none", "There are go-source, "),
    ],
)
def test_a_template_that_no_server_has_is_refused(
    app: Path, value: str, what: str, tip: str
) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        load(app, toml=f"[nix]\ntemplate = {value}\n")
    assert caught.value.line == 2
    assert tip in caught.value.tip


def test_the_servers_sections_may_be_arrays_of_tables(app: Path) -> None:
    load(app, toml='[[addons]]\ntype = "redis"\n[[ports]]\nnumber = 25\n[volumes]\n')


# Mistakes


def test_each_language_that_has_versions_has_a_key(app: Path) -> None:
    assert {"node", "python"} <= set(LANGUAGES)
    keys = "".join(f'{name}-version = "7"\n' for name in LANGUAGES)
    assert load(app, toml=f"[build]\n{keys}").versions == dict.fromkeys(LANGUAGES, "7")


@pytest.mark.parametrize(
    ("said", "names"),
    [('"node"', ("node",)), ('["python", "node"]', ("python", "node")), ('""', ()), ("[]", ())],
)
def test_the_toolchain_is_one_or_several(app: Path, said: str, names: tuple[str, ...]) -> None:
    assert load(app, toml=f"[build]\ntoolchain = {said}\n").toolchains == names


def refusal(app: Path, **files: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(app, **files)
    assert caught.value.tip
    return caught.value


@pytest.mark.parametrize(
    ("section", "message", "tip"),
    [
        ("[biuld]\n", "'biuld' is not a section that is known", "Did you mean build?"),
        ("zzzz = 1\n", "'zzzz' is not a section that is known", "docs/hop3-toml.md lists"),
        ('start = "x"\n', "'start' is not a section that is known", "It belongs into [run]."),
        ("[build]\nbefore_build = 1", "[build] before_build is not a key", "before-build?"),
        ("[build]\npyton-version = 1", "[build] pyton-version is not a key", "python-version?"),
        ("[build]\nfortran-version = 1", "[build] fortran-version is not a key", "-version?"),
        ("[build]\nstart = 1", "[build] start is not a key", "It belongs into [run]."),
        ("[run]\nstrat = 1", "[run] strat is not a key", "Did you mean start?"),
        ("[nix]\npkg = 1", "[nix] pkg is not a key", "Did you mean pkgs?"),
        ("[nix]\ntemplat = 1", "[nix] templat is not a key", "Did you mean template?"),
        ("[healthcheck]\nPath = 1", "[healthcheck] Path is not a key", "Did you mean path?"),
        ('[env]\n_polcy = "x"', "[env] _polcy is not a key", "Did you mean _policy?"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(
    app: Path, section: str, message: str, tip: str
) -> None:
    error = refusal(app, toml=f"# first\n{section}")
    assert error.message.startswith(message)
    assert tip in error.tip
    assert (error.file, error.line) == ("hop3.toml", 2 + section.strip().count("\n"))


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("build = 1", "[build] has to be a section"),
        ("[[run]]", "[run] has to be a section"),
        ("env = 1", "[env] has to be a section of variables"),
        ("static = 1", "[static] has to be a section of texts"),
        ("[metadata]\nversion = 1.0", "[metadata] version has to be a text"),
        ("[build]\npython-version = 3.10", "[build] python-version has to be a text"),
        ('[build]\nbuilder = "nxi"', "[build] builder cannot be 'nxi'"),
        ("[build]\nbuild = 1", "[build] build has to be a command or a list of commands"),
        ("[build]\nbuild = [1]", "[build] build has to be a text"),
        ('[build]\npackages = "gcc"', "[build] packages has to be a list of texts"),
        ('[build]\nstatic-dir = "../x"', "[build] static-dir leads out of the application"),
        ('[run]\nworkers = "x"', "[run] workers has to be a section of texts"),
        ("[run.workers]\nweb = 1", "[run] workers.web has to be a text"),
        ('[run.workers]\n"a b" = "x"', "'a b' cannot be the name of a worker"),
        ('[run.workers]\nweb = " "', "'web' has no command"),
        ("[run]\nstart = 'echo \"'", "the command of 'web' has a double quote"),
        ("[run]\nbefore-run = 'echo \"'", "the command of 'before-run' has a double quote"),
        ("[build]\nbuild = 'echo \"'", "the command of 'build' has a double quote"),
        ('[run.workers]\ncron = "daily x"', "'daily' is not a minute"),
        ("[run]\nhealthcheck-timeout = 0", "[run] healthcheck-timeout has to be a number of"),
        ('[run]\nstart-timeout = "1"', "[run] start-timeout has to be a number"),
        ("[healthcheck]\ntimeout = true", "[healthcheck] timeout has to be a number of seconds"),
        ("[healthcheck]\nretries = 1.5", "[healthcheck] retries has to be a whole number"),
        ('[healthcheck]\npath = "health"', "[healthcheck] path is no URL path: 'health'"),
        ('[static]\nmedia = "media"', "[static] media is no URL path"),
        ('[static]\n"/m" = "/srv"', "[static] /m leads out of the application: '/srv'"),
        ('[nix]\npkgs = "nixpkg"', "[nix] pkgs cannot be 'nixpkg'"),
        ('[nix]\nwritable-home-at-runtime = "yes"', "[nix] writable-home-at-runtime has to be"),
        ('[env]\n_policy = "x"', "[env] _policy cannot be 'x'"),
        ('[env]\n_required = "X"', "[env] _required has to be a list of names"),
        (
            '[env]\n_required = ["A-B"]',
            "[env] _required has 'A-B', which cannot be the name of a variable",
        ),
        ("[env]\nA-B = 1", "[env] A-B cannot be the name of a variable"),
        ('[env]\nPATH = "/opt"', "[env] PATH is what the build computes"),
        ("[env]\nLIST = [1]", "[env] LIST has to be a text, a number, true or false"),
        ("[env]\nDAY = 2020-01-01", "[env] DAY has to be a text, a number, true or false"),
        ('[env]\nNUL = "a\\u0000b"', "[env] NUL has a NUL character"),
        ("[env]\nKEY = { generat = 1 }", "[env] KEY is neither a generated value nor"),
        ("[env.computed]\nKEY = 1", "[env] computed.KEY has to be a text"),
        ('[env.computed]\nA-B = "x"', "[env] computed.A-B cannot be the name of a variable"),
        ('[env]\ncomputed = "x"', "[env] computed has to be a section of texts"),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(app: Path, section: str, message: str) -> None:
    error = refusal(app, toml=f"# first\n{section}\n")
    assert error.message.startswith(message)
    assert error.file == "hop3.toml"
    assert error.line == 2 + section.count("\n")


def test_of_several_mistakes_the_first_in_the_file_is_told(app: Path) -> None:
    error = refusal(app, toml="[run]\nstrat = 1\n[build]\nbiuld = 1\n")
    assert (error.line, error.message) == (2, "[run] strat is not a key that is known")


def test_two_workers_for_the_port_are_refused_wherever_they_stand(app: Path) -> None:
    error = refusal(app, toml='[run]\nstart = "x"\n[run.workers]\nwsgi = "app:app"\n')
    assert (error.file, error.line) == ("hop3.toml", 4)
    assert "'web' of line 2" in error.message


def test_broken_toml_and_a_broken_procfile_name_the_file_that_was_read(app: Path) -> None:
    (app / "hop3").mkdir()
    (app / "hop3/hop3.toml").write_text("[build\n")
    assert refusal(app, toml="").file == "hop3/hop3.toml"
    (app / "hop3/hop3.toml").unlink()
    (app / "hop3/Procfile").write_text("web\n")
    assert str(refusal(app, toml="")).startswith("hop3/Procfile:1: there is no colon")


scalars = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def toml_text(text: str) -> str:
    return '"' + "".join(f"\\U{ord(each):08X}" for each in text) + '"'


@settings(max_examples=60, deadline=None)
@given(value=scalars, description=scalars)
def test_any_text_arrives_unchanged(value: str, description: str) -> None:
    toml = (
        f"[env]\nVALUE = {toml_text(value)}\n[metadata]\ndescription = {toml_text(description)}\n"
    )
    with tempfile.TemporaryDirectory() as directory:
        config = load(Path(directory), toml=toml)
    assert (config.env, config.description) == ({"VALUE": value}, description)


def test_every_key_that_is_accepted_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs/hop3-toml.md").read_text()
    keys = {
        field.alias or name
        for section in Hop3Toml.model_fields.values()
        if isinstance(section.annotation, type) and hasattr(section.annotation, "model_fields")
        for name, field in section.annotation.model_fields.items()
    } - {"values", "policy", "required", "secrets", *(f"{name}-version" for name in LANGUAGES)}
    missing = {key for key in (*keys, *SERVER_SECTIONS) if f"`{key}`" not in page}
    assert not missing


def test_the_examples_of_the_documentation_are_valid(app: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/hop3-toml.md").read_text()
    examples = [part.split("```")[0] for part in page.split("```toml\n")[1:]]
    assert examples
    for example in examples:
        assert tomllib.loads(example)
        load(app, toml=example)


@pytest.mark.parametrize("name", ["PORT", "HOP3_STATE_DIR", "HOP3_APP_DIR", "HOP3_KEEP"])
@pytest.mark.parametrize(
    "text",
    [
        '[env]\n{name} = "9000"',
        '[env]\n_policy = "override"\n{name} = "9000"',
        '[env]\n{name} = {{ generate = "hex" }}',
        '[env.computed]\n{name} = "x"',
        '[env]\n_required = ["{name}"]',
    ],
)
def test_what_whoever_starts_the_app_sets_is_refused_with_its_line(
    app: Path, text: str, name: str
) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        load(app, toml=text.format(name=name))
    assert caught.value.line is not None
    assert "Take it out" in caught.value.tip


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Hop3.toml", "hop3.toml"),
        ("HOP3.TOML", "hop3.toml"),
        ("procfile", "Procfile"),
        ("PROCFILE", "Procfile"),
        ("hop3/ProcFile", "hop3/Procfile"),
    ],
)
def test_a_file_whose_name_is_in_other_capitals_is_not_passed_over(
    app: Path, wrong: str, right: str
) -> None:
    (app / "hop3").mkdir()
    (app / wrong).write_text("")
    with pytest.raises(ConfigError) as caught:
        load(app)
    assert (caught.value.file, caught.value.tip) == (wrong, f"Rename it: mv {wrong} {right}")
