"""Which toolchains there are, and which of them an app is of."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import SourceError, UnavailableError, UnsupportedError
from hop3_nix.source import Source
from hop3_nix.toolchains import registry
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.language import Marker
from hop3_nix.toolchains.python.toolchain import TOOLCHAIN

if TYPE_CHECKING:
    from hop3_nix.toolchains.language import Language

FORTRAN: Final = replace(
    TOOLCHAIN, name="fortran", title="Fortran", markers=(Marker("fpm.toml", "it is"),)
)


def detect(root: Path, **files: str) -> Language:
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    return opened(root).choice.main


def opened(root: Path) -> Composition:
    source = Source.open(root)
    return Composition.of(source, load_config(source))


def add(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    point = EntryPoint(name="fortran", value=value, group=registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group else [])


@pytest.mark.parametrize("file", TOOLCHAIN.looks_for)
def test_each_of_the_usual_files_tells_python(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text("")
    evidence = TOOLCHAIN.found_in(opened(tmp_path).app)
    assert evidence is not None
    assert evidence.file == file
    assert opened(tmp_path).choice.main.name == "python"


def test_a_project_file_tells_more_than_a_script(tmp_path: Path) -> None:
    for file in ("main.py", "requirements.txt"):
        (tmp_path / file).write_text("")
    evidence = TOOLCHAIN.found_in(opened(tmp_path).app)
    assert evidence is not None
    assert evidence.file == "requirements.txt"


def test_no_application_lists_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no application here.*pyproject\.toml") as caught:
        detect(tmp_path, notes__txt="")
    assert caught.value.file == str(tmp_path)


def test_the_configured_toolchain_is_not_doubted(tmp_path: Path) -> None:
    toolchain = detect(tmp_path, notes__txt="", hop3__toml='[build]\ntoolchain = "python"\n')
    assert toolchain.name == "python"


def test_an_unknown_toolchain_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="no toolchain 'cobol'") as caught:
        detect(tmp_path, main__py="", hop3__toml='[build]\ntoolchain = "cobol"\n')
    assert (caught.value.file, caught.value.line) == ("hop3.toml", 2)
    assert "python" in caught.value.tip


def test_an_entry_point_adds_a_toolchain_behind_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, "unused:value")
    monkeypatch.setattr(EntryPoint, "load", lambda _self: FORTRAN)
    assert detect(tmp_path, fpm__toml="").name == "fortran"
    assert detect(tmp_path, fpm__toml="", main__py="").name == "python"


def test_an_entry_point_that_cannot_be_loaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, "no_such_module_anywhere:value")
    with pytest.raises(UnavailableError, match=r"'fortran' .*no_such_module_anywhere"):
        detect(tmp_path, notes__txt="")


def test_our_own_are_asked_by_their_precedence() -> None:
    ours = [each for each in registry.known() if isinstance(each, registry.Known)]
    assert ours == sorted(ours, key=lambda each: (each.precedence, each.name))
    names = [each.name for each in ours]
    # A package.json lies in applications of every language, and pages and scripts may be anywhere.
    assert names[-4:] == ["node", "c", "static", "shell"]
    assert names[0] == "python"


def test_each_package_here_is_the_toolchain_of_its_name() -> None:
    packages = {file.parent.name for file in Path(registry.__file__).parent.glob("*/toolchain.py")}
    assert {each.name: each.load().name for each in registry.known()} == {
        name: name for name in packages
    }


LISTED = """
import sys
from pathlib import Path
from hop3_nix.config import load_config
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

source = Source.open(Path(sys.argv[1]))
Composition.of(source, load_config(source))
print(*sorted(name for name in sys.modules if name.endswith(".toolchain")))
"""


def test_only_the_languages_that_matter_are_imported(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    argv = [sys.executable, "-c", LISTED, str(tmp_path)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["hop3_nix.toolchains.python.toolchain"]
