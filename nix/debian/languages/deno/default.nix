# Deno's own builds.
set:
import ../../npm-program.nix set {
  pname = "deno";
  listed = ./npm.json;
  path = "deno";
}
