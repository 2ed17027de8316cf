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
      }).given.shellHook;
    expected = "export PATH=${pkgs.coreutils}/bin:$PATH\n";
  };
  hasTheVariablesOfWorkersWithTheTreeThatIsWorkedOn = {
    expr =
      (hop3.mkEnv {
        name = "my app";
        packages = [ ];
        environment = app: {
          GREETING = "it's";
          PYTHONPATH = [
            "${app}/app/src"
            "${app}/lib/python"
            "/x"
          ];
          ONLY_BUILT = "${app}/lib";
          "not a name" = "";
        };
      }).given.shellHook;
    expected = "[ -n \"\${GREETING+set}\" ] || export GREETING='it'\\''s'\n[ -n \"\${PYTHONPATH+set}\" ] || export PYTHONPATH=''\"$PWD\"'/src:/x'\n";
  };
  hasWhatAPackageSaysOfVariables = {
    expr =
      (hop3.mkEnv {
        name = "my app";
        packages = [ (pkgs.bash // { forShellEnvironment.MODE = "development"; }) ];
        environment = _app: { MODE = "production"; };
      }).given.shellHook;
    expected = "export PATH=${pkgs.bash}/bin:$PATH\n[ -n \"\${MODE+set}\" ] || export MODE='development'\n";
  };
  hasThePackagesInAShell = {
    expr = env.given.shellHook;
    expected = "export PATH=${pkgs.bash}/bin:${pkgs.coreutils}/bin:$PATH\n";
  };
  runsNoSetupHookOfAPackage = {
    expr = env.given ? nativeBuildInputs || env.given ? buildInputs;
    expected = false;
  };
}
