from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.errors import LockError
from hop3_nix.locks.python.formats import FORMATS
from hop3_nix.locks.python.requirements_text import logical_lines, native_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.locks.base import TargetPython
    from hop3_nix.source import Source

    Make = Callable[[dict[str, str]], Source]
    Refusal = Callable[..., LockError]

REQUIREMENTS = next(one for one in FORMATS if one.file == "requirements.txt")
A, B, C = (f"--hash=sha256:{letter * 64}" for letter in "abc")
PACK = f"pack==1.0 {A}\n"


def pins(
    app: Make, target: TargetPython, text: str, **others: str
) -> dict[str, tuple[str, list[str]]]:
    files = {"requirements.txt": text} | {
        name.replace("_txt", ".txt").replace("__", "/"): more for name, more in others.items()
    }
    found = REQUIREMENTS.read(app(files), target).dependencies
    return {one.name: (one.version, [digest[0] for digest in one.sha256]) for one in found}


@pytest.mark.parametrize(
    "text",
    [
        f"pack==1.0 {A} {B}",
        f"pack==1.0 \\\n    {A} \\\n    {B}\n    # via other\n",
        f"# top\n\npack == 1.0 {A} \\\n{B} # why\n",
        f"Pack[fast,big]==1.0 ; python_version < '3.12' {A} {B}\n",
        f"pack===1.0 {A.replace('=', ' ', 1)} {B}\r\n",
        f"\ufeff-i https://index.example/simple\npack==1.0 {A} {B}\n",
        f"--extra-index-url=https://index.example/x\n--pre\npack==1.0 {A} {B}\n",
        f"--require-hashes\npack==1.0 {A} {B} --hash=md5:{'0' * 32}\n",
        f"pack==1.0 {A} {B}\nother==1 ; sys_platform == 'win32' {A}\n",
        f"pack==1.0 {A} {B}\npack==1.0 {A} {B}\n",
        f"pack==1.0 ; python_version < '3.12' {A} {B}\npack==2 ; python_version >= '3.12' {C}\n",
    ],
)
def test_the_ways_to_write_a_pin(app: Make, python311: TargetPython, text: str) -> None:
    assert pins(app, python311, text) == {"pack": ("1.0", ["a", "b"])}


@pytest.mark.parametrize("option", ["-r ", "-r", "--requirement ", "--requirement="])
def test_included_requirements_are_read_in_their_place(
    app: Make, python311: TargetPython, option: str
) -> None:
    found = pins(
        app,
        python311,
        f"{PACK}{option}deps/more.txt\n",
        deps__more_txt=f"-r sub.txt\nmore==2 {B}\n",
        deps__sub_txt=f"sub==3 {C}\n-r ../requirements.txt\n",
    )
    assert found == {"more": ("2", ["b"]), "pack": ("1.0", ["a"]), "sub": ("3", ["c"])}


def test_the_files_that_are_included_are_named(app: Make) -> None:
    source = app(
        {"requirements.txt": "-r a.txt\n-c c.txt\n", "a.txt": PACK, "c.txt": "", "other.txt": ""}
    )
    assert native_files(source, "requirements.txt") == ("a.txt", "c.txt", "requirements.txt")


def test_a_constraint_adds_no_package_but_can_pin_one(app: Make, python311: TargetPython) -> None:
    found = pins(app, python311, "pack>=1\n-c c.txt\n", c_txt=f"pack==1.5 {B}\nunneeded==1 {A}\n")
    assert found == {"pack": ("1.5", ["b"])}


