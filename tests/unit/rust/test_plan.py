"""What the plan of a Rust application says: version, programs, libraries, workers, the recipe."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ConfigError, SourceError, UnsupportedError
from hop3_nix.locks.rust.cargo_lock import CRATES_IO
from hop3_nix.plan import PathRef
from hop3_nix.toolchains.rust.recipes import local_recipes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hop3_nix.plan import BuildPlan, Step
    from hop3_nix.toolchains.app import App

    Plan = Callable[[Mapping[str, str]], BuildPlan]

PACKAGE = '[package]\nname = "shop"\nversion = "0.1.0"\ndescription = "It sells."\n'
LOCK = 'version = 4\n[[package]]\nname = "shop"\nversion = "0.1.0"\n'
SHOP = {"Cargo.toml": PACKAGE, "Cargo.lock": LOCK, "src/main.rs": "fn main() {}\n"}
USUAL = "cargo build --release --locked"


def crate(name: str, *needs: str) -> str:
    listed = ", ".join(f'"{each}"' for each in needs)
    return (
        f'[[package]]\nname = "{name}"\nversion = "1.0.0"\nsource = "{CRATES_IO}"\n'
        f'checksum = "{"0" * 64}"\ndependencies = [{listed}]\n'
    )


def test_the_only_program_is_built_and_started(plan: Plan) -> None:
    made = plan(SHOP)
    assert made.build_steps == (USUAL,)
    assert made.runtime.workers == {"web": "target/release/shop"}
    assert (made.interpreter, made.app.name, made.app.version) == ("rustc", "shop", "0.1.0")
    assert made.options.deps["members"] == ["shop@0.1.0"]
    assert made.options.deps["entries"] == ["src/main.rs"]
    assert made.options.deps["builds"] == [["--release", "--locked"]]


def test_rocket_is_told_its_address_and_port(plan: Plan) -> None:
    made = plan({**SHOP, "Cargo.toml": f'{PACKAGE}[dependencies]\nrocket = "0.5"\n'})
    assert made.runtime.workers["web"] == (
        'ROCKET_ADDRESS="${BIND_ADDRESS:-0.0.0.0}" ROCKET_PORT="$PORT" target/release/shop'
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"src/bin/web.rs": ""}, "target/release/web"),
        ({"src/bin/one.rs": ""}, "target/release/shop"),
        (
            {"Cargo.toml": f'{PACKAGE}default-run = "one"\n', "src/bin/one.rs": ""},
            "target/release/one",
        ),
        ({"hop3.toml": '[build]\nbuild = "cargo build"\n'}, "target/debug/shop"),
        ({"hop3.toml": '[build]\nbuild = "cargo b --profile=lean"\n'}, "target/lean/shop"),
        (
            {"hop3.toml": '[build]\nbuild = "cargo build -r --target a-b"\n'},
            "target/a-b/release/shop",
        ),
    ],
)
def test_of_several_programs_one_is_told_and_found_where_cargo_puts_it(
    plan: Plan, more: dict[str, str], expected: str
) -> None:
    assert plan({**SHOP, **more}).runtime.workers == {"web": expected}


def test_of_several_packages_the_one_with_a_framework_is_started(plan: Plan) -> None:
    made = plan(
        {
            "Cargo.toml": '[workspace]\nmembers = ["*"]\n',
            "Cargo.lock": "version = 4\n",
            "one/Cargo.toml": '[package]\nname = "one"\n[dependencies]\naxum = "0.8"\n',
            "one/src/main.rs": "",
            "two/Cargo.toml": '[package]\nname = "two"\n',
            "two/src/main.rs": "",
        }
    )
    assert made.runtime.workers == {"web": "target/release/one"}


def test_one_that_cannot_be_told_from_others_is_asked_for(plan: Plan) -> None:
    files = {**SHOP, "src/bin/one.rs": "", "src/bin/two.rs": ""}
    del files["src/main.rs"]
    with pytest.raises(SourceError, match="nothing here says how to start") as caught:
        plan(files)
    assert "web: target/release/NAME" in caught.value.tip


def test_an_application_without_a_program_is_refused(plan: Plan) -> None:
    files = {**SHOP, "src/lib.rs": ""}
    del files["src/main.rs"]
    with pytest.raises(SourceError, match="no package here has a program"):
        plan(files)


def test_crates_are_compiled_by_the_calls_that_the_steps_have(plan: Plan) -> None:
    toml = """\
