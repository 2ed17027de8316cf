"""Which files are the application's, their digest, and the snapshot."""

from __future__ import annotations

import errno
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hop3_nix.errors import ConfigError, SourceError
from hop3_nix.source import Source
from hop3_nix.source.size import LIMIT

ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "nobody" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "nobody@example.org" for who in ("AUTHOR", "COMMITTER")},
}


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "-C", root, *arguments],
        check=True,
        capture_output=True,
        env=ENVIRONMENT,
    )


def write(root: Path, *names: str, text: str = "") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return an empty git repository."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    return root


# Which files: with git


def test_git_decides_what_belongs_to_the_application(repository: Path) -> None:
    write(repository, "app.py", "ignored.log", "kept.log", "new.py")
    write(repository, ".gitignore", text="*.log\n")
    git(repository, "add", "-f", "app.py", "kept.log", ".gitignore")
    assert Source.open(repository).files == (".gitignore", "app.py", "kept.log", "new.py")


def test_a_tracked_file_that_was_deleted_is_not_part(repository: Path) -> None:
    write(repository, "app.py", "gone.py")
    git(repository, "add", ".")
    (repository / "gone.py").unlink()
    assert Source.open(repository).files == ("app.py",)


def test_a_tracked_directory_replaced_by_a_symlink_is_the_symlink(repository: Path) -> None:
    write(repository, "real/file", "moved/file")
    git(repository, "add", ".")
    (repository / "moved/file").unlink()
    (repository / "moved").rmdir()
    (repository / "moved").symlink_to("real")
    assert Source.open(repository).files == ("moved", "real/file")


def test_a_directory_inside_a_repository_is_an_application_of_its_own(repository: Path) -> None:
    write(repository, "other.py", "apps/one/main.py", "apps/one/skip.log")
    write(repository, ".gitignore", text="*.log\n")
    git(repository, "add", ".")
    assert Source.open(repository / "apps/one").files == ("main.py",)


def test_a_repository_that_merely_surrounds_the_directory_decides_nothing(
    repository: Path,
) -> None:
    write(repository, ".gitignore", text="*\n")
    write(repository, "scratch/app.py")
    assert Source.open(repository / "scratch").files == ("app.py",)


def test_a_repository_without_a_commit_or_a_tracked_file_counts(repository: Path) -> None:
    write(repository, "app.py", "a.log")
    write(repository, ".gitignore", text="*.log\n")
    assert Source.open(repository).files == (".gitignore", "app.py")


def test_what_is_called_git_but_is_no_repository_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "app.py")
    (tmp_path / ".git").mkdir()
    assert Source.open(tmp_path).files == ("app.py",)


def test_a_repository_that_git_cannot_read_is_an_error(repository: Path) -> None:
    write(repository, "app.py")
    (repository / ".git/index").write_bytes(b"nonsense")
    with pytest.raises(SourceError, match="git cannot list the files") as caught:
        Source.open(repository)
    assert "git status" in caught.value.tip


def test_without_git_installed_the_ignore_files_decide(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, "app.py", "a.log")
    write(repository, ".gitignore", text="*.log\n")
    monkeypatch.setenv("PATH", "")
    assert Source.open(repository).files == (".gitignore", "app.py")


def test_variables_of_a_git_hook_do_not_lead_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, "app.py")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere.index"))
    assert Source.open(repository).files == ("app.py",)


