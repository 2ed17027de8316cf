{ hop3, pkgs }:
let
  app =
    arguments:
    hop3.c.mkApp (
      {
        name = "my server";
        src = ./tests.nix;
        buildSystem = "cmake";
      }
      // arguments
    );
in
{
  thereAreNoDependencies = {
    expr = (hop3.c.mkDeps { name = "one"; }).command;
    expected = "mkdir $out";
  };
  anAppIsCompiled = {
    expr = (app { }).compiler;
    expected = true;
  };
  theToolsAreThoseOfTheBuildSystem = {
    expr = map (buildSystem: (app { inherit buildSystem; }).given.nativeBuildInputs) [
      "make"
      "meson"
    ];
    expected = [
      [
        pkgs.gnumake
        pkgs.pkg-config
      ]
      [
        pkgs.meson
        pkgs.ninja
        pkgs.pkg-config
      ]
    ];
  };
  librariesAreThoseOfBothKindsOfPackages = {
    expr =
      (app {
        packages = [ pkgs.zlib ];
        buildPackages = [ pkgs.unzip ];
      }).given.buildInputs;
    expected = [
      pkgs.zlib
      pkgs.unzip
    ];
  };
}
