"""Secrets and images beside an app's files, which a build would take in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.cli.appfiles import is_source, keep_out
from hop3_nix.cli.group import run
from hop3_nix.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    app.mkdir()
    (app / "Procfile").write_text("web: ./serve\n")
    secret(app / "shop.env")
    return app


def secret(file: Path) -> Path:
    file.touch(mode=0o600)
    file.write_text("SECRET_KEY=abc\n")
    return file


def test_a_file_is_one_of_the_app_unless_it_is_left_out(app: Path) -> None:
    assert is_source(app, app / "shop.env")
    assert not is_source(app, secret(app.parent / "shop.env"))
    (app / ".hop3ignore").write_text("*.env\n")
    assert not is_source(app, app / "shop.env")


def test_a_link_to_a_file_of_the_app_is_that_file(app: Path) -> None:
    (app.parent / "link.env").symlink_to(app / "shop.env")
    assert is_source(app, app.parent / "link.env")


@pytest.mark.parametrize("option", ["--env-file", "--sign"])
def test_a_secret_that_would_be_built_in_is_refused(
    app: Path, option: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(app)
    given = ["deploy", option, "shop.env", "--host", "ssh://root@host.example"]
    assert run(given) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err == (
        "error: shop.env: it is among the files of the app, and everybody can read what is built"
        " of them\n  Leave it out by a line in .hop3ignore, or keep it somewhere else.\n"
    )


def test_a_secret_that_is_left_out_is_not_refused(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (app / ".hop3ignore").write_text("*.env\n")
    (app / "hop3.toml").write_text("[build]\ntoolchain = 'no such language'\n")
    assert run(["deploy", str(app), "--env-file", str(app / "shop.env")]) == ExitCode.BAD_INPUT
    assert "among the files" not in capsys.readouterr().err


def test_a_file_with_secrets_that_is_left_out_may_be_given(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    (tmp_path / ".env").write_text("SECRET_KEY=correct-horse\n")
    keep_out(tmp_path, [tmp_path / ".env"])