def test_the_repository_cannot_name_a_program_to_run(repository: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    write(repository, "app.py")
    git(repository, "config", "core.fsmonitor", f"touch {marker}; false")
    Source.open(repository)
    assert not marker.exists()


def test_the_files_of_a_submodule_are_part(repository: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q")
    write(library, "lib.py")
    git(library, "add", ".")
    git(library, "commit", "-q", "-m", "library")
    write(repository, "app.py")
    git(repository, "submodule", "--quiet", "add", str(library), "vendor/library")
    assert Source.open(repository).files == (".gitmodules", "app.py", "vendor/library/lib.py")
    git(repository, "submodule", "--quiet", "deinit", "-f", "vendor/library")
    with pytest.raises(SourceError, match="vendor/library: this submodule") as caught:
        Source.open(repository)
    assert "git submodule update --init" in caught.value.tip


def test_the_files_of_a_repository_inside_are_part(repository: Path) -> None:
    write(repository, "app.py", "inner/lib.py")
    git(repository / "inner", "init", "-q")
    assert Source.open(repository).files == ("app.py", "inner/lib.py")


def test_hop3ignore_and_build_ignore_leave_out_tracked_files(repository: Path) -> None:
    write(repository, "app.py", "docs/index.md", "sub/a.txt", "sub/b.txt", "big.bin")
    write(repository, ".hop3ignore", text="docs/\n")
    write(repository, "sub/.hop3ignore", text="a.txt\n")
    write(repository, "hop3.toml", text='[build]\nignore = ["*.bin"]\n')
    git(repository, "add", ".")
    assert Source.open(repository).files == (
        ".hop3ignore",
        "app.py",
        "hop3.toml",
        "sub/.hop3ignore",
        "sub/b.txt",
    )


def test_tracked_files_stay_whatever_they_are_called(repository: Path) -> None:
    names = ("node_modules/x.js", "venv/model.py", ".env")
    write(repository, *names)
    git(repository, "add", "-f", ".")
    assert Source.open(repository).files == tuple(sorted(names))


# Which files: without git


def test_build_outputs_are_left_out_when_git_does_not_track_them(tmp_path: Path) -> None:
    write(tmp_path, "app.py", ".env", "venv/a", "web/node_modules/b", "__pycache__/c", "d.pyc")
    write(tmp_path, "odd/pyvenv.cfg", "odd/lib/e")
    assert Source.open(tmp_path).files == ("app.py",)


def test_the_same_build_outputs_are_left_out_of_what_git_does_not_track(repository: Path) -> None:
    write(repository, "app.py", ".env", "venv/a", "web/node_modules/b", "__pycache__/c", "d.pyc")
    git(repository, "add", "app.py")
    assert Source.open(repository).files == ("app.py",)


def test_what_hop3_nix_writes_into_the_tree_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "hop3.nix", "hop3-nix/lib/default.nix", "sub/hop3.nix", "result.py")
    (tmp_path / "result").symlink_to("/nix/store")
    (tmp_path / "result-app").symlink_to("/nix/store")
    assert Source.open(tmp_path).files == ("app.py", "result.py", "sub/hop3.nix")


def test_the_state_directory_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "app.py", "state/apps/x", "stately")
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    assert Source.open(tmp_path).files == ("app.py", "stately")


def test_an_empty_directory_is_not_part(tmp_path: Path) -> None:
    write(tmp_path, "app.py")
    digest = Source.open(tmp_path).digest
    (tmp_path / "empty").mkdir()
    assert Source.open(tmp_path).digest == digest


@pytest.mark.parametrize("setting", ['"*.log"', "[1]"])
def test_build_ignore_has_to_be_a_list_of_texts(tmp_path: Path, setting: str) -> None:
    write(tmp_path, "hop3.toml", text=f"[build]\n\nignore = {setting}\n")
    with pytest.raises(ConfigError, match=r"^hop3\.toml:3: \[build\] ignore has to be a list"):
        Source.open(tmp_path)


# What cannot be built from


def test_a_missing_directory_an_empty_one_and_a_file_are_errors(tmp_path: Path) -> None:
    write(tmp_path, "file", "tree/ignored.log")
    write(tmp_path, "tree/.hop3ignore", text="*\n")
    (tmp_path / "empty").mkdir()
    for name, message in (
        ("missing", "there is no such directory"),
        ("file", "not a directory"),
        ("empty", "there are no files here"),
        ("tree", "every one of them is ignored"),
    ):
        with pytest.raises(SourceError, match=message) as caught:
            Source.open(tmp_path / name)
        assert caught.value.tip
        assert caught.value.file == str(tmp_path / name)


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "sub/../../outside", ".."])
def test_a_symlink_out_of_the_tree_is_named(tmp_path: Path, target: str) -> None:
    root = tmp_path / "app"
    write(root, "sub/app.py")
    (root / "link").symlink_to(target)
    with pytest.raises(SourceError, match=rf"^link: .* leads out of the application, to {target}"):
        Source.open(root)


