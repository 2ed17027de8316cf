"""Files with secrets in them: left out and named, or refused if git tracks them."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import SourceError
from hop3_nix.source import Source
from hop3_nix.source.secretfiles import secret_of

if TYPE_CHECKING:
    from pathlib import Path

# Put together here, so that no scanner takes them for real ones.
PRIVATE = "-----BEGIN " + "OPENSSH PRIVATE KEY-----\nb3Blbn\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"
SQLITE = "SQLite format 3\0" + "\1" * 84

SECRETS = {
    ".bundle/config": '---\nBUNDLE_GEMS__EXAMPLE__COM: "user:password1"\n',
    ".docker/config.json": '{"auths": {"r.example": {"auth": "dXNlcjpwYXNz"}}}',
    ".kube/config": "users:\n- token: abc\n",
    ".terraformrc": 'credentials "h" {\n  token = "abc"\n}\n',
    ".vault-token": "hvs.abc",
    "config/secrets.yml": "production:\n  secret_key_base: 0123456789abcdef\n",
    "db.rdb": "REDIS0011" + "\1" * 84,
    "terraform.tfstate": '{"version": 4}',
    ".aws/credentials": "[default]\naws_secret_access_key = x\n",
    ".env": "DEBUG=1\n",
    ".env.local": "A=1\n",
    ".env.production": "SECRET_KEY=correct-horse\n",
    ".git-credentials": "https://u:p@h\n",
    ".htpasswd": "u:$apr1$x\n",
    ".netrc": "machine h login u password p\n",
    ".npmrc": "//registry.example/:_authToken=abcdef\n",
    ".pgpass": "h:5432:d:u:p\n",
    ".pypirc": "[main]\npassword = hunter2\n",
    ".ssh/id_work": PRIVATE,
    "auth.json": '{"http-basic": {"h": {"username": "u", "password": "p"}}}',
    "conf/key.pem": PRIVATE,
    "conf/server.key": "\x30\u0082",
    "config/master.key": "0123456789abcdef",
    "credentials.json": '{"client_secret": "abc"}',
    "db.sqlite3": SQLITE,
    "db.sqlite3-wal": "x",
    "deploy": PRIVATE,
    "id_ed25519": PRIVATE,
    "my-service-account.json": '{"private_key": "x"}',
}
NO_SECRETS = {
    ".env.example": "SECRET_KEY=correct-horse\n",
    ".env.sample": "A=1\n",
    ".npmrc": "engine-strict=true\n//registry.example/:_authToken=${NPM_TOKEN}\n",
    ".pypirc": "[distutils]\nindex-servers = main\n",
    ".ssh/id_work.pub": "ssh-ed25519 AAAA\n",
    ".ssh/known_hosts": "h ssh-ed25519 AAAA\n",
    "auth.json": "{}",
    ".bundle/config": '---\nBUNDLE_WITHOUT: "development:test"\nBUNDLE_JOBS: "4"\n',
    ".docker/config.json": '{"credsStore": "pass"}',
    ".docker/nginx.conf": "server {}\n",
    "config/secrets.yml": "production:\n  secret_key_base: <%= ENV['SECRET_KEY_BASE'] %>\n"
    "  token: $TOKEN\n  api_key:\n    nested: 1\n",
    "certs/ca.pem": CERTIFICATE,
    "config/credentials.yml.enc": "abc--def\n",
    "credentials.json": "{}",
    "deck.key": "PK\3\4 a presentation",
    "id_generator.py": "import uuid\n",
    "id_rsa.pub": "ssh-rsa AAAA\n",
    "jwt/public.key": "-----BEGIN PUBLIC KEY-----\nMIIB\n",
    "keys.py": f"MARK = '''{PRIVATE}'''\n",
    "notes.db": "this is text",
    "package.json": '{"token": "x"}',
}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def track(root: Path) -> None:
    for arguments in (["init", "-q"], ["add", "-A", "-f"]):
        subprocess.run(["git", "-C", root, *arguments], check=True)


def test_secrets_are_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, {**SECRETS, "app.py": ""})
    source = Source.open(tmp_path)
    assert source.files == ("app.py",)
    assert set(source.left_out) == set(SECRETS)


def test_what_only_looks_like_one_stays(tmp_path: Path) -> None:
    write(tmp_path, NO_SECRETS)
    source = Source.open(tmp_path)
    assert set(source.files) == set(NO_SECRETS)
    assert not source.left_out


@pytest.mark.parametrize("name", sorted(set(SECRETS) - {".env", ".env.local"}))
def test_a_secret_that_git_tracks_is_refused_unless_it_is_data(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: SECRETS[name], "app.py": ""})
    track(tmp_path)
    if name.startswith("db."):
        assert Source.open(tmp_path).has(name)
        return
    with pytest.raises(SourceError, match="git tracks it") as caught:
        Source.open(tmp_path)
    assert caught.value.file == name
    assert f'[build] include = ["{name}"]' in caught.value.tip
    assert "correct-horse" not in str(caught.value)
    write(tmp_path, {"hop3.toml": f'[build]\ninclude = ["{name}"]\n'})
    assert Source.open(tmp_path).has(name)
    write(tmp_path, {"hop3.toml": "", ".hop3ignore": f"{name}\n"})
    assert not Source.open(tmp_path).has(name)


def test_a_secret_of_the_tests_is_left_out_and_named_though_git_tracks_it(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "", "tests/certs/server.key": PRIVATE, "tests/a.py": ""})
    track(tmp_path)
    source = Source.open(tmp_path)
    assert source.files == ("app.py", "tests/a.py")
    assert source.left_out == ("tests/certs/server.key",)


def test_a_template_or_settings_without_a_secret_may_be_tracked(tmp_path: Path) -> None:
    write(tmp_path, {**NO_SECRETS, ".env": "DEBUG=1\n", ".env.production": "VITE_API_KEY=a1\n"})
    track(tmp_path)
    assert set(Source.open(tmp_path).files) == {*NO_SECRETS, ".env", ".env.production"}


def test_include_takes_in_what_git_does_not_track(tmp_path: Path) -> None:
    write(tmp_path, {"seed.sqlite3": SQLITE, ".env": "A=1", "other.sqlite3": SQLITE})
    write(tmp_path, {"hop3.toml": '[build]\ninclude = ["seed.sqlite3", ".env"]\n'})
    source = Source.open(tmp_path)
    assert source.files == (".env", "hop3.toml", "seed.sqlite3")
    assert source.left_out == ("other.sqlite3",)


def test_a_link_to_what_is_left_out_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "", ".env.local": "A=1"})
    (tmp_path / ".env").symlink_to(".env.local")
    assert Source.open(tmp_path).files == ("app.py",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SECRET_KEY=correct-horse", "SECRET_KEY has a value"),
        ("export DB_PASSWORD='hunter2' # the old one", "DB_PASSWORD has a value"),
        ("STRIPE_API_KEY=abc123", "STRIPE_API_KEY has a value"),
        ("DATABASE_URL=postgres://u:p4ss@db/x", "DATABASE_URL is a URL with a password in it"),
        ("X=" + "gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a", "X is a key with the prefix"),
    ],
)
def test_settings_that_git_tracks_are_read(text: str, why: str) -> None:
    assert secret_of(".env", b"x", lambda: f"A=1\n{text}\n", tracked=True).startswith(why)


@pytest.mark.parametrize(
    "text",
    [
        "# SECRET_KEY=correct-horse",
        "SECRET_KEY=",
        "SECRET_KEY=changeme",
        "SECRET_KEY=<your key>",
        "SECRET_KEY=change-me-in-production",
        "SECRET_KEY=your_secret_key",
        "SECRET_KEY=${FROM_OUTSIDE}",
        "NEXT_PUBLIC_STRIPE_KEY=pk_1234",
        "VAPID_PUBLIC_KEY=BOr",
        "SECRET_KEY_FILE=/run/secrets/key",
        "TOKEN_TTL=3600",
        "USE_TOKEN=true",
        "MONKEY=banana",
        "CACHE_KEY_PREFIX=shop",
        "DATABASE_URL=postgres://localhost/shop",
        "DATABASE_URL=postgres://user:password@localhost/shop",
    ],
)
def test_settings_without_a_secret_are_source(text: str) -> None:
    assert not secret_of(".env", b"x", lambda: text, tracked=True)


@pytest.mark.parametrize(
    "name",
    [
        *(".bundle/config", ".docker/config.json", ".env", ".npmrc", ".pypirc", ".terraformrc"),
        *(".yarnrc.yml", "auth.json", "config/secrets.yml", "server.key"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        *("\n", " ", "\t", "a", "A=", "A_", '"', "<", "$", ":", "\\", "://", "token", "_auth"),
        *("BUNDLE_", "-----BEGIN "),
    ],
)
def test_no_text_takes_long_to_look_through(name: str, text: str) -> None:
    many = text * (200_000 // len(text))
    began = time.process_time()
    for whole in (many, f"{text}\nA={many}x", f"BUNDLE_{many}", f"password: {many}"):
        secret_of(name, whole[:64].encode(), lambda whole=whole: whole, tracked=True)  # type: ignore[misc]
    assert time.process_time() - began < 4
