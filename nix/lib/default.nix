# The functions that rendered expressions call: a table from name to file.
#
# What they ask of `pkgs` stands in docs/package-sets.md, "Any other package set".
{ pkgs }:
let
  joinPath = import ./join-path.nix;
  safeName = import ./safe-name.nix;
  storePaths = import ./store-paths.nix;

  # Variables that whatever runs with these packages of the application's needs, beyond its own.
  libraryPath = import ./library-path.nix { inherit pkgs; };
  setEnvironment =
    packages:
    builtins.foldl' (all: package: all // package.hop3Environment or { }) (
      pkgs.hop3Environment or { } // libraryPath packages
    ) packages;
  programs = import ./programs.nix { inherit pkgs; };
  mkTree = import ./tree.nix {
    inherit
      joinPath
      pkgs
      programs
      safeName
      setEnvironment
      ;
  };

  # A copy of the library has them beside it, a checkout has them among the modules.
  modulesOf =
    name: beside: inCheckout:
    builtins.path {
      name = "hop3-${name}";
      path = if builtins.pathExists beside then beside else inCheckout;
      filter = path: _: baseNameOf path != "__pycache__";
    };
  postbuild = modulesOf "postbuild" ../postbuild ../../src/hop3_nix/postbuild;
  workers = modulesOf "workers" ../workers ../../src/hop3_nix/workers;

  # Each folder of languages/ is one language, known to expressions by the folder's name.
  languages = builtins.mapAttrs (
    name: _:
    import (./languages + "/${name}") {
      inherit
        mkTree
        pkgs
        programs
        safeName
        ;
    }
  ) (builtins.readDir ./languages);

  hop3 = languages // {
    cleanSource = import ./clean-source.nix;
    # A directory that holds the application's files and nothing else.
    snapshot = path: { snapshot = path; };
    fetchLocked = import ./fetch-locked.nix { inherit safeName; };
    mkBundle = import ./bundle.nix {
      inherit
        joinPath
        pkgs
        postbuild
        safeName
        setEnvironment
        storePaths
        workers
        ;
    };
    mkClosureInfo = import ./closure-info { inherit pkgs safeName; };
    mkEnv = import ./env.nix {
      inherit
        joinPath
        pkgs
        safeName
        setEnvironment
        ;
    };
    mkImage = import ./image { inherit pkgs safeName; };
    mkOutputs = import ./outputs.nix { inherit (hop3) mkClosureInfo mkImage mkTests; };
    mkTests = import ./start-test { inherit pkgs safeName; };
    inherit (import ./stages.nix { inherit pkgs safeName; }) below mkStage sourceIn withStages;
    inherit joinPath safeName storePaths;
  };
in
hop3