def test_a_symlink_that_leaves_through_another_symlink_is_found(tmp_path: Path) -> None:
    root = tmp_path / "app"
    write(root, "top/file")
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/up").symlink_to("../../top")
    (root / "a/b/out").symlink_to("up/../..")
    with pytest.raises(SourceError, match=r"^a/b/out: this symlink leads out"):
        Source.open(root)


@pytest.mark.parametrize("target", ["app.py", "sub/../app.py", ".", "nowhere"])
def test_a_symlink_inside_the_tree_stays_a_symlink(tmp_path: Path, target: str) -> None:
    write(tmp_path / "app", "app.py", "sub/x")
    (tmp_path / "app/link").symlink_to(target)
    Source.open(tmp_path / "app").copy_to(tmp_path / "copy")
    assert os.readlink(tmp_path / "copy/link") == target  # noqa: PTH115 - Path would rewrite it


def test_a_socket_and_a_pipe_are_named(tmp_path: Path) -> None:
    write(tmp_path, "app.py")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match=r"^pipe: is a named pipe"):
        Source.open(tmp_path)
    (tmp_path / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "sock"))
    with pytest.raises(SourceError, match=r"^sock: is a socket"):
        Source.open(tmp_path)
    write(tmp_path, ".hop3ignore", text="sock\n")
    assert Source.open(tmp_path).files == (".hop3ignore", "app.py")


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "app.py", "secret")
    open_file = os.open

    def refuse(path: str, flags: int) -> int:
        if path.endswith("/secret"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return open_file(path, flags)

    monkeypatch.setattr("hop3_nix.source.entries.os.open", refuse)
    with pytest.raises(SourceError, match=r"^secret: cannot be read: Permission denied") as caught:
        Source.open(tmp_path)
    assert ".hop3ignore" in caught.value.tip


# Reading


def test_files_are_looked_for_in_hop3_first(tmp_path: Path) -> None:
    write(tmp_path, "Procfile", "hop3.toml", "hop3/Procfile")
    source = Source.open(tmp_path)
    assert source.find_config("Procfile") == "hop3/Procfile"
    assert source.find_config("hop3.toml") == "hop3.toml"
    assert source.find_config("other") is None


def test_text_is_read_as_utf_8_and_through_a_symlink(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", text="häh\r\n")
    (tmp_path / "link").symlink_to("a.txt")
    source = Source.open(tmp_path)
    (tmp_path / "a.txt").write_bytes("häh\r\n".encode())
    assert Source.open(tmp_path).read_text("link") == "häh\r\n"
    assert source.has("link")


@pytest.mark.parametrize("name", ["hop3.toml", ".gitignore", ".hop3ignore"])
def test_what_is_read_to_choose_the_files_is_no_pipe(tmp_path: Path, name: str) -> None:
    write(tmp_path, "app.py")
    os.mkfifo(tmp_path / name)
    with pytest.raises(SourceError, match=f"{re.escape(name)}: is a named pipe"):
        Source.open(tmp_path)


def test_a_device_behind_a_link_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "app.py")
    (tmp_path / "hop3.toml").symlink_to("/dev/zero")
    with pytest.raises(SourceError, match="leads out of the application"):
        Source.open(tmp_path)


def test_a_file_that_is_larger_than_any_text_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "app.py")
    with (tmp_path / "Procfile").open("wb") as file:
        file.truncate(33 << 20)
    with pytest.raises(SourceError, match="Procfile: larger than 32 MiB"):
        Source.open(tmp_path).read_text("Procfile")


@pytest.mark.parametrize("size", [65 << 20, 1 << 42])
def test_a_file_that_is_all_holes_is_named_before_it_is_read(tmp_path: Path, size: int) -> None:
    write(tmp_path, "app.py")
    with (tmp_path / "disk.img").open("wb") as file:
        file.truncate(size)
    with pytest.raises(SourceError, match=r"disk\.img: is sparse: \d+ [MT]iB"):
        Source.open(tmp_path)
    write(tmp_path, ".hop3ignore", text="disk.img\n")
    assert "disk.img" not in Source.open(tmp_path).files


