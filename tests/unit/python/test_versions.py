"""Which Python an app gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError, UnsupportedError
from hop3_nix.locks.base import TargetPython
from hop3_nix.locks.hashlock import HashLock
from hop3_nix.toolchains.app import App as Application
from hop3_nix.toolchains.planning import choose_offer
from hop3_nix.toolchains.python.toolchain import TOOLCHAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import AnyOffer, Evidence, Target
    from hop3_nix.source import Source

    App = Callable[[dict[str, str]], Source]
    Choose = Callable[[dict[str, str]], tuple[AnyOffer, Evidence]]


@pytest.fixture
def choose(app: App, target: Target) -> Choose:
    def run(files: dict[str, str]) -> tuple[AnyOffer, Evidence]:
        source = app({"main.py": "", **files})
        offer, (evidence,) = choose_offer(
            TOOLCHAIN, Application(source, load_config(source)), target
        )
        return offer, evidence

    return run


def test_the_first_offer_is_taken_when_nothing_asks(choose: Choose) -> None:
    offer, evidence = choose({})
    assert offer.version == "3.13.5"
    assert "nothing asks" in evidence.reason


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("hop3.toml", '[build]\npython-version = "3.11"\n', 2),
        (".python-version", "# ours\n3.11\n", 2),
        (".python-version", "3.11.2\n", 1),
        (".python-version", "cpython-3.11\n", 1),
        ("runtime.txt", "python-3.11.2\n", 1),
        ("Pipfile", '[requires]\npython_version = "3.11"\n', 2),
        ("Pipfile", '[packages]\n[requires]\npython_full_version = "3.11.2"\n', 3),
        (".tool-versions", "nodejs 22.1.0\npython 3.11.2 3.10.1\n", 2),
        ("pyproject.toml", '[project]\nname = "x"\nrequires-python = ">=3.11,<3.12"\n', 3),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~3.11"\n', 2),
        ("setup.cfg", "[options]\npython_requires = <3.12\n", 2),
    ],
)
def test_each_file_is_heard_and_named(choose: Choose, file: str, text: str, line: int) -> None:
    offer, evidence = choose({file: text})
    assert offer.named == "python311"
    assert (evidence.file, evidence.line) == (file, line)


def test_hop3_toml_goes_before_python_version(choose: Choose) -> None:
    files = {"hop3.toml": '[build]\npython-version = "3.11"\n', ".python-version": "3.13\n"}
    assert choose(files)[0].named == "python311"


def test_another_patch_release_of_the_minor_version_does_and_is_told(choose: Choose) -> None:
    offer, evidence = choose({".python-version": "3.11.4\n"})
    assert offer.version == "3.11.2"
    assert "3.11.2 is the nearest" in evidence.reason


def test_a_version_that_is_not_offered_lists_those_that_are(choose: Choose) -> None:
    with pytest.raises(UnsupportedError, match=r"debian has 3\.13\.5, 3\.11\.2") as caught:
        choose({".python-version": "3.9\n"})
    assert (caught.value.file, caught.value.line) == (".python-version", 1)


def test_a_range_that_nothing_offered_is_within_lists_what_is(choose: Choose) -> None:
    with pytest.raises(UnsupportedError, match=r"'>=3\.14'.*debian has 3\.13\.5"):
        choose({"pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.14"\n'})


def test_a_major_version_alone_takes_the_first_that_the_range_admits(choose: Choose) -> None:
    pyproject = '[project]\nname = "x"\nrequires-python = "<3.13"\n'
    assert choose({".python-version": "3\n", "pyproject.toml": pyproject})[0].version == "3.11.2"


def test_a_pin_outside_of_the_range_is_refused(choose: Choose) -> None:
    pyproject = '[project]\nname = "x"\nrequires-python = ">=3.12"\n'
    with pytest.raises(UnsupportedError, match=r"'>=3\.12' \(pyproject\.toml:3\)"):
        choose({".python-version": "3.11\n", "pyproject.toml": pyproject})


@pytest.mark.parametrize("text", ["pypy3.10\n", "my-environment\n"])
def test_another_implementation_or_a_name_is_no_version(choose: Choose, text: str) -> None:
    with pytest.raises(UnsupportedError, match="no version of CPython"):
        choose({".python-version": text})


def test_the_system_python_of_pyenv_asks_for_nothing(choose: Choose) -> None:
    assert choose({".python-version": "system\n"})[0].version == "3.13.5"


@pytest.mark.parametrize(
    "text", ['[project]\nname = "x"\nrequires-python = "three"\n', "[tool.poetry.dependencies]\n"]
)
def test_what_is_no_range_is_refused_with_its_line(choose: Choose, text: str) -> None:
    poetry = text.startswith("[tool")
    with pytest.raises(ConfigError, match="no range of versions") as caught:
        choose({"pyproject.toml": text + ('python = "three"\n' if poetry else "")})
    assert caught.value.line == (2 if poetry else 3)


UV_LOCK = """\
version = 1
requires-python = ">=3.11"
[[package]]
name = "shop"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "numpy" }]
[package.metadata]
requires-dist = [{ name = "numpy", specifier = "==1.26.0" }]
[[package]]
name = "numpy"
version = "1.26.0"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://index.example/numpy-1.26.0.tar.gz", hash = "sha256:SUM" }
wheels = [WHEEL]
""".replace("SUM", "a" * 64)
PYPROJECT = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["numpy==1.26.0"]
"""


@pytest.mark.parametrize(
    ("tags", "chosen"),
    [
        (("cp311-cp311",), "python311"),
        (("cp311-cp311", "cp313-cp313"), "python313"),
        ((), "python313"),
    ],
)
def test_the_version_that_the_lockfile_has_wheels_for_is_taken(
    choose: Choose, tags: tuple[str, ...], chosen: str
) -> None:
    wheels = ", ".join(
        f'{{ url = "https://index.example/numpy-1.26.0-{tag}-manylinux2014_x86_64.whl", '
        f'hash = "sha256:{"b" * 64}" }}'
        for tag in tags
    )
    files = {"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK.replace("WHEEL", wheels)}
    offer, evidence = choose(files)
    assert offer.named == chosen
    assert ("wheels for it" in evidence.reason) == (chosen == "python311")
    assert choose({**files, ".python-version": "3.13"})[0].named == "python313"


def test_the_version_that_our_own_lock_was_written_for_is_taken(choose: Choose) -> None:
    python = TargetPython(version="3.11.2", system="x86_64-linux", glibc="2.36")
    text = HashLock(inputs={}, python=python).to_json()
    offer, evidence = choose({"hop3-nix.lock": text})
    assert offer.named == "python311"
    assert evidence.file == "hop3-nix.lock"
    assert choose({"hop3-nix.lock": "{"})[0].named == "python313"
