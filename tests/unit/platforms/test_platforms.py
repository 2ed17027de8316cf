"""hop3.toml from the files of other platforms."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hop3_nix.cli.group import run
from hop3_nix.config.file import read_config_file
from hop3_nix.errors import ConfigError, ExitCode
from hop3_nix.platforms import dockerfile
from hop3_nix.platforms.findings import Finding
from hop3_nix.platforms.reading import as_hop3_toml, read_platforms
from hop3_nix.procfile import parse_procfile
from hop3_nix.source import Source

if TYPE_CHECKING:
    from pathlib import Path


def written(root: Path, **files: str) -> str:
    (root / "main.py").touch()
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    source = Source.open(root)
    names, findings = read_platforms(source)
    procfile = None
    if source.has("Procfile"):
        procfile = parse_procfile(source.read_text("Procfile"), "Procfile")
    text = as_hop3_toml(names, findings, procfile)
    read_config_file(text, "hop3.toml")
    return text


def said(root: Path, **files: str) -> dict[str, Any]:
    return tomllib.loads(written(root, **files))


DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM node:22-alpine AS web
RUN apk add --no-cache vips && npm ci
FROM --platform=linux/amd64 python:3.12.4-slim
ENV PYTHONUNBUFFERED=1 MODE="full text" PORT=8000
ENV DATABASE_URL=postgres://me:hunter22@db/shop
RUN apt-get update \\
    && apt-get install -y --no-install-recommends libpq-dev build-essential \\
       # the tools
       ffmpeg=7:6.1 \\
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv
WORKDIR app
COPY . .
RUN <<EOF
CMD not this
EOF
EXPOSE 8000/tcp
VOLUME /srv/app/media
HEALTHCHECK --interval=30s CMD curl -f http://localhost:8000/health || exit 1
CMD ["gunicorn", "shop:app", "--bind", "0.0.0.0:8000", "--timeout", "8000", "-c", "/srv/app/g.py"]
"""


def test_a_dockerfile(tmp_path: Path) -> None:
    text = written(tmp_path, Dockerfile=DOCKERFILE)
    assert tomllib.loads(text) == {
        "build": {"node-version": "22", "python-version": "3.12", "packages": ["libpq-dev"]},
        "run": {
            "packages": ["ffmpeg"],
            "workers": {
                "web": "gunicorn shop:app --bind 0.0.0.0:$PORT --timeout 8000 -c ./g.py",
            },
        },
        "env": {"MODE": "full text", "_required": ["DATABASE_URL"]},
        "healthcheck": {"path": "/health"},
    }
    assert 'packages = ["libpq-dev"]  # Dockerfile:7' in text
    assert "#   Dockerfile:3: Alpine's packages vips: name Debian's in [run] packages" in text
    assert "#   Dockerfile:19: VOLUME /srv/app/media: files that are kept" in text
    assert "hunter22" not in text


@pytest.mark.parametrize(
    ("lines", "command"),
    [
        ("CMD gunicorn app:app -b :$PORT", "gunicorn app:app -b :$PORT"),
        ('CMD ["sh", "-c", "exec gunicorn app:app"]', "exec gunicorn app:app"),
        ('ENTRYPOINT ["python", "-m"]\nCMD ["http.server"]', "python -m http.server"),
        ('ENTRYPOINT ["node", "a b.js"]', "node 'a b.js'"),
        ('ENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["node", "s.js"]', "node s.js"),
        ('FROM a\nCMD ["one"]\nFROM b\nCMD ["two"]', "two"),
        ("EXPOSE 80\nCMD uvicorn a:b --port 80", "uvicorn a:b --port $PORT"),
        ("EXPOSE 80\nCMD run -p 80 --workers 80", "run -p $PORT --workers 80"),
    ],
)  # fmt: skip
def test_the_command_of_an_image(tmp_path: Path, lines: str, command: str) -> None:
    assert said(tmp_path, Dockerfile=lines + "\n")["run"]["workers"]["web"] == command


def test_a_script_before_the_command_is_named(tmp_path: Path) -> None:
    text = written(tmp_path, Dockerfile='ENTRYPOINT ["/docker-entrypoint.sh"]\n')
    assert "what it does before CMD is for [run] before-run" in text


def test_fly(tmp_path: Path) -> None:
    text = """\
app = "shop"
[deploy]
release_command = "python manage.py migrate"
[env]
MODE = "prod"
PORT = "8080"
[processes]
app = "gunicorn shop.wsgi"
worker = "celery -A shop worker"
[http_service]
internal_port = 8080
[[http_service.checks]]
path = "/up"
[mounts]
source = "data"
destination = "/data"
"""
    toml = written(tmp_path, fly__toml=text)
    assert tomllib.loads(toml) == {
        "run": {
            "before-run": ["python manage.py migrate"],
            "workers": {"web": "gunicorn shop.wsgi", "worker": "celery -A shop worker"},
        },
        "env": {"MODE": "prod"},
        "healthcheck": {"path": "/up"},
    }
    assert "#   fly.toml:14: [mounts] /data: files that are kept" in toml


