"""Gems made for tests, and a server of them on loopback with the index that Bundler reads."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from index import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from index import Index

_BUILD: Final = r"""
require "json"
require "rubygems/package"
given = JSON.parse(ARGV[0])
spec = Gem::Specification.new do |s|
  s.name, s.version, s.platform = given.values_at("name", "version", "platform")
  s.summary, s.authors, s.date = "a gem for tests", ["tests"], "1980-01-02"
  s.files = given["files"].keys
  s.executables = given["files"].keys.grep(%r{\Aexe/}).map { |file| File.basename(file) }
  s.bindir = "exe"
  s.required_ruby_version = given["ruby"]
  s.extensions = given["files"].keys.grep(/extconf/)
  given["needs"].each { |name| s.add_dependency(name) }
end
Gem::DefaultUserInteraction.ui = Gem::SilentUI.new
puts Gem::Package.build(spec, true)
"""

_DESCRIBE: Final = r"""
require "json"
require "rubygems/package"
puts JSON.generate(ARGV.map { |file|
  spec = Gem::Package.new(file).spec
  needs = spec.runtime_dependencies.map { |d| "#{d.name}:#{d.requirement.to_s.gsub(", ", "&")}" }
  key = spec.file_name.delete_prefix("#{spec.name}-").delete_suffix(".gem")
  [spec.name, key, needs.join(","), spec.file_name]
})
"""


@dataclass(frozen=True)
class Gem:
    """What a gem is made of."""

    name: str
    version: str
    files: Mapping[str, str]
    platform: str = "ruby"
    needs: tuple[str, ...] = ()
    ruby: str = ">= 0"

    def build(self, directory: Path) -> Path:
        """Return the file, built into ``directory``."""
        tree = directory / "tree"
        for name, text in self.files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        built = ruby(
            _BUILD,
            json.dumps(
                {
                    "name": self.name,
                    "version": self.version,
                    "platform": self.platform,
                    "files": dict(self.files),
                    "needs": self.needs,
                    "ruby": self.ruby,
                }
            ),
            cwd=tree,
        ).strip()
        (tree / built).rename(directory / built)
        shutil.rmtree(tree)
        return directory / built


@dataclass(frozen=True)
class GemServer:
    """Gems, and where they are served."""

    index: Index

    @property
    def url(self) -> str:
        """Return the address for a Gemfile."""
        return f"{self.index.url}/"

    def add(self, *files: Path) -> None:
        """Serve the gems ``files`` as well, and list them in the index."""
        gems = self.index.directory / "gems"
        gems.mkdir(exist_ok=True)
        for file in files:
            shutil.copyfile(file, gems / file.name)
        self._write_index()

    def digest(self, filename: str) -> str:
        """Return the SHA-256 of a gem."""
        return hashlib.sha256((self.index.directory / "gems" / filename).read_bytes()).hexdigest()

    def _write_index(self) -> None:
        described = json.loads(
            ruby(_DESCRIBE, *map(str, sorted((self.index.directory / "gems").iterdir())))
        )
        info = self.index.directory / "info"
        info.mkdir(exist_ok=True)
        lines: dict[str, list[str]] = {}
        versions: dict[str, list[str]] = {}
        for name, key, needs, filename in described:
            lines.setdefault(name, []).append(f"{key} {needs}|checksum:{self.digest(filename)}\n")
            versions.setdefault(name, []).append(key)
        listed = ["created_at: 2026-01-01T00:00:00Z\n", "---\n"]
        for name, entries in sorted(lines.items()):
            text = "---\n" + "".join(entries)
            (info / name).write_text(text)
            digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
            listed.append(f"{name} {','.join(versions[name])} {digest}\n")
        (self.index.directory / "versions").write_text("".join(listed))
        (self.index.directory / "names").write_text("---\n" + "\n".join(sorted(lines)) + "\n")


@contextmanager
def serving_gems(directory: Path) -> Iterator[GemServer]:
    """Serve gems from ``directory`` while the block runs."""
    with serving(directory) as index:
        yield GemServer(index)


def ruby(program: str, *arguments: str, cwd: Path | None = None) -> str:
    """Return what a program of this machine's Ruby prints."""
    done = subprocess.run(
        ["ruby", "-e", program, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
