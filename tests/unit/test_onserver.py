"""What a Hop3 server is given of an app: its tree brought into the source directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.onserver import bring, merged_workers

if TYPE_CHECKING:
    from pathlib import Path


def put(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_what_the_build_made_can_be_written_where_the_app_runs(tmp_path: Path) -> None:
    tree = put(tmp_path / "tree", {"app.py": "", "dist/index.js": "made", "bin/run": "#!/bin/sh\n"})
    put(tree, {"__pycache__/app.cpython-313.pyc": "compiled, and compared with no source"})
    (tree / "bin/run").chmod(0o555)
    (tree / "dist/index.js").chmod(0o444)
    (tree / "current").symlink_to(tree / "dist")
    (tree / "node_modules").symlink_to("/nix/store/deps")
    source = put(tmp_path / "src", {"app.py": "", "dist/index.js": "old", "node_modules/a": ""})
    untouched = (source / "app.py").stat()
    for _ in range(2):
        bring(tree, source)
        assert (source / "dist/index.js").read_text() == "made"
        assert (source / "dist/index.js").stat().st_mode & 0o200
        assert (source / "bin/run").stat().st_mode & 0o700 == 0o700
        assert (source / "current").readlink() == source / "dist"
        assert str((source / "node_modules").readlink()) == "/nix/store/deps"
        assert (source / "app.py").stat() == untouched
        assert not (source / "__pycache__").exists()


def test_a_volume_of_the_server_and_what_the_app_wrote_stay(tmp_path: Path) -> None:
    tree = put(tmp_path / "tree", {"uploads/README": "tree", "settings.ini": "tree"})
    source = put(tmp_path / "src", {"db.sqlite3": "rows"})
    volume = put(tmp_path / "volumes/uploads", {"README": "volume"})
    (source / "uploads").symlink_to(volume)
    kept = put(tmp_path / "volumes", {"settings.ini": "volume"}) / "settings.ini"
    (source / "settings.ini").symlink_to(kept)
    bring(tree, source)
    assert (volume / "README").read_text() == kept.read_text() == "volume"
    assert (source / "db.sqlite3").read_text() == "rows"


def test_workers_of_the_build_win_over_the_texts_of_the_files() -> None:
    theirs = {"web": "raw", "release": "raw", "cron-x": "0 4 * * * raw", "more": "raw"}
    ours = {"web": "/nix/store/a/bin/web", "cron": "0 4 * * * /nix/store/a/bin/cron-x"}
    assert merged_workers(theirs, ours) == ours | {"more": "raw"}
    assert merged_workers({"web": "raw", "static": "raw"}, {"static": "s"}) == {"static": "s"}
