"""What is fetched beforehand is what the derivations would fetch."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from hop3_nix.builders.fixed import FixedFile, safe_name
from hop3_nix.files import resources
from hop3_nix.nix import commands as nixcli
from hop3_nix.plan import LockedFile
from hop3_nix.rendering.nixlang import to_nix

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("a-1.0.whl", "@x+b-2.tgz", ".hidden", "a b~c%d", "x" * 300, "é.gz")


def test_store_paths_are_those_of_the_derivations(tmp_path: Path) -> None:
    resources.write_library(tmp_path / "hop3-nix")
    digests = (hashlib.sha256(b"x").digest(), hashlib.sha512(b"x").digest())
    files = [
        LockedFile(name="a", version="1", filename=name, url="https://index.example/x", **digest)
        for name in NAMES
        for digest in (
            {"sha256": digests[0].hex()},
            {"integrity": f"sha512-{base64.b64encode(digests[1]).decode()}"},
        )
    ]
    arguments = [
        {
            "name": file.filename,
            "url": file.url,
            **({"sha256": file.sha256} if file.sha256 else {"hash": file.integrity}),
        }
        for file in files
    ]
    text = (
        f"let safeName = import {tmp_path}/hop3-nix/lib/safe-name.nix; "
        f"fetch = import {tmp_path}/hop3-nix/lib/fetch-locked.nix {{ inherit safeName; }}; "
        f"in map (each: (fetch each).outPath) {to_nix(arguments)}"
    )
    assert nixcli.evaluate_json(nixcli.Expression(text)) == [
        FixedFile.of(file).store_path for file in files
    ]


def test_a_file_that_is_added_is_there_for_the_derivation(tmp_path: Path) -> None:
    content = f"unique to {tmp_path}".encode()
    file = FixedFile("added.txt", "", "sha256", hashlib.sha256(content).hexdigest())
    place = tmp_path / file.name
    place.write_bytes(content)
    nixcli.add_fixed("sha256", [place])
    done = subprocess.run(
        ["nix-store", "--check-validity", file.store_path], check=False, capture_output=True
    )
    assert done.returncode == 0


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=50, max_size=50))
def test_names_are_made_as_the_library_makes_them(names: list[str]) -> None:
    library = ROOT / "nix/lib/safe-name.nix"
    text = f"map (import {library} 200) {to_nix([name for name in names if chr(0) not in name])}"
    made = nixcli.evaluate_json(nixcli.Expression(text))
    assert made == [safe_name(200, name) for name in names if chr(0) not in name], json.dumps(names)