def test_what_is_too_large_is_told_with_its_largest_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "one.bin", text="1" * 3000)
    write(tmp_path, "two.bin", text="2" * 2000)
    monkeypatch.setenv(LIMIT, "4K")
    with pytest.raises(SourceError) as caught:
        Source.open(tmp_path)
    assert "4.883 KiB, and 4 KiB is the most" in caught.value.message
    assert "one.bin (2.93 KiB), two.bin (1.953 KiB)" in caught.value.message
    for enough in ("5000", "5K", "1G", "0"):
        monkeypatch.setenv(LIMIT, enough)
        assert len(Source.open(tmp_path).files) == 2


@pytest.mark.parametrize("said", ["many", "2GG", "-1", "K", "²"])
def test_a_limit_that_is_no_number_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    write(tmp_path, "app.py")
    monkeypatch.setenv(LIMIT, said)
    with pytest.raises(SourceError, match="is no number of bytes"):
        Source.open(tmp_path)


def test_text_that_is_not_utf_8_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"ab\xff")
    with pytest.raises(SourceError, match=r"^a\.txt: not UTF-8 text: byte 3 is 0xff"):
        Source.open(tmp_path).read_text("a.txt")


def test_only_files_of_the_source_are_read(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "secret")
    write(tmp_path, ".hop3ignore", text="secret\n")
    (tmp_path / "link").symlink_to("secret")
    source = Source.open(tmp_path)
    for name in ("secret", "link", "../other", "nothing"):
        with pytest.raises(SourceError, match="no such file in the source"):
            source.read_text(name)


def test_a_file_that_changed_since_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "app.py", text="one")
    source = Source.open(tmp_path)
    write(tmp_path, "app.py", text="two")
    with pytest.raises(SourceError, match=r"^app\.py: changed while"):
        source.read_text("app.py")


# The snapshot


def test_a_snapshot_has_normalised_modes_and_the_same_digest(tmp_path: Path) -> None:
    root = tmp_path / "app"
    write(root, "app.py", "bin/run", "a/b/c/deep")
    (root / "bin/run").chmod(0o700)
    (root / "app.py").chmod(0o606)
    (root / "link").symlink_to("bin/run")
    source = Source.open(root)
    umask = os.umask(0o077)
    try:
        source.copy_to(tmp_path / "new/copy")
    finally:
        os.umask(umask)
    copy = tmp_path / "new/copy"
    assert Source.open(copy).digest == source.digest
    modes = {
        name: (copy / name).lstat().st_mode & 0o777 for name in ("", "app.py", "bin/run", "a/b")
    }
    assert modes == {"": 0o755, "app.py": 0o644, "bin/run": 0o755, "a/b": 0o755}


def change(root: Path) -> None:
    write(root, "b.py", text="changed")


def remove(root: Path) -> None:
    (root / "b.py").unlink()


def make_executable(root: Path) -> None:
    (root / "b.py").chmod(0o755)


def replace_by_symlink(root: Path) -> None:
    (root / "b.py").unlink()
    (root / "b.py").symlink_to("a.py")


