# C and C++: mkApp is the application's tree in which CMake, Meson or make has built. Libraries come
# from the package set; what only the build needs of what it makes is left out of the result.
{
  mkTree,
  pkgs,
  programs,
  ...
}:
let
  systems = {
    cmake = [
      pkgs.cmake
      pkgs.gnumake
      pkgs.ninja
      pkgs.pkg-config
    ];
    make = [
      pkgs.gnumake
      pkgs.pkg-config
    ];
    meson = [
      pkgs.meson
      pkgs.ninja
      pkgs.pkg-config
    ];
  };
  keepPrograms = programs.scriptsIn "c-scripts" ".*/keep_programs\\.py" ./.;
in
{
  # There is nothing to lock.
  mkDeps = _: pkgs.runCommand "no-deps" { } "mkdir $out";

  mkApp =
    arguments@{
      # cmake, meson or make.
      buildSystem,
      packages ? [ ],
      buildPackages ? [ ],
      ...
    }:
    mkTree (
      removeAttrs arguments [
        "buildSystem"
        "deps"
      ]
      // {
        tools = systems.${buildSystem};
        buildTools = systems.${buildSystem};
        # Headers and libraries, for whichever of both hop3.toml names them.
        settings.buildInputs = packages ++ buildPackages;
        before = "source ${./find_libraries.sh}";
        after = "${programs.python3} ${keepPrograms}/keep_programs.py $out ${arguments.src}";
        make = pkgs.runCommandCC;
      }
    );
}
