"""What an application may have the most of, told with its place before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from fuzz.apps import plan, write
from hop3_nix.config.env import MAX_CHARACTERS, MAX_VARIABLES
from hop3_nix.config.values import MAX_LIST, MAX_TABLE, MAX_TEXT
from hop3_nix.errors import ExitCode, Hop3NixError, LockError
from hop3_nix.plan import LockedFile
from hop3_nix.procfile.parse import MAX_COMMAND, MAX_NAME, MAX_WORKERS
from hop3_nix.procfile.shelltext import MAX_DEPTH
from hop3_nix.source.size import FILES_LIMIT
from hop3_nix.toolchains import planning
from hop3_nix.toolchains.language import Layers

if TYPE_CHECKING:
    from pathlib import Path

PROCFILE: Final = "web: python3 main.py\n"
NAMED: Final = '[metadata]\nid = "shop"\n'


def lines(form: str, number: int) -> str:
    return "".join(f"{form.format(each)}\n" for each in range(number))


def nested(depth: int) -> str:
    return f"web: echo {'$(echo ' * depth}{')' * depth}\n"


def made(tmp_path: Path, procfile: str = PROCFILE, toml: str = "", name: str = "shop") -> Path:
    app = tmp_path / name
    write({"main.py": "", "Procfile": procfile, "hop3.toml": toml}, app)
    return app


def refusal(app: Path) -> str:
    with pytest.raises(Hop3NixError) as caught:
        plan(app)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert caught.value.tip
    return str(caught.value)


WORKERS: Final = "[run.workers]\n" + lines('w{} = "true"', MAX_WORKERS)
VALUE: Final = '[env]\n{} = "{}"\n'
VARIABLES: Final = "[env]\n" + lines('V{} = "x"', MAX_VARIABLES)


@pytest.mark.parametrize(
    ("procfile", "toml"),
    [
        (lines("w{}: true", MAX_WORKERS), ""),
        (f"{'w' * MAX_NAME}: true\n", ""),
        (f"web: echo {'x' * (MAX_COMMAND - 5)}\n", ""),
        (nested(MAX_DEPTH), ""),
        (PROCFILE, VARIABLES),
        (PROCFILE, VALUE.format("A", "x" * MAX_TEXT)),
        (PROCFILE, "[static]\n" + lines('"/s{}" = "."', MAX_TABLE)),
    ],
    ids=["workers", "name", "command", "nested", "variables", "value", "static"],
)
def test_as_much_is_taken(tmp_path: Path, procfile: str, toml: str) -> None:
    plan(made(tmp_path, procfile, toml))


@pytest.mark.parametrize(
    ("procfile", "toml", "said"),
    [
        (lines("w{}: true", MAX_WORKERS + 1), "", "Procfile:251: there are more than 250 workers"),
        (PROCFILE, WORKERS, "hop3.toml:251: there are more than 250 workers"),
        (f"web: x\n{'w' * 64}: true\n", "", "Procfile:2: the name of the worker www"),
        (f"web: {'x' * 32_769}\n", "", "Procfile:1: the command of 'web' has 32769 characters"),
        (nested(MAX_DEPTH + 1), "", "Procfile:1: the command of 'web' has more than 50 subst"),
        (f"#{'x' * (1 << 20)}\n", "", "Procfile: larger than 1 MiB"),
        (PROCFILE, f"#{'x' * (1 << 20)}\n", "hop3.toml: larger than 1 MiB"),
        (PROCFILE, VARIABLES + 'W = "x"\n', "hop3.toml:1: [env] has 1001 variables"),
        (PROCFILE, VALUE.format("A", "x" * 32_769), "hop3.toml:2: [env] A has 32769 characters"),
        (PROCFILE, VALUE.format("A" * 256, "x"), "hop3.toml:1: [env] has 256 characters in its"),
        (
            PROCFILE,
            "[env]\n" + lines('A{} = "' + "x" * MAX_TEXT + '"', MAX_CHARACTERS // MAX_TEXT + 1),
            "hop3.toml:1: [env] has 524",
        ),
        (
            PROCFILE,
            "[static]\n" + lines('"/s{}" = "."', MAX_TABLE + 1),
            "hop3.toml:1: [static] has 251 entries",
        ),
        (
            PROCFILE,
            "[build]\nbuild = [" + '"true", ' * 251 + "]\n",
            "hop3.toml:2: [build] build has 251 commands",
        ),
        (
            PROCFILE,
            "[run]\npackages = [" + '"x", ' * (MAX_LIST + 1) + "]\n",
            "hop3.toml:2: [run] packages has 5001 texts",
        ),
        (PROCFILE, NAMED.replace("shop", "s" * 65), "hop3.toml:2: the application is called ss"),
    ],
)
def test_more_is_refused_with_its_place(
    tmp_path: Path, procfile: str, toml: str, said: str
) -> None:
    assert refusal(made(tmp_path, procfile, toml)).startswith(said)


def test_a_directory_with_a_long_name_wants_another_one(tmp_path: Path) -> None:
    app = made(tmp_path, name="s" * 200)
    assert "of 200 characters, and 64 are the most" in refusal(app)
    (app / "hop3.toml").write_text(NAMED)
    assert plan(app).app.name == "shop"


def test_a_source_of_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = made(tmp_path)
    write({f"many/{each}": "" for each in range(10)}, app)
    monkeypatch.setenv(FILES_LIMIT, "12")
    assert refusal(app).startswith("many: the source has 13 files, and 12 are the most")
    for enough in ("13", "1K", "0"):
        monkeypatch.setenv(FILES_LIMIT, enough)
        plan(app)


def test_a_lockfile_of_many_packages_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = made(tmp_path)
    text = lines(f"p{{}}==1 --hash=sha256:{'a' * 64}", 4)
    (app / "requirements.txt").write_text(text)
    assert len(plan(app).dependencies) == 4
    monkeypatch.setattr(planning, "MAX_PACKAGES", 3)
    assert refusal(app).startswith("requirements.txt: it has 4 packages, and 3 are the most")


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../x", "/etc/x", "a//x", "./x", "a/.", "..", "-rx", "a\nb", "a\\b", "\x1b[0m"],
)
def test_no_file_of_a_package_leads_elsewhere(name: str) -> None:
    file = LockedFile(name="x", version="1", filename=name, url="https://x/x", sha256="a" * 64)
    with pytest.raises(LockError, match="is no name of a file"):
        planning._check_packages(Layers(dependencies=(file,)))


@pytest.mark.parametrize(
    "name", ["x-1.0+a.tar.gz", "org/a/1/a-1.jar", ".x", "@s/x.tgz", "..x", "é"]
)
def test_a_file_of_a_package_may_have_a_path(name: str) -> None:
    file = LockedFile(name="x", version="1", filename=name, url="https://x/x", sha256="a" * 64)
    planning._check_packages(Layers(dependencies=(file,)))
