"""The configuration of supervisord, as supervisord itself reads it."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor.options import ProcessConfig, ServerOptions

from hop3_nix.deploy.services import supervisord_conf as conf
from hop3_nix.deploy.services.supervisord_conf import Places, Program
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path


def as_supervisord_reads(places: Places) -> dict[str, ProcessConfig]:
    options = ServerOptions()
    options.realize(["-c", str(places.conf)])
    return {group.name: group.process_configs[0] for group in options.process_group_configs}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path / "supervisor")
    places.make()
    conf.write_own(places)
    return places


def test_a_program_is_what_was_asked_for(places: Places) -> None:
    conf.add_programs(places, "shop", [Program("hop3-shop-r1-web-1", 7.2)])
    program = as_supervisord_reads(places)["hop3-shop-r1-web-1"]
    command = shlex.split(program.command)
    assert command[0] == sys.executable
    assert command[-2:] == [
        str(places.service("hop3-shop-r1-web-1")),
        str(places.record("hop3-shop-r1-web-1")),
    ]
    assert (program.autostart, program.stopwaitsecs, program.killasgroup) == (False, 8, True)
    assert program.stdout_logfile == str(places.service_log("hop3-shop-r1-web-1"))


def test_exactly_the_enabled_ones_start_at_boot(places: Places) -> None:
    conf.add_programs(places, "shop", [Program("a", 1), Program("b", 1)])
    conf.set_autostart(places, "shop", ["b"])
    conf.add_programs(places, "shop", [Program("b", 2), Program("c", 1)])
    assert conf.read_autostart(places, "shop") == {"a": False, "b": True, "c": False}
    read = as_supervisord_reads(places)
    assert {name: program.autostart for name, program in read.items()} == {
        "a": False,
        "b": True,
        "c": False,
    }


def test_the_last_one_takes_the_file_with_it(places: Places) -> None:
    conf.add_programs(places, "shop", [Program("a", 1), Program("b", 1)])
    conf.remove_programs(places, "shop", ["a", "unknown"])
    assert list(as_supervisord_reads(places)) == ["b"]
    conf.remove_programs(places, "shop", ["b"])
    assert not places.app("shop").exists()
    assert conf.read_autostart(places, "shop") == {}


def test_apps_with_like_names_are_kept_apart(places: Places) -> None:
    conf.add_programs(places, "a", [Program("hop3-a-r1-web-1", 1)])
    conf.add_programs(places, "a-b", [Program("hop3-a-b-r1-web-1", 1)])
    assert list(conf.read_autostart(places, "a")) == ["hop3-a-r1-web-1"]


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1),
        min_size=1,
    )
)
def test_any_argument_arrives(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    places = Places(tmp_path_factory.getbasetemp() / "words")
    places.make()
    conf.write_own(places)
    command = " ".join(["/bin/true", *map(conf.escape, words), "end"])
    places.app("words").write_text(f"[program:words]\ncommand = {command}\n", encoding="utf-8")
    read = as_supervisord_reads(places)["words"]
    assert shlex.split(read.command) == ["/bin/true", *words, "end"]


@pytest.mark.parametrize("end", ["\n", "\r", "\0"])
def test_line_ends_are_refused(end: str) -> None:
    with pytest.raises(UnavailableError, match="line end"):
        conf.escape(f"/opt/a{end}b")


@pytest.mark.parametrize("name", ["a b", "100%", "a;b", "a\nb", "[a]", "ä"])
def test_a_root_that_supervisord_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnavailableError, match="supervisord cannot work below") as refused:
        Places(tmp_path / name).make()
    assert "--root" in refused.value.tip
    assert not (tmp_path / name).exists()


def test_the_socket_of_a_long_root_is_found_by_the_working_directory(tmp_path: Path) -> None:
    places = Places(tmp_path / ("long" * 30))
    places.make()
    conf.write_own(places)
    assert "file = /proc/self/cwd/socket" in places.conf.read_text()


def test_nobody_else_can_read_any_of_it(places: Places) -> None:
    conf.add_programs(places, "shop", [Program("a", 1)])
    modes = {path.stat().st_mode & 0o077 for path in places.root.rglob("*")}
    assert modes == {0}
    assert places.root.stat().st_uid == os.geteuid()
