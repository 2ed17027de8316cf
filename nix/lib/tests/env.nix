{ hop3, pkgs }:
let
  env = hop3.mkEnv {
    name = "my app";
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
  };
in
{
  isNamedAfterTheApplication = {
    expr = env.name;
    expected = "my-app-env";
  };
  hasThePackagesInAShell = {
    expr = env.given.nativeBuildInputs;
    expected = [
      pkgs.bash
      pkgs.coreutils
    ];
  };
}
