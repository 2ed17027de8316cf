"""The run side reads the contract alone: it must not even mention a language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hop3_nix.deploy

DIRECTORY = Path(hop3_nix.deploy.__file__).parent

ANYWHERE = """
asgi beam.smp bundler cargo clojure composer.json composer.lock csproj deno.json django
dotnet elixir erlang fastapi flask gemfile golang go.mod go.sum gradle gunicorn haskell
hypercorn java jruby julia laravel leiningen manage.py maven next.js nodejs node_modules
npm ocaml package.json perl5 phoenix php pipfile pnpm poetry puma pyproject python rails
rebar requirements.txt rubygem ruby scala setup.py starlette sveltekit symfony uvicorn
uwsgi virtualenv wsgi
"""
"""Words that stand for a language, however they are embedded."""

AS_A_WORD = """
asdf bun bundle celery composer conda crate crates crystal deno fpm gem gems hex jar jdk
jre jvm kotlin lein lua mix mvn nim node pdm perl pip pipenv pyc rack rake rust rustc
sidekiq swift typescript unicorn uv venv yarn zig
"""
"""Words that are a language's only when they stand alone."""

SOURCES = sorted(DIRECTORY.rglob("*.py"))


def languages_in(text: str) -> list[str]:
    lower = text.lower()
    tokens = set(re.split(r"[^a-z0-9]+", lower))
    return [w for w in ANYWHERE.split() if w in lower] + [
        w for w in AS_A_WORD.split() if w in tokens
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_source_names_no_language(source: Path) -> None:
    assert languages_in(source.read_text()) == []


def test_every_module_is_read() -> None:
    assert {"run.py", "exec.py", "launch.py", "supervisor.py"} <= {p.name for p in SOURCES}


@pytest.mark.parametrize(
    "text",
    [
        "PYTHONPATH",
        "node_modules",
        "a Gemfile",
        "run pip install",
        "uv sync",
        "# for node",
        "x.jar",
    ],
)
def test_a_language_would_be_found(text: str) -> None:
    assert languages_in(text)


@pytest.mark.parametrize("text", ["inode", "properly", "a pipe", "trusted", "remix", "shared"])
def test_ordinary_words_are_not_languages(text: str) -> None:
    assert not languages_in(text)