def test_render(tmp_path: Path) -> None:
    text = """\
databases:
  - name: shop-db
services:
  - type: web
    name: shop
    rootDir: backend
    buildCommand: pip install -r requirements.txt && python manage.py collectstatic --noinput
    startCommand: gunicorn shop.wsgi
    healthCheckPath: /up
    envVars:
      - key: MODE
        value: prod
      - key: DATABASE_URL
        fromDatabase: {name: shop-db, property: connectionString}
  - type: worker
    name: jobs
    startCommand: celery -A shop worker
  - type: cron
    name: nightly
    schedule: "0 3 * * *"
    startCommand: python tidy.py
"""
    toml = written(tmp_path, render__yaml=text)
    assert tomllib.loads(toml) == {
        "build": {"root": "backend", "build": ["python manage.py collectstatic --noinput"]},
        "run": {
            "workers": {
                "web": "gunicorn shop.wsgi",
                "jobs": "celery -A shop worker",
                "cron-nightly": "0 3 * * * python tidy.py",
            }
        },
        "env": {"MODE": "prod", "_required": ["DATABASE_URL"]},
        "healthcheck": {"path": "/up"},
    }
    assert "database shop-db: give its address in a variable" in toml


def test_heroku(tmp_path: Path) -> None:
    text = """\
{"env": {"MODE": "prod", "SECRET": {"generator": "secret"}, "EXTRA": {"required": false}},
 "scripts": {"postdeploy": "python manage.py migrate"},
 "addons": ["heroku-postgresql"]}
"""
    toml = written(tmp_path, app__json=text, Aptfile="# tools\nffmpeg\nlibpq-dev\n")
    assert tomllib.loads(toml) == {
        "build": {"packages": ["libpq-dev"]},
        "run": {"before-run": ["python manage.py migrate"], "packages": ["ffmpeg"]},
        "env": {"MODE": "prod", "_required": ["SECRET"]},
    }
    assert "addon heroku-postgresql" in toml


def test_railway_nixpacks_and_railpack(tmp_path: Path) -> None:
    files = {
        "railway__json": '{"deploy": {"startCommand": "node a.js", "healthcheckPath": "/up"}}',
        "nixpacks__toml": "[phases.setup]\nnixPkgs = ['...', 'ffmpeg']\n[phases.build]\n"
        "cmds = ['...', 'npm run x']\n[start]\ncmd = 'node b.js'\n",
        "railpack__json": '{"packages": {"node": "22.1"}, "deploy": {"aptPackages": ["curl"]}}',
    }
    toml = written(tmp_path, **files)
    assert tomllib.loads(toml) == {
        "build": {"build": ["npm run x"], "node-version": "22.1"},
        "run": {"packages": ["ffmpeg", "curl"], "workers": {"web": "node a.js"}},
        "healthcheck": {"path": "/up"},
    }
    assert 'nixpacks.toml:6: web = "node b.js", but railway.json:1 says something else' in toml


def test_compose(tmp_path: Path) -> None:
    text = """\
services:
  db:
    image: postgres:16
  shop:
    build: .
    command: gunicorn shop:app
    ports: ["8000:8000"]
    environment:
      - MODE=prod
  jobs:
    build: .
    command: ["celery", "worker"]
"""
    toml = written(tmp_path, **{"docker-compose__yml": text})
    assert tomllib.loads(toml) == {
        "run": {"workers": {"web": "gunicorn shop:app", "jobs": "celery worker"}},
        "env": {"MODE": "prod"},
    }
    assert "service db (postgres:16): give its address in a variable" in toml


def test_what_the_procfile_says_is_left_to_it(tmp_path: Path) -> None:
    procfile = "web: gunicorn a:b\nrelease: migrate\n"
    text = '[processes]\napp = "other"\n[deploy]\nrelease_command = "also"\n'
    toml = written(tmp_path, Procfile=procfile, fly__toml=text)
    assert tomllib.loads(toml) == {}
    assert "but Procfile says what runs" in toml


def test_what_hop3_toml_cannot_have_is_said(tmp_path: Path) -> None:
    text = '{"deploy": {"startCommand": "daemon &", "healthcheckPath": "/a b"}}'
    toml = written(tmp_path, railway__json=text)
    assert "healthcheck" not in tomllib.loads(toml)
    assert "is no URL path" in toml


@pytest.mark.parametrize(
    ("name", "text"),
    [("fly.toml", "["), ("app.json", "{"), ("render.yaml", "a: [")],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_platforms(Source.open(tmp_path))
    assert caught.value.file == name


def test_without_such_a_file_the_command_says_what_it_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.py").touch()
    assert run(["init", str(tmp_path)]) == ExitCode.BAD_INPUT
    error = capsys.readouterr().err
    assert "no file of another platform here" in error
    assert "Dockerfile" in error
    assert "--flake" in error


def test_the_command_writes_the_file_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("CMD node a.js\n")
    assert run(["init", str(tmp_path)]) == ExitCode.OK
    assert "hop3-nix check" in capsys.readouterr().err
    assert 'web = "node a.js"  # Dockerfile:1' in (tmp_path / "hop3.toml").read_text()
    (tmp_path / "hop3.toml").write_text("# mine\n")
    assert run(["init", str(tmp_path)]) == ExitCode.BAD_INPUT
    assert (tmp_path / "hop3.toml").read_text() == "# mine\n"


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("FROM CMDENVRU[]\"'\\\n$=:<80 "), max_size=80))
def test_any_dockerfile_makes_a_file_that_can_be_read(text: str) -> None:
    toml = as_hop3_toml(("Dockerfile",), tuple(dockerfile.read(text)))
    read_config_file(toml, "hop3.toml")


@settings(max_examples=100, deadline=None)
@given(key=st.text(min_size=1, max_size=20), value=st.text(max_size=40))
def test_any_text_makes_a_file_that_can_be_read(key: str, value: str) -> None:
    findings = (
        Finding("run.workers", key, value, "a"),
        Finding("env", key, value, "a"),
        Finding("", "", value, "a"),
    )
    read_config_file(as_hop3_toml(("a",), findings), "hop3.toml")
