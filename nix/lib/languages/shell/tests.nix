{ hop3, pkgs }:
{
  thereAreNoDependencies = {
    expr = (hop3.shell.mkDeps { name = "one"; }).command;
    expected = "mkdir $out";
  };
  anAppNeedsNoCompiler = {
    expr =
      (hop3.shell.mkApp {
        name = "my scripts";
        src = ./tests.nix;
      }).compiler;
    expected = false;
  };
}
