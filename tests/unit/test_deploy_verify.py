from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.contract import BuildArtifact, RuntimeConfig
from hop3_nix.deploy import artifact as artifact_module
from hop3_nix.deploy import inspect as inspect_module
from hop3_nix.deploy import rules
from hop3_nix.deploy.artifact import Located
from hop3_nix.deploy.inspect import inspect
from hop3_nix.deploy.rules import check_rules
from hop3_nix.deploy.verify import Verified, verify
from hop3_nix.errors import ArtifactCorruptError, ArtifactTamperedError, UnavailableError
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HASH = "0123456789abcdfghijklmnpqrsvwxyz"


def located(location: Path, **runtime: Any) -> Located:
    data = {
        "env_vars": {},
        "path_prepend": [],
        "working_dir": str(location),
        "workers": {"web": "echo hello", "cron-a": "0  3 * * * tidy", "static": "/srv/www"},
    }
    artifact = BuildArtifact(
        kind="any",
        builder="local",
        app_name="demo",
        built_at=datetime(2025, 1, 2, tzinfo=UTC),
        build_id="b1",
        location=str(location),
        runtime=RuntimeConfig.model_validate(data | runtime),
        metadata={"package_set": {"name": "some", "date": "d"}, "tool": "1"},
    )
    return Located(artifact, location / "BUILD_ARTIFACT.json")


