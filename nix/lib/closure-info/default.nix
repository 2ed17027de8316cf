# What the closure of a package is: its store paths with their sizes, digests and references, in
# forms for people, programs and Nix.
{ pkgs, safeName }:
{ package }:
derivation {
  name = "${safeName 50 package.name}-closure-info";
  inherit (pkgs.stdenv.hostPlatform) system;
  # Python finds its library by the name it is called by, which Nix shortens.
  builder = "${pkgs.bash}/bin/bash";
  args = [
    "-c"
    "exec ${pkgs.python3.interpreter} -B ${./closure_info.py} ${package}"
  ];
  # Makes Nix tell the sizes and digests as well.
  __structuredAttrs = true;
  exportReferencesGraph.closure = [ package ];
}
