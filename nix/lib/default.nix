# The functions that rendered expressions call: a table from name to file.
#
# Of `pkgs` they ask for no more than this, by the names of nixpkgs:
#   bash, coreutils         on the PATH of what is built
#   python3                 runs the steps in scripts/ and the post-build step; never in a result
#   runCommand              for what needs no compiler
#   runCommandCC            with a C compiler, for source distributions and projects
#   python3XX, its pkgs.pip the interpreters; `runsForeignWheels = true` on one says that compiled
#                           wheels find their libraries without being patched
#   nginx, nss_wrapper      serve static sites
#   autoPatchelfHook, stdenv.cc.cc.lib, zlib   only for interpreters that do not say so
#   nodejs-slim_XX, nodejs_XX   Node alone, and with npm; patchelf for programs that packages bring
#   hop3Environment         optional: variables that whatever runs from this set needs
#   what an application's own configuration names
{ pkgs }:
let
  joinPath = import ./join-path.nix;
  safeName = import ./safe-name.nix;
  storePaths = import ./store-paths.nix;

  setEnvironment = pkgs.hop3Environment or { };

  # A copy of the library has the step beside it, a checkout has it among the modules.
  postbuild = builtins.path {
    name = "hop3-postbuild";
    path = if builtins.pathExists ../postbuild then ../postbuild else ../../src/hop3_nix/postbuild;
    filter = path: _: baseNameOf path != "__pycache__";
  };

  # Each folder of languages/ is one language, known to expressions by the folder's name.
  languages = builtins.mapAttrs (
    name: _:
    import (./languages + "/${name}") {
      inherit
        joinPath
        pkgs
        safeName
        setEnvironment
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
        ;
    };
    mkEnv = import ./env.nix { inherit pkgs safeName; };
    inherit joinPath safeName storePaths;
  };
in
hop3