class Store:
    """What nixcli would say of a store with two paths."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = tmp_path / "store"
        self.bundle = self.root / f"{HASH}-demo"
        self.deps = self.root / f"{HASH[::-1]}-deps"
        self.bundle.mkdir(parents=True)
        self.deps.mkdir()
        self.known = True
        self.modified: tuple[Path, ...] = ()
        for module in (artifact_module, inspect_module):
            monkeypatch.setattr(module, "STORE", self.root)
        monkeypatch.setattr(rules, "STORE", str(self.root))
        monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
        self.read: list[Path] = []
        monkeypatch.setattr(nixcli, "is_valid", lambda _: self.known)
        monkeypatch.setattr(nixcli, "closure", lambda _: (self.bundle, self.deps))
        monkeypatch.setattr(nixcli, "verify", self._verify)
        monkeypatch.setattr(nixcli, "size", lambda *paths: 1_250_000 * len(paths))

    def _verify(self, paths: Sequence[Path]) -> tuple[Path, ...]:
        self.read += paths
        return self.modified


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    return Store(tmp_path, monkeypatch)


def sound(store: Store, **runtime: Any) -> Located:
    """Return an artifact that uses nothing but what is in the store."""
    return located(store.bundle, **({"workers": {"web": "echo hello"}} | runtime))


def test_store_path_as_it_was_built(store: Store) -> None:
    found = sound(store, env_vars={"LIB": f"{store.deps}/lib"})
    assert verify(found) == Verified(paths=2, read=2)


def test_what_was_read_on_this_machine_is_not_read_again(store: Store) -> None:
    found = sound(store)
    assert verify(found, contents="new") == Verified(paths=2, read=2)
    assert verify(found, contents="new") == Verified(paths=2, read=0)
    assert verify(found) == Verified(paths=2, read=2)
    store.deps.rmdir()
    store.deps.with_name("other").mkdir()
    store.deps.with_name("other").rename(store.deps)
    assert verify(found, contents="new") == Verified(paths=2, read=1)
    assert store.read[-1] == store.deps


def test_changed_path_is_named_with_its_remedy(store: Store) -> None:
    store.modified = (store.deps,)
    with pytest.raises(ArtifactTamperedError, match=f"{store.deps} is not what was built") as e:
        verify(sound(store))
    assert e.value.tip.startswith("Have Nix build it again: nix-store ")
    assert e.value.tip.endswith(f" --repair-path {store.deps}")


def test_path_that_is_gone(store: Store) -> None:
    store.deps.rmdir()
    with pytest.raises(ArtifactTamperedError, match=f"{store.deps} is gone"):
        verify(sound(store))


def test_path_that_the_store_does_not_know(store: Store) -> None:
    store.known = False
    with pytest.raises(ArtifactTamperedError, match="does not know"):
        verify(located(store.bundle))


def test_path_outside_of_the_closure(store: Store) -> None:
    stranger = store.root / f"{HASH}-stranger"
    with pytest.raises(ArtifactCorruptError, match=f"{stranger} is not part of the artifact"):
        verify(sound(store, workers={"web": f"{stranger}/bin/x"}))


@pytest.mark.parametrize(
    ("runtime", "what"),
    [
        ({"working_dir": "/etc"}, "working_dir: /etc is not part of the artifact"),
        ({"path_prepend": ["/tmp"]}, "PATH: /tmp is not part of the artifact"),
        ({"static_paths": {"/files": "/etc"}}, "static path /files: /etc leads to /etc"),
        ({"workers": {"static": "/etc"}}, "worker static: /etc leads to /etc"),
        ({"workers": {"web": "/bin/sh x"}}, "worker web: /bin/sh is not part of"),
        ({"before_run": ["cd . && /bin/cat x"]}, "before_run 1: /bin/cat is not part of"),
        ({"env_vars": {"X": "/usr/lib"}}, "environment variable X: refers to /usr"),
        ({"env_vars": {"PATH": "/opt/bin"}}, "PATH: would have programs load /opt/bin"),
        ({"env_vars": {"LD_PRELOAD": "/tmp/x.so"}}, "load /tmp/x.so"),
        ({"env_vars": {"LD_PRELOAD": "{deps}/a.so /srv/b.so"}}, "load /srv/b.so"),
        ({"env_vars": {"PYTHONPATH": "{deps}:/srv/code"}}, "load /srv/code"),
        ({"env_vars": {"NODE_OPTIONS": "--import=/srv/x.mjs"}}, "load /srv/x.mjs"),
        ({"env_vars": {"PYTHONPATH": "../../../../../../../../tmp"}}, "load ../../"),
        ({"writable_tree": "/tmp"}, "writable_tree: /tmp is not part of"),
    ],
)
def test_what_uses_the_host_is_refused(store: Store, runtime: dict[str, Any], what: str) -> None:
    for name, value in runtime.get("env_vars", {}).items():
        runtime = {"env_vars": {name: value.replace("{deps}", str(store.deps))}}
    found = sound(store, **runtime)
    with pytest.raises(ArtifactCorruptError, match=re.escape(what)) as caught:
        verify(found)
    assert "--trust-artifact" in caught.value.tip
    with pytest.raises(ArtifactCorruptError, match=re.escape(what)):
        check_rules(found)
    verify(replace(found, trusted=True))
    check_rules(replace(found, trusted=True))


def test_a_link_out_of_the_closure_is_followed(store: Store) -> None:
    (store.bundle / "app").symlink_to("/tmp")
    with pytest.raises(ArtifactCorruptError, match="app leads to /tmp, which is not part of"):
        verify(sound(store, working_dir=str(store.bundle / "app")))


def test_the_platforms_short_form_keeps_the_rules(store: Store) -> None:
    web = store.bundle / "bin/web"
    web.parent.mkdir()
    web.write_text("#!/bin/sh\n")
    web.chmod(0o755)
    runtime = {"working_dir": "", "workers": {"web": str(web)}, "path_prepend": [str(web.parent)]}
    assert verify(sound(store, **runtime)).paths == 2


def test_the_rules_are_looked_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    check_rules(sound(store))
    monkeypatch.setattr(nixcli, "closure", lambda _: pytest.fail("it was checked already"))
    check_rules(sound(store))


def test_record_that_disagrees_with_the_result(tmp_path: Path) -> None:
    (tmp_path / "hop3").mkdir()
    other = located(tmp_path, workers={"web": "echo other"})
    (tmp_path / "hop3" / "runtime.json").write_text(other.artifact.runtime.to_json())
    with pytest.raises(ArtifactCorruptError, match="is not that of"):
        verify(located(tmp_path))


def test_local_artifact_with_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "start").touch()
    found = located(
        tmp_path,
        path_prepend=[str(tmp_path / "bin")],
        workers={"web": f"'{tmp_path}/bin/start' --log {tmp_path}/$NAME/log"},
        env_vars={"LIB": f"{tmp_path}/bin:{tmp_path}"},
        writable_tree=str(tmp_path),
        before_run=[f"touch {tmp_path}/new"],
    )
    assert verify(found) == Verified(paths=0, read=0)


@pytest.mark.parametrize(
    "runtime",
    [
        {"workers": {"web": "X=1 {}/no --x"}},
        {"before_run": ["test -e '{}/no' && x"]},
        {"env_vars": {"LIB": "/usr/lib:{}/no"}},
        {"path_prepend": ["{}/no"]},
        {"working_dir": "{}/no"},
        {"writable_tree": "{}/no"},
    ],
)
def test_local_artifact_without_a_file_it_names(tmp_path: Path, runtime: dict[str, Any]) -> None:
    def placed(value: Any) -> Any:
        match value:
            case str():
                return value.format(tmp_path)
            case list():
                return [placed(item) for item in value]
            case _:
                return {key: placed(item) for key, item in value.items()}

    with pytest.raises(ArtifactCorruptError, match=f"names {tmp_path}/no, which does not exist"):
        verify(located(tmp_path, **placed(runtime)))


def test_inspection_of_a_store_path(store: Store) -> None:
    found = inspect(located(store.bundle, healthcheck_path="/up", before_run=["migrate"]))
    sections = dict(found.sections())
    assert ("closure", "2 paths, 2.5 MB") in sections["Artifact"]
    assert ("health check", "/up within 30 s") in sections["Artifact"]
    assert sections["Workers"] == (
        ("cron-a", "at 0 3 * * *: tidy"),
        ("static", "files for a web server: /srv/www"),
        ("web", "echo hello"),
    )
    assert sections["Before they start"] == (("1", "migrate"),)
    assert sections["Provenance"] == (("package_set", "name some, date d"), ("tool", "1"))
    assert "Environment" not in sections


def test_reasons_that_are_not_as_we_write_them_are_passed_over(store: Store) -> None:
    one = located(store.bundle)
    said = [None, "x", {"choice": ["a"], "reason": None, "line": 3}, {"choice": "b", "file": "c"}]
    artifact = one.artifact.model_copy(update={"metadata": {"evidence": said}})
    sections = dict(inspect(replace(one, artifact=artifact)).sections())
    assert sections["Why"] == (("['a']", " (3)"), ("b", " (c)"))


def test_inspection_as_data(store: Store) -> None:
    data = inspect(located(store.bundle)).to_data()
    assert data["closure"] == {"paths": 2, "size": 2_500_000}
    assert data["workers"][0] == {
        "name": "cron-a",
        "kind": "cron",
        "command": "tidy",
        "schedule": "0 3 * * *",
        "launcher": "",
    }


def test_inspection_does_without_nix(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: Path) -> tuple[Path, ...]:
        raise UnavailableError("Nix is not installed")

    monkeypatch.setattr(nixcli, "closure", absent)
    assert inspect(located(store.bundle)).closure is None
