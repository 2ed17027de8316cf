"""Repositories are read without running git, whatever they say; measured against git itself."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hop3_nix.errors import SourceError
from hop3_nix.source import Source

ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "nobody" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "nobody@example.org" for who in ("AUTHOR", "COMMITTER")},
}
NAMES = ("a", "a.log", "b/a", "b/c/a.log", "b/c/d", "long-" + "x" * 200, "b/é")

PROGRAMS = (
    "core.alternateRefsCommand",
    "core.askPass",
    "core.editor",
    "core.fsmonitor",
    "core.gitProxy",
    "core.pager",
    "core.sshCommand",
    "credential.helper",
    "diff.external",
    "diff.x.command",
    "diff.x.textconv",
    "difftool.x.cmd",
    "filter.x.clean",
    "filter.x.process",
    "filter.x.smudge",
    "gpg.program",
    "gpg.ssh.defaultKeyCommand",
    "guitool.x.cmd",
    "imap.tunnel",
    "interactive.diffFilter",
    "man.x.cmd",
    "merge.x.driver",
    "mergetool.x.cmd",
    "pager.ls-files",
    "receive.procReceiveRefs",
    "remote.origin.receivepack",
    "remote.origin.uploadpack",
    "remote.origin.vcs",
    "sendemail.smtpServer",
    "sequence.editor",
    "submodule.x.update",
    "tar.x.command",
    "trailer.x.cmd",
    "trailer.x.command",
    "uploadpack.packObjectsHook",
    "web.browser",
    "alias.ls-files",
)
"""The settings of git that name a program, as git-config(1) and those it refers to list them."""


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "-C", root, *arguments],
        check=True,
        capture_output=True,
        env=ENVIRONMENT,
        text=True,
    ).stdout


def write(root: Path, *names: str, text: str = "") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def listed(root: Path) -> tuple[str, ...]:
    listing = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return tuple(sorted(set(listing.split("\0")) - {""}, key=os.fsencode))


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    write(root, *NAMES)
    return root


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_version_of_the_index_is_read(repository: Path, version: str) -> None:
    git(repository, "config", "index.version", version)
    git(repository, "add", "-A")
    # An entry of the kind that only versions from 3 on have.
    write(repository, "later")
    git(repository, "add", "--intent-to-add", "later")
    git(repository, "update-index", "--index-version", version)
    assert Source.open(repository).files == listed(repository)


@pytest.mark.parametrize("skip_hash", ["true", "false"])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_both_kinds_of_digests_and_none_are_read(
    tmp_path: Path, algorithm: str, skip_hash: str
) -> None:
    git(tmp_path, "init", "-q", f"--object-format={algorithm}")
    git(tmp_path, "config", "index.skipHash", skip_hash)
    write(tmp_path, *NAMES)
    git(tmp_path, "add", "-A")
    if skip_hash == "true":
        # What git 2.40 and later write.
        size = 20 if algorithm == "sha1" else 32
        index = (tmp_path / ".git/index").read_bytes()
        (tmp_path / ".git/index").write_bytes(index[:-size] + bytes(size))
    assert Source.open(tmp_path).files == listed(tmp_path)


def test_a_second_work_tree_is_read(repository: Path, tmp_path: Path) -> None:
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    (repository / ".git/info/exclude").write_text("*.tmp\n")
    other = tmp_path / "other"
    git(repository, "worktree", "add", "-q", str(other))
    write(other, "new", "new.tmp")
    assert Source.open(other).files == listed(other)
    assert "new" in Source.open(other).files


def test_a_split_index_is_refused_with_the_command_that_mends_it(repository: Path) -> None:
    git(repository, "add", "-A")
    git(repository, "update-index", "--split-index")
    with pytest.raises(SourceError, match="git update-index --no-split-index"):
        Source.open(repository)
    git(repository, "update-index", "--no-split-index")
    assert Source.open(repository).files == listed(repository)


lines = st.lists(
    st.sampled_from(["a", "*.log", "!a.log", "b/", "/a", "c", "!b/c", "**/d"]), max_size=3
)


@settings(max_examples=25, deadline=None)
@given(
    tracked=st.sets(st.sampled_from(NAMES)),
    rules=lines,
    below=lines,
    exclude=lines,
    part=st.sampled_from(["", "b", "b/c"]),
)
def test_what_git_lists_is_listed(
    tracked: set[str], rules: list[str], below: list[str], exclude: list[str], part: str
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        git(root, "init", "-q")
        write(root, *NAMES, "b/c/kept", "kept")
        git(root, "add", "-f", "kept", "b/c/kept", *tracked)
        (root / ".gitignore").write_text("\n".join(rules))
        (root / "b/.gitignore").write_text("\n".join(below))
        (root / ".git/info/exclude").write_text("\n".join(exclude))
        assert Source.open(root / part).files == listed(root / part)


def test_no_setting_of_a_repository_runs_a_program(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-auto-gc"):
        (repository / ".git/hooks" / hook).write_text(program.read_text())
        (repository / ".git/hooks" / hook).chmod(0o755)
    write(repository, ".gitattributes", text="* filter=x diff=x merge=x\n")
    for key in PROGRAMS:
        git(repository, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    write(repository, "untracked")
    assert "untracked" in Source.open(repository).files
    assert not mark.exists()


def test_nothing_is_fetched_to_read_an_ignore_file(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    write(repository, ".gitignore", text="*.log\n")
    git(repository, "add", ".gitignore")
    git(repository, "commit", "-qm", "x")
    blob = git(repository, "rev-parse", "HEAD:.gitignore").strip()
    git(repository, "update-index", "--skip-worktree", ".gitignore")
    (repository / ".gitignore").unlink()
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(repository)),
        ("remote.origin.uploadpack", f"touch {mark};"),
    ):
        git(repository, "config", key, value)
    assert "a" in Source.open(repository).files
    assert not mark.exists()


def test_no_program_is_needed_to_list_a_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "add", "a", "b/a")
    (repository / ".gitignore").write_text("*.log\n")
    wanted = listed(repository)
    monkeypatch.setenv("PATH", "")
    assert Source.open(repository).files == wanted


@pytest.mark.parametrize("name", [".gitignore", "b/.gitignore", "hop3.toml"])
def test_a_pipe_is_named_whatever_it_is_called(repository: Path, name: str) -> None:
    os.mkfifo(repository / name)
    with pytest.raises(SourceError, match="is a named pipe"):
        Source.open(repository)


@pytest.mark.parametrize("name", ["info/exclude", "index"])
def test_a_pipe_in_the_repository_itself_is_named(repository: Path, name: str) -> None:
    (repository / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(repository / ".git" / name)
    with pytest.raises(SourceError, match="is a named pipe"):
        Source.open(repository)


def test_what_the_settings_of_a_repository_include_is_not_read(repository: Path) -> None:
    git(repository, "config", "include.path", str(repository / "settings"))
    git(repository, "config", "core.excludesFile", str(repository / "settings"))
    os.mkfifo(repository / ".git/settings")
    assert "a" in Source.open(repository).files


def test_the_excludes_file_of_the_user_is_heeded(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    write(tmp_path, ".config/git/ignore", text="*.log\n")
    assert "a.log" not in Source.open(repository).files
    write(tmp_path, ".gitconfig", text="[user]\n\tname = a\n[core]\n\texcludesFile = ~/mine\n")
    write(tmp_path, "mine", text="a\n")
    files = Source.open(repository).files
    assert "a.log" in files
    assert "a" not in files


def test_an_index_with_a_path_out_of_the_tree_is_refused(repository: Path) -> None:
    git(repository, "add", "b/a")
    index = repository / ".git/index"
    content = index.read_bytes().replace(b"b/a\0", b"../\0")
    index.write_bytes(content[:-20] + bytes(20))
    with pytest.raises(SourceError, match=r"its index has the path '\.\./'"):
        Source.open(repository)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=200), version=st.integers(2, 4))
def test_whatever_an_index_holds_the_answer_is_a_list_or_an_error_of_the_source(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, version: int
) -> None:
    root = tmp_path_factory.getbasetemp() / "index-fuzz"
    if not root.exists():
        root.mkdir()
        git(root, "init", "-q")
        write(root, "app.py")
    start = b"DIRC" + version.to_bytes(4, "big") + (3).to_bytes(4, "big")
    (root / ".git/index").write_bytes(start + content + bytes(32))
    try:
        files = Source.open(root).files
    except SourceError:
        return
    assert files == ("app.py",)


@pytest.mark.parametrize("packed", [False, True])
def test_the_tags_of_what_is_checked_out_are_those_that_git_tells(
    repository: Path, tmp_path: Path, *, packed: bool
) -> None:
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "first")
    git(repository, "tag", "v1.0")
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    git(repository, "tag", "plain")
    git(repository, "tag", "-a", "-m", "a release", "sub/v2.0")
    if packed:
        git(repository, "pack-refs", "--all")
        git(repository, "gc", "-q")
    expected = tuple(git(repository, "tag", "--points-at", "HEAD").split())
    assert Source.open(repository).head_tags() == expected == ("plain", "sub/v2.0")
    git(repository, "worktree", "add", "-q", str(tmp_path / "other"), "v1.0")
    assert Source.open(tmp_path / "other").head_tags() == ("v1.0",)


def test_without_a_commit_or_a_repository_there_are_no_tags(
    repository: Path, tmp_path: Path
) -> None:
    assert Source.open(repository).head_tags() == ()
    write(tmp_path / "alone", "a")
    assert Source.open(tmp_path / "alone").head_tags() == ()


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 40, b"ref: refs/../../x\n", b"ref: /etc/passwd\n"]
)
def test_a_head_that_is_none_has_no_tags(repository: Path, content: bytes) -> None:
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "first")
    git(repository, "tag", "v1.0")
    source = Source.open(repository)
    (repository / ".git/HEAD").write_bytes(content)
    (repository / ".git/refs/tags/v2.0").write_bytes(b"junk")
    assert source.head_tags() == ()
