from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hop3_nix.builders.base import refuse_other_content
from hop3_nix.errors import InputError
from hop3_nix.files.atomic import remove_leftovers, require_place, write_output, write_text_atomic

WRITE = (
    "import sys; from pathlib import Path; from hop3_nix.files.atomic import write_output\n"
    "with write_output(Path(sys.argv[1])) as file: file.write(b'text')"
)


def written_by_a_program(name: str, stdout: int | Path) -> bytes:
    """Return what a program wrote on standard output that was told to write ``name``."""
    argv = [sys.executable, "-c", WRITE, name]
    if isinstance(stdout, Path):
        with stdout.open("ab") as file:
            subprocess.run(argv, check=True, stdout=file)
        return stdout.read_bytes()
    return subprocess.run(argv, check=True, stdout=stdout).stdout


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_written_and_stays_what_it_is(tmp_path: Path, name: str) -> None:
    before = Path("/dev/stdout").lstat()
    assert written_by_a_program(name, subprocess.PIPE) == b"text"
    redirected = tmp_path / "log"
    redirected.write_text("before\n")
    inode = redirected.stat().st_ino
    assert written_by_a_program(name, redirected) == b"before\ntext"
    assert redirected.stat().st_ino == inode
    assert Path("/dev/stdout").lstat().st_ino == before.st_ino
    assert not Path("-").exists()


def write(path: Path, text: str) -> None:
    with write_output(path) as file:
        file.write(text.encode())


def test_a_device_is_written_through() -> None:
    before = Path("/dev/null").lstat()
    write(Path("/dev/null"), "text")
    after = Path("/dev/null").lstat()
    assert (after.st_ino, after.st_mode, after.st_rdev) == (
        before.st_ino,
        before.st_mode,
        before.st_rdev,
    )


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(pipe.read_text()))
    thread.start()
    write(pipe, "text")
    thread.join(10)
    assert got == ["text"]
    assert pipe.is_fifo()


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to("real")
    for text in ("first", "second"):
        write(link, text)
        assert real.read_text() == text
    assert link.is_symlink()


def test_a_file_is_whole_or_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def fail_half_way() -> None:
        with write_output(path) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_no_directory_is_made(tmp_path: Path) -> None:
    path = tmp_path / "typo" / "file"
    with pytest.raises(FileNotFoundError):
        require_place(path)
    with pytest.raises(FileNotFoundError):
        write(path, "x")
    assert not path.parent.exists()
    with pytest.raises(IsADirectoryError):
        require_place(tmp_path)


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_a_file_of_ours_takes_the_place_of_no_other_kind(tmp_path: Path, make: object) -> None:
    path = tmp_path / "lock.json"
    assert callable(make)
    make(path)
    kind = path.lstat().st_mode
    with pytest.raises(OSError, match="is "):
        write_text_atomic(path, "x")
    assert path.lstat().st_mode == kind
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_a_result_replaces_links_to_results_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    link = tmp_path / "out"
    for target in ("/nix/store/gone", tmp_path / "state" / "apps" / "x"):
        link.unlink(missing_ok=True)
        refuse_other_content(link)
        link.symlink_to(target)
        refuse_other_content(link)
    for other in (Path("/dev/stdout"), Path("/dev/null"), tmp_path, tmp_path / "typo" / "out"):
        with pytest.raises(InputError):
            refuse_other_content(other)


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in (".lock", "lock.json", ".env.local", ".hidden")]
    left = [tmp_path / name for name in (".lock.json.a1b2_c3d", ".current.4711")]
    for path in (*kept, *left):
        path.touch()
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