def test_lines_about_one_package_allow_the_hashes_that_all_give(
    app: Make, python311: TargetPython
) -> None:
    found = pins(
        app, python311, f"pack==1.0 {A} {B}\n-c c.txt\n", c_txt=f"pack==1.0 {B} {C}\npack<2\n"
    )
    assert found == {"pack": ("1.0", ["b"])}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PACK + "flask==3.0\n", r"^requirements.txt:2: flask 3.0 has no hash, and other"),
        (PACK + f"flask>=3 {A}\n", r"^requirements.txt:2: flask is not pinned with =="),
        (PACK + f"flask==3.* {A}\n", r"^requirements.txt:2: flask is not pinned with =="),
        (PACK + f"flask {A}\n", r"^requirements.txt:2: flask is not pinned with =="),
        (PACK + "-e .\n", r"^requirements.txt:2: \. is editable, which no hash pins"),
        (PACK + "./libs/x\n", r"^requirements.txt:2: './libs/x' is a path or an address"),
        (PACK + "https://index.example/x.whl\n", "is a path or an address"),
        (
            PACK + f"x @ https://index.example/x.whl {A}\n",
            r"^requirements.txt:2: x comes from https://index.example/x.whl, which is not",
        ),
        (PACK + "--no-such-option x\n", r"^requirements.txt:2: --no-such-option is no option"),
        (f"pack==1.0 {A} --global-option=x\n", r"^requirements.txt:1: --global-option is no opt"),
        (PACK + f"what ever {A}\n", r"^requirements.txt:2: 'what ever' is no requirement"),
        (PACK + f"x==1 ; os_name ~= 'a' {A}\n", r"^requirements.txt:2: .* is no requirement"),
        (PACK + f"pack==1.1 {A}\n", r"^requirements.txt:2: pack must be ==1.1 here, and is pin"),
        (PACK + f"pack==1.0 {B}\n", r"^requirements.txt:1: the lines about pack have no hash in"),
        (f"pack==1.0 --hash=sha512:{'d' * 128}\n", "no sha256 hash; it has sha512"),
        (PACK + "-r ../outside.txt\n", r"^requirements.txt:2: ../outside.txt is outside the app"),
        (PACK + "-r https://index.example/r.txt\n", "r.txt is outside the app"),
        (PACK + "-c gone.txt\n", r"^requirements.txt:2: there is no file gone.txt among"),
        (f"pack==1.0 \\\n{A}\n-e x", r"^requirements.txt:3: x is editable"),
    ],
)
def test_what_cannot_be_used_is_an_error(refusal: Refusal, text: str, message: str) -> None:
    error = refusal(REQUIREMENTS, {"requirements.txt": text})
    with pytest.raises(LockError, match=message):
        raise error


def test_an_error_in_an_included_file_names_that_file(refusal: Refusal) -> None:
    files = {"requirements.txt": "-r deps/a.txt\n", "deps/a.txt": f"{PACK}\n-e .\n"}
    assert str(refusal(REQUIREMENTS, files)).startswith("deps/a.txt:3: ")


@pytest.mark.parametrize("asked", [{"extras": ["x"]}, {"groups": ["x"]}])
def test_extras_and_groups_are_an_error_because_the_format_has_none(
    refusal: Refusal, asked: dict[str, list[str]]
) -> None:
    assert "there is no" in str(refusal(REQUIREMENTS, {"requirements.txt": PACK}, **asked))


WORDS = st.text("abc=.-[]1<>'\"", min_size=1, max_size=8)
BREAKS = st.sampled_from([" ", "\t", " \\\n", " \\\r\n  "])
NOISE = st.lists(st.sampled_from(["", "  ", "# note", "   # note \\"]), max_size=2)
ENDS = st.sampled_from(["", "  ", " # why", "\t#"])
LOGICAL = st.lists(WORDS, min_size=1, max_size=4)


@given(st.data(), st.lists(LOGICAL, max_size=5))
def test_continuations_and_comments_do_not_change_what_a_line_says(
    data: st.DataObject, wanted: list[list[str]]
) -> None:
    text, starts = "", []
    for words in wanted:
        text += "".join(f"{line}\n" for line in data.draw(NOISE))
        starts.append(text.count("\n") + 1)
        text += words[0] + "".join(data.draw(BREAKS) + word for word in words[1:])
        text += data.draw(ENDS) + "\n"
    lines = list(logical_lines("r.txt", text))
    assert [line.text.split() for line in lines] == wanted
    assert [line.place.line for line in lines] == starts
