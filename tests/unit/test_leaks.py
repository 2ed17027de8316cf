"""What a build has put into its result: secrets are refused, places of the host are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hop3_nix.builders.leaks import check_result
from hop3_nix.errors import ConfigError
from hop3_nix.postbuild.leaks import LARGEST, REFUSED, main, takes_in
from hop3_nix.source import Source

if TYPE_CHECKING:
    from pathlib import Path

# Put together here, so that no scanner takes them for real ones.
STRIPE = "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc"
GITHUB = "gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a"
BODY = "MIIEowIBAAKCAQEAtESTtESTtESTtESTtESTtESTtESTtESTtESTtESTtESTtEST\n" * 3
KEY = "-----BEGIN " + f"RSA PRIVATE KEY-----\n{BODY}-----END RSA PRIVATE KEY-----\n"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def check(tmp_path: Path, *, source: dict[str, str], made: dict[str, str]) -> tuple[str, ...]:
    opened = Source.open(write(tmp_path / "app", {"app.py": "", **source}))
    return check_result(write(tmp_path / "result", {**source, **made}), opened)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f'var key = "{STRIPE}";', "a key with the prefix of a known service"),
        (f"token: {GITHUB}\n", "a key with the prefix of a known service"),
        (KEY, "a private key"),
        (f"const PEM = `{KEY}`", "a private key"),
    ],
)
def test_a_secret_that_the_build_has_made_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=f"the result has {why} in it") as caught:
        check(tmp_path, source={}, made={"dist/app.js": text})
    assert caught.value.file == "dist/app.js"
    assert '[build] include = ["dist/app.js"]' in caught.value.tip
    toml = {"hop3.toml": '[build]\ninclude = ["dist/"]\n'}
    assert check(tmp_path, source=toml, made={"dist/app.js": text}) == ()


def test_a_live_key_in_the_source_is_refused_as_well(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"settings\.py: the result has a key"):
        check(tmp_path, source={"settings.py": f'KEY = "{STRIPE}"\n'}, made={})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docs/api.txt", f"use {STRIPE}"),
        ("README.md", f"use {STRIPE}"),
        ("tests/test_key.py", f"KEY = '{STRIPE}'"),
        ("a.py", "AWS = '" + "AK" + "IAIOSFODNN7EXAMPLE'"),
        ("b.py", "KEY = '" + "sk_" + "live_xxxxxxxxxxxxxxxxxxxxxxxx'"),
        ("c.py", "if key.startswith('" + "sk_" + "live_'): pass"),
        ("d.py", f"PEM = '''{KEY}'''"),
        ("e.py", "BEGIN = '-----BEGIN " + "PRIVATE KEY-----'"),
    ],
)
def test_what_only_speaks_of_secrets_is_none(tmp_path: Path, name: str, text: str) -> None:
    assert check(tmp_path, source={name: text}, made={}) == ()


def test_places_of_the_host_are_told_of_what_the_build_made(tmp_path: Path) -> None:
    source = {"run.sh": "#!/usr/bin/env bash\n/usr/bin/true\n"}
    text = '//# file:///build/app/src/a.js "/home/me/.cache"'
    made = {"x/made.js": text, "y": "#!/usr/bin/env a"}
    assert check(tmp_path, source=source, made=made) == (
        "x/made.js: /build/app/src/a.js",
        "x/made.js: /home/me/.cache",
    )


def test_large_files_links_and_pipes_are_passed_over(tmp_path: Path) -> None:
    result = write(tmp_path / "result", {"big": STRIPE})
    with (result / "big").open("r+b") as file:
        file.truncate(LARGEST + 1)
    (result / "link").symlink_to("big")
    assert check(tmp_path, source={}, made={}) == ()


def test_what_dependencies_brought_is_not_the_applications(tmp_path: Path) -> None:
    assert check(tmp_path, source={}, made={"node_modules/tls/key.pem": KEY}) == ()


@pytest.mark.parametrize(
    ("patterns", "path", "taken"),
    [
        (["dist/"], "dist/app.js", True),
        (["*.js"], "dist/app.js", True),
        (["/app.js"], "dist/app.js", False),
        (["*.js", "!app.js"], "dist/app.js", False),
        (["dist", "!dist/app.js"], "dist/app.js", True),
        ([], "dist/app.js", False),
    ],
)
def test_what_is_included_is_told_as_by_the_source(
    tmp_path: Path, patterns: list[str], path: str, *, taken: bool
) -> None:
    assert takes_in(patterns, path) is taken
    toml = f"[build]\ninclude = {json.dumps(patterns)}\n"
    assert Source.open(write(tmp_path, {"hop3.toml": toml})).includes(path) is taken


def test_a_build_of_nix_alone_refuses_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "source", {"d.py": f"PEM = '''{KEY}'''"})
    made = {"d.py": f"PEM = '''{KEY}'''", "made\x1b.py": f"PEM = '''{KEY}'''"}
    tree, included = write(tmp_path / "tree", made), tmp_path / "included.json"
    included.write_text("[]")
    assert main([str(tree), str(source), str(included)]) == REFUSED
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("made\\x1b.py: the result has a private key in it")
    assert len(said) == 2
    included.write_text('["made*"]')
    assert main([str(tree), str(source), str(included)]) == 0
