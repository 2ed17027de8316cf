"""Which gems an app gets, and what each of them is pinned by."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import LockError
from hop3_nix.plan import LockedFile
from ruby_apps import DIGEST, lockfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan

    Plan = Callable[..., BuildPlan]

GEMFILE = 'source "https://index.example/"\ngem "puma"\ngem "rack"\n'
PUMA = "vendor/cache/puma-6.0.gem"
RACK = "vendor/cache/rack-3.0.gem"
BOTH = ("puma (6.0)", "rack (3.0)")
NEEDS = "puma\n  rack"


def names(plan: BuildPlan) -> list[str]:
    return [file.filename for file in plan.dependencies]


def refused(plan: Plan, **files: str | None) -> LockError:
    with pytest.raises(LockError) as caught:
        plan({"Gemfile": GEMFILE, **files})
    assert caught.value.tip
    return caught.value


def test_a_gem_is_fetched_from_the_server_of_its_section_by_its_checksum(plan: Plan) -> None:
    assert plan().dependencies[0] == LockedFile(
        name="puma",
        version="6.0",
        filename="puma-6.0.gem",
        url="https://index.example/gems/puma-6.0.gem",
        sha256=DIGEST,
    )


def test_what_only_development_and_tests_need_is_left_out(plan: Plan) -> None:
    gemfile = (
        f"{GEMFILE}group :development, :test do\n  gem 'debug'\n  gem 'both'\nend\n"
        "gem 'both'\ngroup :docs, optional: true do\n  gem 'yard'\nend\n"
    )
    lock = lockfile(
        "both (1.0)",
        "debug (1.0)",
        "      deep (>= 1)",
        "deep (1.0)",
        *BOTH,
        "yard (1.0)",
        needs=f"both\n  debug\n  {NEEDS}\n  yard",
    )
    lock = lock.replace("          deep", "      deep")
    found = plan({"Gemfile": gemfile, "Gemfile.lock": lock})
    assert names(found) == ["both-1.0.gem", "puma-6.0.gem", "rack-3.0.gem"]
    everything = plan({"Gemfile": f"{gemfile}eval_gemfile 'more'\n", "Gemfile.lock": lock})
    assert len(everything.dependencies) == 6
    assert "no group is left out" in " ".join(each.reason for each in everything.evidence)


def test_the_groups_that_are_left_out_can_be_said(plan: Plan) -> None:
    files = {
        "Gemfile": f"{GEMFILE}gem 'debug', group: :test\ngem 'x', group: :admin\n",
        "Gemfile.lock": lockfile("debug (1.0)", *BOTH, "x (1.0)", needs=f"debug\n  {NEEDS}\n  x"),
        "hop3.toml": '[env]\nBUNDLE_WITHOUT = "admin:ops"\n',
    }
    found = plan(files)
    assert names(found) == ["debug-1.0.gem", "puma-6.0.gem", "rack-3.0.gem"]
    assert found.runtime.env["BUNDLE_WITHOUT"] == "admin:ops"


@pytest.mark.parametrize(
    ("variants", "chosen"),
    [
        (["1.0", "1.0-x86_64-linux-gnu", "1.0-x86_64-linux"], "1.0-x86_64-linux-gnu"),
        (["1.0", "1.0-x86_64-linux", "1.0-arm64-darwin"], "1.0-x86_64-linux"),
        (["1.0", "1.0-x86_64-linux-musl", "1.0-aarch64-linux"], "1.0"),
    ],
)
def test_the_variant_for_the_platform_is_taken(
    plan: Plan, variants: list[str], chosen: str
) -> None:
    specs = [f"ffi ({version})" for version in variants]
    files = {
        "Gemfile": f"{GEMFILE}gem 'ffi'\n",
        "Gemfile.lock": lockfile(*specs, *BOTH, needs=f"ffi\n  {NEEDS}"),
    }
    assert names(plan(files))[0] == f"ffi-{chosen}.gem"
    forced = {**files, "Gemfile": f"{GEMFILE}gem 'ffi', force_ruby_platform: true\n"}
    assert names(plan(forced))[0] == "ffi-1.0.gem"


def test_a_gem_for_other_platforms_alone_is_left_out_if_the_gemfile_says_so(plan: Plan) -> None:
    lock = lockfile(*BOTH, "tz (1.0-x64-mingw)", needs=f"{NEEDS}\n  tz\n  wdm")
    gemfile = f"{GEMFILE}platforms :windows do\n  gem 'tz'\n  gem 'wdm'\nend\n"
    assert len(plan({"Gemfile": gemfile, "Gemfile.lock": lock}).dependencies) == 2
    error = refused(plan, **{"Gemfile": f"{GEMFILE}gem 'wdm'\n", "Gemfile.lock": lock})
    assert str(error) == "Gemfile.lock: wdm, which the Gemfile needs, is not locked"


def test_gems_in_the_tree_need_no_digest_and_their_needs_are_installed(plan: Plan) -> None:
    inside = "PATH\n  remote: lib/inside\n  specs:\n    inside (0.1)\n      rack\n\n"
    files = {
        "Gemfile": 'gem "inside", path: "lib/inside"\n',
        "Gemfile.lock": inside + lockfile(*BOTH, needs="inside!"),
        "lib/inside/inside.gemspec": "",
        "a.rb": "",
        "Procfile": "web: ruby a.rb\n",
    }
    assert names(plan(files)) == ["rack-3.0.gem"]


def test_gems_in_vendor_cache_are_part_of_the_application(plan: Plan) -> None:
    lock = lockfile(*BOTH, needs=NEEDS, checksums=False)
    found = plan({"Gemfile.lock": lock, PUMA: "a gem", RACK: "another"})
    assert found.dependencies == ()
    assert found.options.deps["vendored"] == {"puma-6.0.gem": PUMA, "rack-3.0.gem": RACK}


def test_a_checksum_holds_for_vendor_cache_as_well(plan: Plan) -> None:
    lock = lockfile(*BOTH, needs=NEEDS)
    error = refused(plan, **{"Gemfile.lock": lock, PUMA: "a gem"})
    assert str(error).startswith(f"Gemfile.lock:4: {PUMA} is not the file that the checksum")
    right = lock.replace(DIGEST, hashlib.sha256(b"a gem").hexdigest())
    assert plan({"Gemfile.lock": right}).options.deps["vendored"] == {"puma-6.0.gem": PUMA}


def test_hop3_nix_lock_has_the_digests_that_the_lockfile_lacks(plan: Plan) -> None:
    lock = lockfile(*BOTH, needs=NEEDS, checksums=False)
    error = refused(plan, **{"Gemfile.lock": lock})
    assert str(error) == (
        "Gemfile.lock:4: there is no checksum of puma 6.0, rack 3.0, and no file in vendor/cache"
    )
    ours = {
        "inputs": {"Gemfile.lock": hashlib.sha256(lock.encode()).hexdigest()},
        "ruby": {"puma-6.0.gem": "1" * 64, "rack-3.0.gem": "2" * 64},
    }
    found = plan({"Gemfile.lock": lock, "hop3-nix.lock": json.dumps(ours)})
    assert [file.sha256 for file in found.dependencies] == ["1" * 64, "2" * 64]
    stale = refused(plan, **{"Gemfile.lock": f"{lock}\n"})
    assert str(stale) == "hop3-nix.lock: Gemfile.lock changed since hop3-nix.lock was written"
    assert "hop3-nix lock" in stale.tip
    ours["ruby"] = {"puma-6.0.gem": "1"}
    broken = refused(plan, **{"Gemfile.lock": lock, "hop3-nix.lock": json.dumps(ours, indent=1)})
    assert str(broken).startswith("hop3-nix.lock:6: ruby.puma-6.0.gem: ")


GIT = "GIT\n  remote: https://host.example/x.git\n  revision: 0123\n  specs:\n    x (1.0)\n\n"
PLUGIN = "PLUGIN SOURCE\n  remote: /x\n  type: y\n  specs:\n    x (1.0)\n\n"
OUTSIDE = "PATH\n  remote: ../x\n  specs:\n    x (1.0)\n\n"


@pytest.mark.parametrize(
    ("gemfile", "lock", "says", "tip"),
    [
        (
            "gem 'x', git: 'https://host.example/x.git'",
            GIT + lockfile(*BOTH, needs=f"{NEEDS}\n  x!"),
            "Gemfile.lock:1: x comes from a Git repository (https://host.example/x.git)",
            'gem "x", path:',
        ),
        (
            "gem 'x'",
            PLUGIN + lockfile(*BOTH, needs=f"{NEEDS}\n  x!"),
            "Gemfile.lock:1: x comes from a source that a plugin of Bundler adds (/x)",
            "path:",
        ),
        (
            "gem 'x', path: '../x'",
            OUTSIDE + lockfile(*BOTH, needs=f"{NEEDS}\n  x!"),
            "Gemfile.lock:1: x is in the directory ../x, which is no part of the application",
            "Copy it into the tree",
        ),
        (
            "gem 'x'",
            lockfile(*BOTH, needs=NEEDS),
            "Gemfile:4: x is required, and Gemfile.lock does not have it",
            "bundle lock",
        ),
        (
            "gem 'x', '~> 2.0'",
            lockfile(*BOTH, "x (1.0)", needs=f"{NEEDS}\n  x (~> 1.0)"),
            "Gemfile:4: x ~> 2.0 is required, and Gemfile.lock was written for x ~> 1.0",
            "bundle lock",
        ),
        (
            "",
            lockfile(*BOTH, needs=NEEDS).replace("    rack (3.0)\n", ""),
            "Gemfile.lock: rack, which the Gemfile needs, is not locked",
            "bundle lock",
        ),
        (
            "gem 'x'",
            lockfile(*BOTH, "x (1.0-arm64-darwin)", needs=f"{NEEDS}\n  x"),
            "Gemfile.lock:6: x 1.0 is locked for arm64-darwin only, and the target is x86_64-linux",
            "bundle lock --add-platform x86_64-linux",
        ),
        (
            "",
            lockfile(*BOTH, needs=NEEDS).replace("  ruby\n  x86_64-linux\n", "  arm64-darwin\n"),
            "Gemfile.lock: it is locked for arm64-darwin, and the target is x86_64-linux",
            "bundle lock --add-platform x86_64-linux",
        ),
        (
            "",
            lockfile(*BOTH, needs=NEEDS).replace("  remote: https://index.example/\n", ""),
            "Gemfile.lock:3: which server has puma 6.0 cannot be told: its section names none",
            'source "..." do',
        ),
    ],
)
def test_what_cannot_be_installed_is_told_by_line(
    plan: Plan, gemfile: str, lock: str, says: str, tip: str
) -> None:
    error = refused(plan, **{"Gemfile": f"{GEMFILE}{gemfile}\n", "Gemfile.lock": lock})
    assert str(error).startswith(says)
    assert tip in error.tip


def test_an_application_without_its_lockfile(plan: Plan) -> None:
    assert str(refused(plan, **{"Gemfile.lock": None})).startswith("Gemfile.lock: there is none")


def test_an_application_without_its_gemfile(plan: Plan) -> None:
    with pytest.raises(LockError) as caught:
        plan({"Gemfile": None})
    assert str(caught.value).startswith("Gemfile: there is none")
