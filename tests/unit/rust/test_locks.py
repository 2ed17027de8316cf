"""What Cargo.lock, Cargo.toml and .cargo/config.toml say, and what of that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.rust.cargo_config import read_config
from hop3_nix.locks.rust.cargo_lock import CRATES_IO, read_lock
from hop3_nix.locks.rust.workspace import read_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hop3_nix.toolchains.app import App

    Write = Callable[[Mapping[str, str]], App]

SUM = "0" * 64
ITOA = f'[[package]]\nname = "itoa"\nversion = "1.0.19"\nsource = "{CRATES_IO}"\n'
SHOP = '[[package]]\nname = "shop"\nversion = "0.1.0"\ndependencies = ["itoa"]\n'
LOCK = f'version = 4\n\n{ITOA}checksum = "{SUM}"\n\n{SHOP}'
PACKAGE = '[package]\nname = "shop"\nversion = "0.1.0"\n'


def test_each_crate_is_a_file_by_its_digest_and_own_packages_are_none(write: Write) -> None:
    lock = read_lock(write({"Cargo.lock": LOCK}).source)
    [crate] = lock.crates
    assert (crate.filename, crate.sha256) == ("itoa-1.0.19.crate", (SUM,))
    assert lock.local == ("shop@0.1.0",)


def test_checksums_of_old_lockfiles_stand_at_the_end(write: Write) -> None:
    text = f'{ITOA}\n{SHOP}\n[metadata]\n"checksum itoa 1.0.19 ({CRATES_IO})" = "{SUM}"\n'
    [crate] = read_lock(write({"Cargo.lock": text}).source).crates
    assert crate.sha256 == (SUM,)


GIT = "git+https://git.example/itoa?branch=main#0123456789"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (LOCK.replace(CRATES_IO, GIT), "itoa 1.0.19 comes from a Git repository", 3),
        (LOCK.replace(CRATES_IO, "sparse+https://crates.example/"), "of another registry", 3),
        (LOCK.replace(f'checksum = "{SUM}"\n', ""), "itoa 1.0.19 has no checksum", 3),
        (LOCK.replace("version = 4", "version = 5"), "version 5; this hop3-nix reads up to 4", 1),
        ("version = \n", "not valid TOML", 1),
        ("[[package]]\nname = 1\n", "package.0.name", 1),
    ],
)
def test_what_no_digest_pins_is_refused_with_its_line(
    write: Write, text: str, message: str, line: int
) -> None:
    with pytest.raises(LockError, match=message) as caught:
        read_lock(write({"Cargo.lock": text}).source)
    assert (caught.value.file, caught.value.line) == ("Cargo.lock", line)


def test_without_a_lockfile_it_is_said_how_to_write_it(write: Write) -> None:
    with pytest.raises(LockError, match="nothing pins the crates") as caught:
        read_lock(write({"Cargo.toml": PACKAGE}).source)
    assert "cargo generate-lockfile" in caught.value.tip


def test_of_what_is_vendored_nothing_is_fetched_from_wherever_it_was(write: Write) -> None:
    app = write(
        {
            "Cargo.lock": LOCK.replace(CRATES_IO, GIT),
            "vendor/itoa/Cargo.toml": "",
            ".cargo/config.toml": (
                '[source.crates-io]\nreplace-with = "ours"\n[source.ours]\ndirectory = "./vendor"\n'
            ),
        }
    )
    assert read_config(app.source).vendored == {"ours": "vendor"}
    assert read_lock(app.source, vendored=True).crates == ()


def test_a_mirror_in_the_configuration_is_no_directory(write: Write) -> None:
    text = '[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+https://m/"\n'
    app = write({".cargo/config": text, ".cargo/config.toml": "[build]\ntarget = 'x'\n"})
    found = read_config(app.source)
    assert (found.file, found.vendored, found.target) == (".cargo/config", {}, "")


def test_a_workspace_has_the_members_that_it_names_and_those_of_paths(write: Write) -> None:
    app = write(
        {
            "Cargo.toml": (
                '[workspace]\nmembers = ["apps/*", "tool"]\nexclude = ["apps/old"]\n'
                '[workspace.package]\nversion = "2.0.0"\n'
                '[workspace.dependencies]\nlog = { path = "libs/log" }\n'
            ),
            "apps/web/Cargo.toml": (
                '[package]\nname = "web"\nversion.workspace = true\n'
                "[dependencies]\nlog.workspace = true\n"
            ),
            "apps/web/src/main.rs": "",
            "apps/old/Cargo.toml": PACKAGE,
            "apps/deep/er/Cargo.toml": PACKAGE,
            "libs/log/Cargo.toml": '[package]\nname = "log"\n[dependencies.x]\npath = "../x"\n',
            "libs/x/Cargo.toml": '[package]\nname = "x"\n[lib]\npath = "x.rs"\n',
            "libs/x/x.rs": "",
            "tool/Cargo.toml": '[package]\nname = "tool"\nautobins = false\n',
            "tool/src/main.rs": "",
        }
    )
    workspace = read_workspace(app.source)
    assert [each.name for each in workspace.packages] == ["web", "tool", "log", "x"]
    assert [each.name for each in workspace.built] == ["web", "tool"]
    assert [name for name, _ in workspace.programs] == ["web"]
    assert workspace.packages[0].said("version") == "2.0.0"
    assert workspace.packages[3].entries() == ("libs/x/x.rs",)


def test_targets_are_those_that_cargo_finds_and_those_that_are_named(write: Write) -> None:
    app = write(
        {
            "Cargo.toml": (
                f'{PACKAGE}build = "gen.rs"\n[[bin]]\nname = "jobs"\npath = "jobs/run.rs"\n'
                '[[bench]]\nname = "b"\n[dependencies]\n'
            ),
            **dict.fromkeys(
                (
                    *("src/main.rs", "src/lib.rs", "src/bin/one.rs", "src/bin/two/main.rs"),
                    *("src/bin/two/x.rs", "src/x.rs", "gen.rs", "build.rs", "jobs/run.rs"),
                    *("benches/b.rs", "tests/t.rs", "tests/common/mod.rs"),
                ),
                "",
            ),
        }
    )
    [package] = read_workspace(app.source).built
    assert sorted(package.programs()) == ["jobs", "one", "shop", "two"]
    assert set(package.entries()) == {
        *("src/main.rs", "src/lib.rs", "src/bin/one.rs", "src/bin/two/main.rs", "gen.rs"),
        *("jobs/run.rs", "benches/b.rs", "tests/t.rs"),
    }


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('[dependencies]\nx = { path = "../x" }\n', "outside of the application", 5),
        ('[dependencies]\nx = { path = "x" }\n', "there is no x/Cargo.toml", 5),
        ('[patch.crates-io]\nx = { path = "/x" }\n', "outside of the application", 5),
    ],
)
def test_a_path_that_is_not_there_is_refused_with_its_line(
    write: Write, text: str, message: str, line: int
) -> None:
    with pytest.raises(LockError, match=message) as caught:
        read_workspace(write({"Cargo.toml": PACKAGE + text}).source)
    assert (caught.value.file, caught.value.line) == ("Cargo.toml", line)
