"""The NixOS module evaluated, and its units as the files that NixOS writes of them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VARIABLE: Final = "HOP3_NIX_NIXPKGS"
System = Literal["own", "nixpkgs"]
"""The module system: the little one that the page on the options is made by, or the real one."""

BARE: Final = """derivation {
  name = "bash";
  system = "x86_64-linux";
  builder = "/none";
}"""
"""A package that is never built."""

OWN: Final = """
  evaluate = configuration:
    (import %(root)s/nix/nixos/small-lib.nix).evaluate module pkgs configuration;
"""

REAL: Final = """
  evaluate = configuration:
    let
      lib = import %(nixpkgs)s/lib;
      any = lib.types.attrsOf lib.types.anything;
      anything = lib.mkOption { type = any; default = { }; };
    in
    (lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        module
        {
          options = {
            assertions = lib.mkOption { type = lib.types.listOf any; default = [ ]; };
            systemd.services = anything;
            systemd.timers = anything;
            services.nginx = anything;
            services.caddy = anything;
          };
        }
        configuration
      ];
    }).config;
"""

WHOLE: Final = """
let
  module = import %(root)s/nix/module.nix;
  pkgs.bash = %(bash)s;
  pkgs.coreutils = %(coreutils)s;
  %(evaluate)s
  config = evaluate { services.hop3.apps = %(apps)s; };
in
{
  inherit (config.systemd) services timers;
  inherit (config.services) nginx caddy;
  problems = map (one: one.message) (builtins.filter (one: !one.assertion) config.assertions);
}
"""


@dataclass(frozen=True)
class Evaluated:
    """What the module makes of a configuration."""

    services: Mapping[str, Any]
    timers: Mapping[str, Any]
    nginx: Mapping[str, Any]
    caddy: Mapping[str, Any]
    problems: tuple[str, ...]

    def files(self) -> dict[str, str]:
        """Return the unit files by name, written as NixOS does."""
        services = {f"{name}.service": service_text(unit) for name, unit in self.services.items()}
        return services | {f"{name}.timer": timer_text(unit) for name, unit in self.timers.items()}


def nixpkgs() -> Path | None:
    """Return the checkout of nixpkgs, or of its lib, that tests may use."""
    given = os.environ.get(VARIABLE, "")
    return Path(given) if given else None


def module(
    apps: str,
    *,
    system: System = "own",
    bash: str = BARE,
    coreutils: str = BARE,
    env: Mapping[str, str] | None = None,
) -> Evaluated:
    """Return what the module makes of ``services.hop3.apps = apps``, an expression; none is built.

    Raises CalledProcessError, with what Nix said in ``stderr``.
    """
    where = {"root": ROOT, "nixpkgs": nixpkgs()}
    evaluate = (OWN if system == "own" else REAL) % where
    programs = {"bash": bash, "coreutils": coreutils}
    text = WHOLE % {"root": ROOT, **programs, "evaluate": evaluate, "apps": apps}
    found = nix_json(text, env=env)
    return Evaluated(**{**found, "problems": tuple(found["problems"])})


def nix_json(expression: str, *, env: Mapping[str, str] | None = None) -> Any:
    """Return the value of ``expression``, for which Nix may build nothing."""
    # Files that a unit names are copied to the store.
    argv = ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode"]
    strict = ["--option", "allow-import-from-derivation", "false"]
    done = subprocess.run(
        [*argv, *strict, "--expr", expression],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
    )
    return json.loads(done.stdout)


def service_text(unit: Mapping[str, Any]) -> str:
    """Return the file of a service: NixOS writes variables as JSON, and the rest as it is."""
    environment = [
        ("Environment", json.dumps(f"{name}={value}", ensure_ascii=False))
        for name, value in sorted(unit["environment"].items())
    ]
    service = [*environment, *_lines(unit["serviceConfig"])]
    return _unit(unit) + _section("Service", service) + _install(unit)


def timer_text(unit: Mapping[str, Any]) -> str:
    """Return the file of a timer."""
    return _unit(unit) + _section("Timer", _lines(unit["timerConfig"])) + _install(unit)


def _unit(unit: Mapping[str, Any]) -> str:
    others = [
        (name.capitalize(), " ".join(unit[name]))
        for name in ("after", "requires")
        if unit.get(name)
    ]
    about = [("Description", unit["description"]), *others]
    return _section("Unit", [*about, *_lines(unit.get("unitConfig", {}))])


def _install(unit: Mapping[str, Any]) -> str:
    wanted = unit.get("wantedBy", [])
    return _section("Install", [("WantedBy", " ".join(wanted))]) if wanted else ""


def _lines(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, str(value).lower() if isinstance(value, bool) else str(value))
        for name, said in sorted(settings.items())
        for value in (said if isinstance(said, list) else [said])
    ]


def _section(name: str, settings: Iterable[tuple[str, str]]) -> str:
    return "".join([f"[{name}]\n", *(f"{key}={value}\n" for key, value in settings), "\n"])
