# Debian's compilers by the names of nixpkgs.
{
  groups,
  pkgs,
  versions,
  ...
}:
let
  mkCompiler = import ./compiler.nix { inherit (pkgs) runCommand; };

  go_1_24 = mkCompiler {
    group = groups.go124;
    version = versions.go_1_24;
  };
in
{
  inherit go_1_24;
  go = go_1_24;
}
