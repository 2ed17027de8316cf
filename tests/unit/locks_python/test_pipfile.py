from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.python.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.locks.base import TargetPython
    from hop3_nix.source import Source

    Make = Callable[[dict[str, str]], Source]
    Refusal = Callable[..., LockError]

PIPFILE = next(one for one in FORMATS if one.file == "Pipfile.lock")
SHA = "sha256:" + "a" * 64
PACK = {"hashes": [SHA], "version": "==1.0"}


def lock(
    pack: dict[str, Any] = PACK, spec: int = 6, python: str = "3.11", **categories: Any
) -> str:
    meta = {"pipfile-spec": spec, "requires": {"python_version": python}}
    return json.dumps({"_meta": meta, "default": {"pack": pack}} | categories, indent=4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"^Pipfile.lock:1: not JSON"),
        ("[]", "not a JSON object"),
        (lock(spec=5), r"^Pipfile.lock:3: format 5; this hop3-nix reads 6"),
        (lock(python="3.12"), r"^Pipfile.lock:4: the project needs Python 3.12, and the target"),
        (lock(python="-x"), r"^Pipfile.lock:4: '-x' is no version of Python"),
        (lock(PACK | {"hashes": 3}), r"^Pipfile.lock:\d+: entries.pack.hashes"),
        (lock(PACK | {"version": "*"}), r"^Pipfile.lock:9: pack is not pinned"),
        (lock({"version": "==1.0"}), r"^Pipfile.lock:9: pack is not pinned .*0 hashes"),
        (lock({"git": "https://index.example/p"}), r"^Pipfile.lock:9: pack comes from https"),
        (lock({"path": ".", "editable": True}), r"^Pipfile.lock:9: pack comes from \.,"),
        (lock(PACK | {"markers": "what"}), "entries.pack.markers"),
    ],
)
def test_what_cannot_be_used_is_an_error(refusal: Refusal, text: str, message: str) -> None:
    error = refusal(PIPFILE, {"Pipfile.lock": text})
    with pytest.raises(LockError, match=message):
        raise error


def test_a_category_is_there_when_asked_for(app: Make, python311: TargetPython) -> None:
    source = app({"Pipfile.lock": lock(develop={"dev": PACK}, jobs={"queue": PACK})})
    found = PIPFILE.read(source, python311, groups=["jobs"]).dependencies
    assert [one.name for one in found] == ["pack", "queue"]


def test_a_category_that_is_not_there_is_an_error(refusal: Refusal) -> None:
    error = refusal(PIPFILE, {"Pipfile.lock": lock(develop={})}, groups=["jobs"])
    assert error.tip == "Those that there are: develop."


def test_extras_are_an_error_because_the_format_has_none(refusal: Refusal) -> None:
    assert "no extra" in str(refusal(PIPFILE, {"Pipfile.lock": lock()}, extras=["web"]))


def test_a_package_for_another_platform_needs_no_pin(app: Make, python311: TargetPython) -> None:
    source = app({"Pipfile.lock": lock({"version": "*", "markers": "sys_platform == 'win32'"})})
    assert PIPFILE.read(source, python311).dependencies == ()


@pytest.mark.parametrize(
    "name", ["-rreq", "-e/abs/dir", "/abs/dir", "../up", "a b", "a\nb", "", "--index-url=x"]
)
def test_what_is_no_name_of_a_package_is_refused(refusal: Refusal, name: str) -> None:
    text = lock().replace('"pack"', json.dumps(name))
    error = refusal(PIPFILE, {"Pipfile.lock": text})
    assert str(error).endswith(f"{name!r} is no name of a package")


@pytest.mark.parametrize("version", ["==1 -e ./sub", "==-1", "==1;x", "==" + "1" * 10_000, "=="])
def test_what_is_no_version_is_refused(refusal: Refusal, version: str) -> None:
    error = refusal(PIPFILE, {"Pipfile.lock": lock({"version": version, "hashes": [SHA]})})
    assert "is no version" in str(error)


@pytest.mark.parametrize("url", ["https://[", "https://a b/c.tar.gz", "https://a/\nx", "ext::sh"])
def test_what_is_no_address_is_refused(refusal: Refusal, url: str) -> None:
    error = refusal(PIPFILE, {"Pipfile.lock": lock({"file": url + "/p.tar.gz", "hashes": [SHA]})})
    assert "is no address" in str(error) or "is no file name" in str(error)


def test_an_archive_by_its_address_is_fetched_from_there(
    app: Make, python311: TargetPython
) -> None:
    url = "https://index.example/pack-1.0.tar.gz"
    source = app({"Pipfile.lock": lock({"file": url, "hashes": [SHA]})})
    (found,) = PIPFILE.read(source, python311).dependencies
    assert found.model_dump()["url"] == url


@pytest.mark.parametrize(
    "entry",
    [
        'windows = { version = "*", sys_platform = "== \'win32\'" }',
        'windows = { version = "*", markers = "sys_platform == \'win32\'" }',
        'windows = { version = "*", os_name = "== \'nt\'", markers = "python_version > \'3\'" }',
    ],
)
def test_what_the_pipfile_wants_elsewhere_only_is_not_missed(
    app: Make, python311: TargetPython, entry: str
) -> None:
    source = app({"Pipfile.lock": lock(), "Pipfile": f'[packages]\npack = "*"\n{entry}\n'})
    assert len(PIPFILE.read(source, python311).dependencies) == 1