[build]
before-build = "cargo run --bin gen"
build = "cargo build --release --features 'pro max' && cargo build --profile lean -p shop"
after-build = "cd sub && cargo build"
[env]
OPENSSL_STATIC = "1"
RUST_LOG = "info"
"""
    made = plan({**SHOP, "hop3.toml": toml})
    assert made.options.deps["builds"] == [
        ["--release", "--features", "pro max"],
        ["--profile", "lean", "-p", "shop"],
    ]
    assert made.options.deps["environment"] == {"OPENSSL_STATIC": "1"}


def test_what_a_crate_of_others_depends_on_is_compiled_with_them(plan: Plan) -> None:
    toml = f'{PACKAGE}[patch.crates-io]\nours = {{ path = "ours" }}\n'
    lock = f'{LOCK}[[package]]\nname = "ours"\nversion = "1.0.0"\n{crate("theirs", "ours")}'
    made = plan(
        {
            **SHOP,
            "Cargo.toml": toml,
            "Cargo.lock": lock,
            "ours/Cargo.toml": '[package]\nname = "ours"\nversion = "1.0.0"\n',
            "ours/src/lib.rs": "",
        }
    )
    assert made.options.deps["directories"] == ["ours"]
    assert made.options.deps["manifests"] == ["Cargo.toml", "Cargo.lock"]
    assert made.options.deps["entries"] == ["src/main.rs"]


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        (crate("openssl-sys", "cc"), ("openssl", "pkg-config")),
        (crate("openssl-sys", "openssl-src"), ("openssl", "pkg-config")),
        (crate("libsqlite3-sys", "cc"), ()),
        (crate("libsqlite3-sys"), ("sqlite", "pkg-config")),
        (crate("pq-sys") + crate("openssl-sys"), ("openssl", "pkg-config", "libpq")),
    ],
)
def test_crates_that_stand_for_libraries_bring_their_packages(
    plan: Plan, lock: str, expected: tuple[str, ...]
) -> None:
    assert plan({**SHOP, "Cargo.lock": LOCK + lock}).build_packages == expected


def test_openssl_is_that_of_the_set_though_a_crate_brings_it(plan: Plan) -> None:
    made = plan({**SHOP, "Cargo.lock": LOCK + crate("openssl-src")})
    assert made.options.deps["environment"] == {"OPENSSL_NO_VENDOR": "1"}


@pytest.mark.parametrize(
    ("files", "attribute"),
    [
        ({"rust-toolchain": "1.80\n"}, "rustc_1_85"),
        ({"rust-toolchain.toml": '[toolchain]\nchannel = "1.90.0"\n'}, "rustc"),
        ({"rust-toolchain.toml": '[toolchain]\nchannel = "stable"\n'}, "rustc"),
        ({"rust-toolchain.toml": '[toolchain]\ncomponents = ["clippy"]\n'}, "rustc"),
        (
            {"rust-toolchain": '[toolchain]\nchannel = "1.85.1-x86_64-unknown-linux-gnu"\n'},
            "rustc_1_85",
        ),
        ({".tool-versions": "rust 1.85.0\n"}, "rustc_1_85"),
        ({"mise.toml": '[tools]\nrust = "1.85"\n'}, "rustc_1_85"),
        ({"hop3.toml": '[build]\nrust-version = "1.85"\n'}, "rustc_1_85"),
        ({"Cargo.toml": f'{PACKAGE}rust-version = "1.70"\n'}, "rustc"),
        ({"rust-toolchain": "1.80", "Cargo.toml": f'{PACKAGE}rust-version = "1.90"\n'}, "rustc"),
    ],
)
def test_the_nearest_that_is_not_older_is_taken(
    plan: Plan, files: dict[str, str], attribute: str
) -> None:
    assert plan({**SHOP, **files}).interpreter == attribute


@pytest.mark.parametrize(
    ("files", "message", "line"),
    [
        ({"rust-toolchain": "1.99\n"}, "the set has 1.96.0, 1.85.1", 1),
        ({"rust-toolchain.toml": '[toolchain]\nchannel = "nightly"\n'}, "'nightly' is asked", 2),
        ({"rust-toolchain.toml": '[toolchain]\npath = "/x"\n'}, "is one of a machine", 2),
        ({"Cargo.toml": f'{PACKAGE}rust-version = "1.99"\n'}, "the set has 1.96.0, 1.85.1", 5),
        ({".cargo/config.toml": '[build]\ntarget = "wasm32-wasip1"\n'}, "for wasm32-wasip1", 2),
        ({"hop3.toml": '[env]\nRUSTC_WRAPPER = "x"\n'}, "RUSTC_WRAPPER is what a build sets", 2),
    ],
)
def test_what_cannot_be_had_is_refused_with_its_line(
    plan: Plan, files: dict[str, str], message: str, line: int
) -> None:
    with pytest.raises((ConfigError, UnsupportedError), match=message) as caught:
        plan({**SHOP, **files})
    assert caught.value.line == line


def test_a_part_of_a_node_package_is_no_application_of_rust(plan: Plan) -> None:
    files = {
        "Cargo.toml": f'{PACKAGE}[lib]\ncrate-type = ["cdylib"]\n',
        "src/lib.rs": "",
        "package.json": '{"name": "x", "scripts": {"start": "node x.js"}}',
        "x.js": "",
    }
    with pytest.raises(UnsupportedError, match="the set has no Node"):
        plan(files)


def test_a_machine_without_nix_takes_and_keeps_what_is_compiled(
    plan: Plan, write: Callable[[Mapping[str, str]], App], tmp_path: Path
) -> None:
    [recipe] = local_recipes(write(SHOP), plan(SHOP))
    target, cache = tmp_path / "target", tmp_path / "cache/hop3-nix/cargo/shop"
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(step: Step) -> None:
        words = [str(target) if isinstance(each, PathRef) else str(each) for each in step.argv]
        subprocess.run(words, env=env, check=True)

    def names(root: Path) -> list[str]:
        return sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())

    made = ("release/shop", "release/shop.d", "release/.fingerprint/a/lib", "release/deps/shop-1")
    for name in made:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).touch()
        (target / name).chmod(0o755 if name == "release/shop" else 0o644)
    run(recipe.finish[0])
    assert names(target) == ["release/shop"]
    assert names(cache) == sorted(made)

    run(recipe.steps[1])
    assert names(target) == ["release/.fingerprint/a/lib", "release/deps/shop-1"]
    run(recipe.finish[0])
    assert names(target) == []
    run(recipe.finish[0])
