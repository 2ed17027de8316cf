"""Secrets in what an application says of itself: refused, with the line, and never repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError
from hop3_nix.postbuild.credentials import secret_in_text, secret_in_value
from hop3_nix.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.config import AppConfig

# Put together here, so that no scanner takes them for real ones.
STRIPE = "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc"
GITHUB = "gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a"
AWS = "AK" + "IAIOSFODNN7EXAMPLE"
KEY = "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE"
URL = "postgres://shop:p4ss-77@db.test/shop"


def load(root: Path, *, toml: str = "", procfile: str = "") -> AppConfig:
    (root / "app.py").touch()
    for name, text in (("hop3.toml", toml), ("Procfile", procfile)):
        if text:
            (root / name).write_text(text, encoding="utf-8")
    return load_config(Source.open(root))


@pytest.mark.parametrize("value", [STRIPE, GITHUB, AWS, URL, "redis://:hunter2@h:6379/0"])
def test_a_secret_in_env_is_refused_with_its_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL has a secret in it") as caught:
        load(tmp_path, toml=f'[env]\nDEBUG = "1"\nDATABASE_URL = "{value}"\n')
    assert (caught.value.file, caught.value.line) == ("hop3.toml", 3)
    assert value not in str(caught.value) + caught.value.tip
    assert "hop3-nix config set" in caught.value.tip


def test_a_private_key_in_env_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a private key"):
        load(tmp_path, toml=f'[env]\nKEY = """{KEY}"""\n')


@pytest.mark.parametrize("value", ["${HOST}/x", "http://${HOST:-localhost}/", "a ${B}"])
def test_a_reference_in_a_literal_section_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="which nothing fills in here") as caught:
        load(tmp_path, toml=f'[env]\nURL = "{value}"\n')
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "toml",
    [
        f'[build]\nbuild = ["make", "TOKEN={GITHUB} make css"]\n',
        f'[run]\nbefore-run = "psql {URL}"\n',
        f'[run.workers]\nweb = "app --db {URL}"\n',
        f'[contexts.production.env]\nKEY = "{STRIPE}"\n',
        f'[nix.runtime-env]\nKEY = "{STRIPE}"\n',
    ],
)
def test_a_secret_anywhere_in_hop3_toml_is_refused(tmp_path: Path, toml: str) -> None:
    with pytest.raises(ConfigError, match=r"secret in it \(") as caught:
        load(tmp_path, toml=toml)
    assert caught.value.line == 2


@pytest.mark.parametrize("name", ["web", "release", "cron", "prebuild"])
def test_a_secret_in_a_procfile_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    when = "0 3 * * * " if name == "cron" else ""
    with pytest.raises(ConfigError, match="has a secret in it") as caught:
        load(tmp_path, procfile=f"# all\n{name}: {when}DATABASE_URL={URL} python app.py\n")
    assert (caught.value.file, caught.value.line) == ("Procfile", 2)
    assert "p4ss" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "postgres://localhost/db",
        "postgres://shop@localhost/db",
        "redis://localhost:6379/0",
        "https://example.org:8080/@user",
        "https://example.org/?q=a:b@c",
        "mailto:shop@example.org",
        "sha256-" + "A" * 43 + "=",
        "ASIA",
        "Asia/Tokyo",
        "task_sk_test",
        "$remote_addr - $remote_user",
        "risk-assessment",
    ],
)
def test_what_is_no_secret_stands_in_env(tmp_path: Path, value: str) -> None:
    assert load(tmp_path, toml=f'[env]\nTEXT = "{value}"\n').env == {"TEXT": value}


@pytest.mark.parametrize(
    "text",
    [
        "DATABASE_URL=postgres://$USER:$PASSWORD@db/shop gunicorn app:app",
        "DATABASE_URL=postgres://${USER}:${PASSWORD}@db/shop gunicorn app:app",
        "DATABASE_URL=postgres://user:password@localhost/x rails assets:precompile",
        "curl http://<user>:<password>@host/",
        "app --url jdbc:postgresql://h/db?user=u&password=$PASSWORD",
    ],
)
def test_a_stand_in_in_a_command_is_no_secret(text: str) -> None:
    assert not secret_in_text(text)


def test_a_password_in_the_query_of_a_url_is_a_secret() -> None:
    assert secret_in_text("jdbc:postgresql://h/db?user=u&password=hunter2")


def test_a_variable_with_a_password_in_its_url_is_refused_whatever_the_password() -> None:
    assert secret_in_value("postgres://user:password@localhost/x")
