{ hop3, pkgs }:
let
  parts = {
    package = pkgs.bash // {
      runtime.workers.web = "x";
    };
    env = pkgs.coreutils;
  };
  outputs = hop3.mkOutputs parts;
  fails = set: builtins.mapAttrs (_: value: !(builtins.tryEval value).success) set;
  currentOf =
    digests:
    fails
      (hop3.mkOutputs (
        parts
        // {
          rendered = {
            src = ./.;
            inherit digests;
          };
        }
      )).current;
  thisFile = builtins.hashFile "sha256" ./outputs.nix;
in
{
  areThese = {
    expr = builtins.attrNames outputs;
    expected = [
      "closureInfo"
      "current"
      "devShell"
      "env"
      "image"
      "imageWith"
      "package"
      "tests"
    ];
  };
  areOfThePackage = {
    expr = map (output: output.name) [
      outputs.closureInfo
      outputs.image
      outputs.tests.web
    ];
    expected = [
      "bash-closure-info"
      "bash-image.tar"
      "bash-test-web"
    ];
  };
  haveTheShellByBothNames = {
    expr = outputs.devShell;
    expected = outputs.env;
  };
  areCurrentWhenTheFilesAreThoseOfThen = {
    expr = currentOf { "outputs.nix" = thisFile; };
    expected = { };
  };
  areNotWhenAFileIsAnother = {
    expr = currentOf { "default.nix" = thisFile; };
    expected.current = true;
  };
  areNotWhenAFileIsGone = {
    expr = currentOf { "gone.nix" = thisFile; };
    expected.current = true;
  };
}
