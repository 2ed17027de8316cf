# What a build with these packages finds: PATH, where headers, libraries and .pc files are. For what
# has to run outside of a build, such as a back end that is asked for its requirements when locking.
pkgs: packagesOf:
pkgs.runCommandCC "build-environment"
  {
    nativeBuildInputs = packagesOf pkgs;
    buildInputs = packagesOf pkgs;
  }
  ''
    env -0 | grep -zE '^(PATH|CC|CXX|PKG_CONFIG_PATH[A-Za-z0-9_]*|NIX_(CC|CFLAGS|LDFLAGS|PKG)[A-Za-z0-9_]*)=' |
      sort -z >$out
  ''
