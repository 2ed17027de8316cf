# The library's tests that need no build: nix-instantiate --eval --strict nix/lib/tests
#
# `failures` has what was expected and what came instead, by function and case; `untested` names the
# exported functions that have no test, `unknown` the tests of what is not exported.
let
  pkgs = import ./stand-in.nix;
  hop3 = import ../. { inherit pkgs; };

  tests = {
    cleanSource = import ./clean-source.nix { inherit hop3; };
    fetchLocked = import ./fetch-locked.nix { inherit hop3; };
    joinPath = import ./join-path.nix { inherit hop3; };
    mkBundle = import ./bundle.nix { inherit hop3 pkgs; };
    mkEnv = import ./env.nix { inherit hop3 pkgs; };
    python = import ./python.nix { inherit hop3 pkgs; };
    safeName = import ./safe-name.nix { inherit hop3; };
    storePaths = import ./store-paths.nix { inherit hop3; };
  };

  namesNotIn = other: set: builtins.filter (name: !(other ? ${name})) (builtins.attrNames set);
  failed = cases: builtins.mapAttrs (_: shown) (select (test: test.expr != test.expected) cases);
  shown = test: {
    inherit (test) expected;
    came = test.expr;
  };
  select =
    keep: set: removeAttrs set (builtins.filter (name: !(keep set.${name})) (builtins.attrNames set));
in
{
  failures = select (cases: cases != { }) (builtins.mapAttrs (_: failed) tests);
  untested = namesNotIn tests hop3;
  unknown = namesNotIn hop3 tests;
  count = builtins.length (builtins.concatMap builtins.attrNames (builtins.attrValues tests));
}
