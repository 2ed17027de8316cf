{ hop3, pkgs }:
let
  outputs = hop3.mkOutputs {
    package = pkgs.bash // {
      runtime.workers.web = "x";
    };
    env = pkgs.coreutils;
  };
in
{
  areThese = {
    expr = builtins.attrNames outputs;
    expected = [
      "closureInfo"
      "devShell"
      "env"
      "image"
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
}
