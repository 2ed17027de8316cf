# One file that a lockfile pins, as one fixed-output derivation: Nix fetches it by itself, with no
# package and no shell. The file name that an installer needs is kept in `filename`, because the
# store does not accept every name.
{ safeName }:
{
  name,
  url,
  sha256,
}:
let
  fetched = import <nix/fetchurl.nix> {
    name = safeName 200 name;
    inherit url sha256;
  };
in
assert
  builtins.match "[0-9a-f]{64}" sha256 != null
  || throw "fetchLocked: the sha256 of ${name} is not 64 hexadecimal digits; copy it from the lockfile, or render the expression again: hop3-nix render -o hop3.nix";
fetched // { filename = name; }
