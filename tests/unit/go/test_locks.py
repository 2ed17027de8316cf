"""go.mod, go.work and go.sum as they are read, and the digest that Go has for a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.go.gosum import SUM, h1_of, path_of, read_sum
from hop3_nix.locks.go.modfile import Module, read_mod
from hop3_nix.locks.go.modules import matches, read_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hop3_nix.toolchains.app import App

    Write = Callable[[Mapping[str, str]], App]

H1 = "h1:" + "A" * 43 + "="

MOD = """\
// +heroku goVersion go1.24
module "example.org/shop" // a comment

go 1.23.0
toolchain go1.24.1

require example.org/one v1.0.0
require (
	example.org/two/v2 v2.1.0 // indirect
	example.org/three v0.0.0
)
replace example.org/three v0.0.0 => example.org/Fork v1.2.3
replace (
	example.org/four => ./lib
)
exclude example.org/one v0.9.0
retract [v0.1.0, v0.2.0]
"""


def test_a_go_mod_is_read_as_go_reads_it(write: Write) -> None:
    mod = read_mod(write({"go.mod": MOD}).source, "go.mod")
    assert (mod.module, mod.go, mod.go_line, mod.says) == (
        "example.org/shop",
        "1.23.0",
        4,
        "go1.24",
    )
    assert [(str(module), line) for module, line in mod.requires] == [
        ("example.org/one@v1.0.0", 7),
        ("example.org/two/v2@v2.1.0", 9),
        ("example.org/three@v0.0.0", 10),
    ]
    assert [(each.old, *each.new) for each in mod.replaces] == [
        ("example.org/three", "example.org/Fork", "v1.2.3"),
        ("example.org/four", "./lib", ""),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("module a\nrequire example.org/one\n", 2),
        ("module a\n\nreplace a b\n", 3),
        ("module a b\n", 1),
        ("module a\nrequire ( example.org/one v1.0.0 )\n", 2),
        ("module a\nrequire (\nexample.org/one\n)\n", 3),
    ],
)
def test_a_line_that_is_none_of_gos_is_named(write: Write, text: str, line: int) -> None:
    with pytest.raises(LockError) as caught:
        read_mod(write({"go.mod": text}).source, "go.mod")
    assert (caught.value.file, caught.value.line) == ("go.mod", line)


def test_h1_is_what_go_has_for_real_files() -> None:
    # The go.mod of github.com/google/uuid v1.6.0, and its line in every go.sum.
    text = b"module github.com/google/uuid\n"
    assert h1_of(text, "mod") == "h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo="


def test_what_is_no_archive_has_no_h1() -> None:
    with pytest.raises(ValueError, match="not a zip file"):
        h1_of(b"<html>", "zip")


def test_capitals_are_written_as_proxies_have_them() -> None:
    module = Module("github.com/BurntSushi/toml", "v1.0.0-RC1")
    assert path_of((module, "zip")) == "github.com/!burnt!sushi/toml/@v/v1.0.0-!r!c1.zip"


@pytest.mark.parametrize("line", ["a v1", f"a v1 {H1} more", "a v1 h1:short"])
def test_a_go_sum_with_another_line_is_refused(write: Write, line: str) -> None:
    source = write({"go.sum": f"b v1 {H1}\n{line}\n"}).source
    with pytest.raises(LockError, match=r"is no line of a go\.sum") as caught:
        read_sum(source, SUM)
    assert caught.value.line == 2


def test_two_digests_of_one_file_are_refused(write: Write) -> None:
    source = write({"go.sum": f"a v1 {H1}\na v1 {H1.replace('A', 'B')}\n"}).source
    with pytest.raises(LockError, match="a@v1 has two digests"):
        read_sum(source, SUM)


def needed(app: App) -> list[str]:
    return sorted(map(path_of, read_modules(app.source).needed()))


def test_archives_are_needed_of_what_is_required_or_replaces_that(write: Write) -> None:
    sums = [
        f"example.org/{name} {version}{suffix} {H1}\n"
        for name, version in (("one", "v1.0.0"), ("old", "v0.1.0"), ("Fork", "v1.2.3"))
        for suffix in ("", "/go.mod")
    ]
    mod = (
        "module a\ngo 1.23\nrequire (\nexample.org/one v1.0.0\nexample.org/three v0.0.0\n)\n"
        "replace example.org/three => example.org/Fork v1.2.3\n"
    )
    files = {"go.mod": mod, "go.sum": "".join(sums)}
    found = needed(write(files))
    assert [path for path in found if path.endswith("zip")] == [
        "example.org/!fork/@v/v1.2.3.zip",
        "example.org/one/@v/v1.0.0.zip",
    ]
    assert len([path for path in found if path.endswith("mod")]) == 3


def test_before_go_1_17_every_archive_is_needed(write: Write) -> None:
    mod = "module a\ngo 1.16\n"
    sums = f"example.org/old v0.1.0 {H1}\nexample.org/old v0.1.0/go.mod {H1}\n"
    assert len(needed(write({"go.mod": mod, "go.sum": sums}))) == 2
    assert len(needed(write({"go.mod": mod.replace("16", "17"), "go.sum": sums}))) == 1


def test_with_vendor_nothing_is_fetched(write: Write) -> None:
    mod = "module a\ngo 1.23\nrequire example.org/one v1.0.0\n"
    assert needed(write({"go.mod": mod, "vendor/modules.txt": ""})) == []


def test_what_go_sum_does_not_have_is_named_with_its_line(write: Write) -> None:
    app = write({"go.mod": "module a\ngo 1.23\nrequire example.org/one v1.0.0\n"})
    with pytest.raises(LockError, match=r"example.org/one@v1.0.0 is required") as caught:
        needed(app)
    assert (caught.value.file, caught.value.line) == ("go.mod", 3)
    assert "go mod tidy" in caught.value.tip


def test_a_workspace_is_all_of_its_modules(write: Write) -> None:
    app = write(
        {
            "go.work": "go 1.23\nuse (\n\t./api\n\t./lib\n)\n",
            "api/go.mod": "module example.org/api\nrequire example.org/one v1.0.0\n",
            "api/go.sum": f"example.org/one v1.0.0 {H1}\nexample.org/one v1.0.0/go.mod {H1}\n",
            "lib/go.mod": "module example.org/lib\n",
            "go.work.sum": f"example.org/two v1.0.0/go.mod {H1}\n",
        }
    )
    modules = read_modules(app.source)
    assert [mod.module for mod in modules.own] == ["example.org/api", "example.org/lib"]
    assert len(modules.needed()) == 3
    assert {"go.work", "go.work.sum", "api/go.mod", "api/go.sum"} <= {*modules.manifests}


@pytest.mark.parametrize(
    ("directory", "message"),
    [
        ("../lib", "outside of the application"),
        ("/srv/lib", "outside of the application"),
        ("./lib", "there is no lib/go.mod"),
    ],
)
def test_a_directory_that_is_not_there_is_named(write: Write, directory: str, message: str) -> None:
    app = write({"go.mod": f"module a\n\nreplace example.org/b => {directory}\n"})
    with pytest.raises(LockError, match=message) as caught:
        read_modules(app.source)
    assert (caught.value.file, caught.value.line) == ("go.mod", 3)


def test_an_application_without_a_module_is_told_how_to_make_one(write: Write) -> None:
    with pytest.raises(LockError, match=r"go.mod: there is none") as caught:
        read_modules(write({"main.go": ""}).source)
    assert "go mod init" in caught.value.tip


def test_private_modules_are_told_by_their_beginning() -> None:
    patterns = "git.example.org/*,*.corp.example"
    assert matches(patterns, "git.example.org/team/secret")
    assert matches(patterns, "x.corp.example/a/b")
    assert not matches(patterns, "github.com/git.example.org/x")
    assert not matches("", "example.org/a")