@pytest.mark.parametrize("happens", [change, remove, make_executable, replace_by_symlink])
def test_a_change_during_the_copy_is_an_error_and_nothing_is_left(
    tmp_path: Path, happens: object
) -> None:
    write(tmp_path / "app", "a.py", "b.py", text="x")
    source = Source.open(tmp_path / "app")
    assert callable(happens)
    happens(tmp_path / "app")
    with pytest.raises(SourceError, match=r"^b\.py: changed while"):
        source.copy_to(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_snapshot_does_not_overwrite(tmp_path: Path) -> None:
    write(tmp_path, "app/a.py", "copy/mine")
    with pytest.raises(FileExistsError):
        Source.open(tmp_path / "app").copy_to(tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["mine"]


# The digest

names = (
    st.binary(min_size=1, max_size=6)
    .filter(lambda name: b"/" not in name and b"\0" not in name and name[:1] != b".")
    .map(os.fsdecode)
    .filter(lambda name: not name.endswith(".pyc") and name != "venv")
)
paths = st.builds(lambda *parts: "/".join(filter(None, parts)), st.just("") | names, names)
files = st.tuples(st.sampled_from(["file", "program", "symlink"]), st.binary(max_size=9))
trees = st.dictionaries(paths, files, min_size=1, max_size=4).filter(
    lambda tree: not any(f"{path}/" in other for path in tree for other in tree)
)


def digest_of(tree: dict[str, tuple[str, bytes]]) -> str:
    with tempfile.TemporaryDirectory() as directory:
        for name, (kind, content) in tree.items():
            path = Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "symlink":
                path.symlink_to(f"to{content.hex()}")
                continue
            path.write_bytes(content)
            path.chmod(0o755 if kind == "program" else 0o644)
        return Source.open(Path(directory)).digest


@settings(max_examples=150, deadline=None)
@given(trees, st.data())
def test_the_digest_changes_when_and_only_when_a_name_a_mode_or_a_content_does(
    tree: dict[str, tuple[str, bytes]], data: st.DataObject
) -> None:
    other = dict(tree)
    name = data.draw(st.sampled_from(sorted(tree)))
    match data.draw(st.sampled_from(["nothing", "rename", "replace", "remove"])):
        case "rename":
            other[data.draw(st.just(f"{name}~") | st.just(f"_{name}"))] = other.pop(name)
        case "replace":
            other[name] = data.draw(files)
        case "remove" if len(other) > 1:
            del other[name]
    assert (digest_of(tree) == digest_of(other)) == (tree == other)


def test_the_digest_does_not_know_where_or_when(tmp_path: Path) -> None:
    for place in ("one", "two/three"):
        write(tmp_path / place, "app.py", "sub/x", text="same")
    os.utime(tmp_path / "one/app.py", (1, 1))
    (tmp_path / "one/app.py").chmod(0o640)
    assert Source.open(tmp_path / "one").digest == Source.open(tmp_path / "two/three").digest


def test_the_digest_is_the_same_with_and_without_git(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "sub/x")
    digest = Source.open(tmp_path).digest
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    assert Source.open(tmp_path).digest == digest


def test_opening_a_source_imports_nothing_slow(repository: Path) -> None:
    write(repository, "app.py")
    slow = {"pydantic", "pathspec", "sh", "jinja2", "rich", "packaging", "dataclasses", "tomllib"}
    script = (
        "import sys; from pathlib import Path; from hop3_nix.source import Source;"
        "Source.open(Path(sys.argv[1])); print(*sys.modules)"
    )
    modules = subprocess.run(
        [sys.executable, "-c", script, repository], check=True, capture_output=True, text=True
    ).stdout.split()
    assert slow.isdisjoint(modules)


def test_what_says_of_itself_that_it_was_built_is_no_source(tmp_path: Path) -> None:
    for name in ("hop3/runtime.json", "BUILD_ARTIFACT.json", "docs/BUILD_ARTIFACT.json", "hop3/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert Source.open(tmp_path).files == ("docs/BUILD_ARTIFACT.json", "hop3/a")


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"


def test_a_pointer_of_git_lfs_is_not_the_file(repository: Path) -> None:
    write(repository, "app.py")
    write(repository, "public/logo.png", "data/rates.json", text=POINTER)
    with pytest.raises(SourceError, match=r"^data/rates\.json: .*Git LFS.*public/logo\.png") as it:
        Source.open(repository)
    assert "git lfs pull" in it.value.tip


def test_a_file_that_git_lfs_has_fetched_is_a_file(repository: Path) -> None:
    write(repository, ".gitattributes", text="*.png filter=lfs diff=lfs merge=lfs -text\n")
    write(repository, "logo.png", text="\x89PNG\n")
    write(repository, "notes.md", text=POINTER.partition("\n")[0] + "\nis how one begins\n")
    assert Source.open(repository).files == (".gitattributes", "logo.png", "notes.md")


def test_pointers_may_be_left_out(repository: Path) -> None:
    write(repository, "app.py")
    write(repository, "film.mov", text=POINTER)
    write(repository, ".hop3ignore", text="film.mov\n")
    assert "film.mov" not in Source.open(repository).files
