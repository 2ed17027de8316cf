# Bun's own builds.
set:
import ../../npm-program.nix set {
  pname = "bun";
  listed = ./npm.json;
  path = "bin/bun";
  alsoCalled = [ "bunx" ];
}
