"""Rust of the embedded set on real Nix: a workspace with vendored crates and C, then changed."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from running import closure, only_closure

if TYPE_CHECKING:
    from conftest import Cli

SUM = "0" * 64
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["web", "common"]\nresolver = "2"\n',
    "Cargo.lock": (
        f'version = 4\n\n[[package]]\nname = "one"\nversion = "1.0.0"\nsource = "{REGISTRY}"\n'
        f'checksum = "{SUM}"\n\n'
        '[[package]]\nname = "shared"\nversion = "0.1.0"\ndependencies = [\n "one",\n]\n\n'
        '[[package]]\nname = "web"\nversion = "0.1.0"\ndependencies = [\n "shared",\n]\n'
    ),
    # What it names is for a developer's machine, and would write where a test can see it.
    ".cargo/config.toml": (
        '[build]\nrustc-wrapper = "WRITES"\n'
        'rustflags = ["--cfg", "told", "-Clink-arg=-fuse-ld=mold"]\n'
        '[target.x86_64-unknown-linux-gnu]\nlinker = "clang"\n'
        '[source.crates-io]\nreplace-with = "ours"\n[source.ours]\ndirectory = "vendor"\n'
    ),
    "rust-toolchain.toml": '[toolchain]\nchannel = "1.90"\n',
    "vendor/one/Cargo.toml": '[package]\nname = "one"\nversion = "1.0.0"\nedition = "2021"\n',
    "vendor/one/src/lib.rs": 'pub const NAME: &str = concat!("one of ", file!());\n',
    "vendor/one/.cargo-checksum.json": f'{{"files":{{}},"package":"{SUM}"}}',
    "common/Cargo.toml": (
        '[package]\nname = "shared"\nversion = "0.1.0"\nedition = "2021"\n'
        '[dependencies]\none = "1"\n'
    ),
    "common/src/lib.rs": "pub use one::NAME;\n",
    "web/Cargo.toml": (
        '[package]\nname = "web"\nversion = "0.1.0"\nedition = "2024"\n'
        '[dependencies]\nshared = { path = "../common" }\n'
    ),
    "web/build.rs": """\
use std::process::Command;

fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    for argv in [
        ["cc", "-c", "src/root.c", "-o", &format!("{out}/root.o")],
        ["ar", "crs", &format!("{out}/libroot.a"), &format!("{out}/root.o"), "--"],
    ] {
        let words = argv.iter().filter(|each| **each != "--");
        let words: Vec<_> = words.collect();
        assert!(Command::new(words[0]).args(&words[1..]).status().unwrap().success());
    }
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=root");
}
""",
    "web/src/root.c": "int root(int x) { int r = 0; while (r * r < x) r++; return r; }\n",
    "web/src/main.rs": """\
#![allow(unexpected_cfgs)]

unsafe extern "C" {
    safe fn root(x: i32) -> i32;
}

fn main() {
    println!("root {} of {}, told: {}", root(1764), shared::NAME, cfg!(told));
}
""",
}


def build(cli: Cli, app: Path, *options: str) -> tuple[Path, str]:
    done = cli("build", app, "--builder", "nix", "--pkgs", "debian", "--json", "-v", *options)
    return Path(json.loads(done.stdout)["location"]), done.stderr


def test_own_packages_alone_are_compiled_after_a_change_and_no_compiler_is_left(
    cli: Cli, tmp_path: Path
) -> None:
    app, seen = tmp_path / "shop", tmp_path / "seen"
    for name, text in FILES.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text.replace("WRITES", str(tmp_path / "writes")))
    (tmp_path / "writes").write_text(f'#!/bin/sh\ntouch {seen}\nexec "$@"\n')
    (tmp_path / "writes").chmod(0o755)

    location, log = build(cli, app, "--check")
    assert not seen.exists()
    paths = closure(location)
    names = [Path(path).name.partition("-")[2] for path in paths]
    assert not [name for name in names if name.startswith(("rust", "gcc", "shop-deps", "vendor"))]
    [tree] = [Path(path) for path in paths if path.endswith("-shop-app")]
    argv = [*only_closure(location, {}), str(tree / "app/target/release/web")]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    # What the C and the crate are is real, and not what stood in their place before.
    assert said == "root 42 of one of /crates/one/src/lib.rs, told: true\n"
    assert sorted(each.name for each in (tree / "app/target/release").iterdir()) == ["web"]
    assert not (tree / "app/vendor").exists()
    assert "shop-deps>    Compiling one v1.0.0" in log

    # Another line each time, so that the store has no result of it.
    changed = FILES["web/src/main.rs"].replace("1764", str(time.time_ns() % 10**6))
    (app / "web/src/main.rs").write_text(changed)
    after, log = build(cli, app)
    assert after != location
    compiled = [
        line.split("Compiling ")[1].split()[0] for line in log.splitlines() if "Compiling" in line
    ]
    assert sorted(compiled) == ["shared", "web"]
    assert "shop-deps" not in log
