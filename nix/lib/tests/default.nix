# The library's tests that need no build: nix-instantiate --eval --strict nix/lib/tests
#
# `failures` has what was expected and what came instead, by function and case; `untested` names the
# exported functions that have no test, `unknown` the tests of what is not exported.
let
  pkgs = import ./stand-in.nix;
  hop3 = import ../. { inherit pkgs; };

  # Each language has its tests in its own folder.
  languages = builtins.readDir ../languages;
  ofLanguage =
    name: _: import (../languages + "/${name}/tests.nix") { inherit hop3 pkgs; };
  hasTests = name: _: builtins.pathExists (../languages + "/${name}/tests.nix");

  tests = builtins.mapAttrs ofLanguage (select hasTests languages) // {
    cleanSource = import ./clean-source.nix { inherit hop3; };
    fetchLocked = import ./fetch-locked.nix { inherit hop3; };
    joinPath = import ./join-path.nix { inherit hop3; };
    mkBundle = import ./bundle.nix { inherit hop3 pkgs; };
    mkClosureInfo = import ./closure-info.nix { inherit hop3 pkgs; };
    mkEnv = import ./env.nix { inherit hop3 pkgs; };
    mkImage = import ./image.nix { inherit hop3 pkgs; };
    mkOutputs = import ./outputs.nix { inherit hop3 pkgs; };
    mkTests = import ./start-test.nix { inherit hop3 pkgs; };
    safeName = import ./safe-name.nix { inherit hop3; };
    snapshot = import ./snapshot.nix { inherit hop3; };
    storePaths = import ./store-paths.nix { inherit hop3; };
    inherit (import ./stages.nix { inherit hop3 pkgs; }) below mkStage sourceIn withStages;
  };

  namesNotIn = other: set: builtins.filter (name: !(other ? ${name})) (builtins.attrNames set);
  failed = cases: builtins.mapAttrs (_: shown) (select (_: test: test.expr != test.expected) cases);
  shown = test: {
    inherit (test) expected;
    came = test.expr;
  };
  select =
    keep: set: removeAttrs set (builtins.filter (name: !(keep name set.${name})) (builtins.attrNames set));
in
{
  failures = select (_: cases: cases != { }) (builtins.mapAttrs (_: failed) tests);
  untested = namesNotIn tests hop3;
  unknown = namesNotIn hop3 tests;
  count = builtins.length (builtins.concatMap builtins.attrNames (builtins.attrValues tests));
}
