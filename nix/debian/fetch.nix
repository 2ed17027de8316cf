# One .deb as a fixed-output derivation. The mirror is no part of the result: another one gives
# the same store paths.
{ mirrors }:
file:
let
  nameOf = path: builtins.replaceStrings [ "%" "~" ] [ "-" "-" ] (baseNameOf path);
in
import <nix/fetchurl.nix> {
  name = nameOf file.path;
  url = "${mirrors.${file.archive}}/${file.path}";
  inherit (file) sha256;
}
