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
  hasWhatAPackageSaysThatAShellNeeds = {
    expr =
      (hop3.mkEnv {
        name = "my app";
        packages = [ (pkgs.bash // { forShell = [ pkgs.coreutils ]; }) ];
      }).given.nativeBuildInputs;
    expected = [ pkgs.coreutils ];
  };
  hasThePackagesInAShell = {
    expr = env.given.nativeBuildInputs;
    expected = [
      pkgs.bash
      pkgs.coreutils
    ];
  };
}
