"""Start data: what the launchers do with it, run by a real shell over a small store."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hop3_nix.postbuild.texts import TextError, literal, names, pieces
from hop3_nix.startdata import StartFile
from started_apps import NASTY, start, tree

if TYPE_CHECKING:
    from pathlib import Path

    from postbuild_tree import Tree

__all__ = ["tree"]

ESCAPED = {code: f"\\u{code:04x}" for code in (1, 9, 10)}


def ends(tree: Tree, data: dict[str, Any], **env: str) -> tuple[int, str]:
    """Return how the worker ends that does not start."""
    assert tree.build(start=data) == 0
    done = tree.run("bin/web", env={"HOP3_STATE_DIR": str(tree.root / "state"), **env})
    return done.returncode, done.stderr.decode()


def file(path: Path, text: str, **more: Any) -> dict[str, Any]:
    return {"path": str(path), "text": text, **more}


def test_variables_are_computed_from_those_before_them(tree: Tree) -> None:
    variables = [
        {"name": "PORT", "value": "${PORT:-8080}", "export": False},
        {"name": "HOST", "value": "${NAME:+$NAME.}${DOMAIN:-${OTHER-none}}"},
        {"name": "URL", "value": "http://${HOST}:${PORT}/$${x}", "unless": "URL"},
    ]
    env = start(tree, {"variables": variables})
    assert env["URL"] == "http://none:8080/${x}"
    assert "PORT" not in env
    assert start(tree, {"variables": variables}, URL="mine")["URL"] == "mine"


def test_no_value_is_evaluated(tree: Tree, tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    text = literal(NASTY)
    data = {
        "variables": [{"name": "B", "value": f"{text}${{A}}"}],
        "files": [file(target, f"{text}|${{A}}")],
    }
    env = start(tree, data, A=NASTY)
    assert env["B"] == NASTY * 2
    assert target.read_text() == f"{NASTY}|{NASTY}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("php", NASTY.replace("\\", "\\\\").replace("'", "\\'")),
        ("json", NASTY.replace("\\", "\\\\").replace('"', '\\"').translate(ESCAPED)),
        ("url", "a%27b%22c%5Cd%24HOME%60id%60%24%28id%29%24%7BX%7D%0A%09%01%26%C3%A9"),
    ],
)
def test_filters_write_a_value_as_a_format_has_it(tree: Tree, name: str, expected: str) -> None:
    variables = [{"name": "B", "value": f"${{A|{name}}}"}]
    assert start(tree, {"variables": variables}, A=NASTY)["B"] == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("number", "8080; rm", "A is not a number"),
        ("boolean", "maybe", "A is neither true nor false"),
        ("ini", "a\nb", "A has a line break"),
    ],
)
def test_a_value_that_a_format_cannot_hold_keeps_the_worker_from_starting(
    tree: Tree, name: str, value: str, message: str
) -> None:
    variables = [{"name": "B", "value": f"${{A|{name}}}"}]
    status, said = ends(tree, {"variables": variables}, A=value)
    assert (status, message in said) == (78, True)


def test_what_has_no_value_is_named_with_what_needs_it(tree: Tree, tmp_path: Path) -> None:
    status, said = ends(tree, {"files": [file(tmp_path / "x.ini", "${DB}")]})
    assert status == 78
    assert "DB is not set, and file" in said
    status, said = ends(tree, {"variables": [{"name": "A", "value": "${DB:?set ${X-it}}"}]}, DB="")
    assert (status, "DB: set it" in said) == (78, True)


def test_files_are_ours_alone_and_rewritten_or_kept(tree: Tree, tmp_path: Path) -> None:
    one, two = tmp_path / "new/one", tmp_path / "two"
    data = {
        "directories": ["${HOP3_STATE_DIR}/data"],
        "files": [file(one, "${A}"), file(two, "${A}", keep=True, mode="0640")],
    }
    start(tree, data, A="1")
    start(tree, data, A="2")
    assert (one.read_text(), two.read_text()) == ("2", "1")
    assert [path.stat().st_mode & 0o777 for path in (one, two)] == [0o600, 0o640]
    assert (tree.root / "state/data").is_dir()
    assert {path.name for path in one.parent.iterdir()} == {"one"}


@pytest.mark.parametrize(
    ("kind", "length", "pattern"),
    [
        ("hex", 4, r"[0-9a-f]{8}"),
        ("base64", 4, r"[A-Za-z0-9+/]{6}=="),
        ("urlsafe", 4, r"[A-Za-z0-9_-]{6}"),
        ("password", 24, r"[A-Za-z0-9]{24}"),
        ("uuid", 1, r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ],
)
def test_secrets_are_made_once_and_kept(tree: Tree, kind: str, length: int, pattern: str) -> None:
    secret = {"name": "KEY", "kind": kind, "length": length, "prefix": "p:"}
    first = start(tree, {"secrets": [secret]})["KEY"]
    assert re.fullmatch(f"p:{pattern}", first)
    assert (
        tree.environment("bin/other", {"HOP3_STATE_DIR": str(tree.root / "state")})["KEY"] == first
    )
    assert start(tree, {"secrets": [secret]}, KEY="mine")["KEY"] == "mine"
    kept = tree.root / "state/secrets/KEY"
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == (first, 0o600)


def test_workers_that_start_at_once_have_one_secret(tree: Tree) -> None:
    secret = {"name": "KEY", "kind": "hex", "length": 16}
    assert tree.build(start={"secrets": [secret]}) == 0
    state = {"HOP3_STATE_DIR": str(tree.root / "state")}
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: tree.environment("bin/web", state)["KEY"], range(6)))
    assert len(set(found)) == 1


def test_a_secret_needs_a_place_to_be_kept(tree: Tree) -> None:
    assert tree.build(start={"secrets": [{"name": "KEY", "kind": "hex", "length": 1}]}) == 0
    done = tree.run("bin/web")
    assert (done.returncode, b"HOP3_STATE_DIR is not set" in done.stderr) == (78, True)


def test_steps_run_before_their_worker_alone(tree: Tree) -> None:
    data = {
        "variables": [{"name": "A", "value": "x"}],
        "steps": {"web": ["show $A >/dev/stderr", "fail"]},
    }
    status, said = ends(tree, data)
    assert (status, "x" in said) == (3, True)
    assert tree.environment("bin/other")["A"] == "x"
    assert tree.environment("hop3/exec") == {}


def test_other_programs_and_commands_before_the_workers_see_it_as_well(tree: Tree) -> None:
    tree.build(start={"variables": [{"name": "A", "value": "${@app}"}], "places": {"app": "/x"}})
    assert b"A=/x" in tree.run("hop3/exec", str(tree.store / "bash/bin/env")).stdout
    tree.build(before_run=["env"])
    assert b"A=/x" in tree.run("hop3/before-run").stdout


def test_what_was_declared_is_written_for_the_run_side(tree: Tree) -> None:
    data = {"directories": ["x"]}
    tree.build(start=data)
    assert json.loads((tree.out / "hop3/start.json").read_bytes()) == {"format": 1, **data}
    StartFile.model_validate_json((tree.out / "hop3/start.json").read_bytes())
    shutil.rmtree(tree.out)
    tree.build(start={})
    assert not (tree.out / "hop3/start.json").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"variables": [{"name": "A", "value": "${B"}]}, "is opened|cannot follow"),
        ({"variables": [{"name": "A", "value": "${B|x}"}]}, "there is no filter 'x'"),
        ({"variables": [{"name": "A", "value": "${@x}"}]}, "there is no place x"),
        ({"variables": [{"name": "A", "value": "${1}"}]}, "is no reference"),
        ({"variables": [{"name": "A-B", "value": ""}]}, "A-B is not a name"),
        ({"variables": [{"name": "HOP3_STATE_DIR", "value": ""}]}, "is set by whoever starts"),
        ({"variables": [{"name": "hop3_x", "value": ""}]}, "begins with hop3_"),
        ({"files": [{"path": "x", "text": "", "mode": "600"}]}, "'600' is no mode"),
        ({"steps": {"wob": ["show"]}}, "no such worker"),
        ({"steps": {"web": ["no-such"]}}, "no-such"),
    ],
)
def test_what_could_not_be_done_is_refused_when_building(
    tree: Tree, data: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tree.build(start=data) == 1
    assert re.search(message, capsys.readouterr().err)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_any_text_stands_for_itself(tree: Tree, text: str) -> None:
    variables = [{"name": "A", "value": literal(text)}, {"name": "B", "value": "${A|json}"}]
    env = start(tree, {"variables": variables})
    assert env["A"] == text
    assert json.loads(f'"{env["B"]}"', strict=True) == text


def test_the_names_that_a_text_asks_for() -> None:
    assert names("${A:-${B|json}}$${C}$D") == {"A", "B"}
    with pytest.raises(TextError):
        pieces("${A:-x")
