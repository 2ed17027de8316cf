# One file that a lockfile pins, as one fixed-output derivation: Nix fetches it by itself, with no
# package and no shell. The file name that an installer needs is kept in `filename`, because the
# store does not accept every name.
{ safeName }:
{
  name,
  url,
  # One of both, as the lockfile has it: 64 hexadecimal digits, or `sha512-` and base 64.
  sha256 ? "",
  hash ? "",
}:
let
  digest = if hash == "" then { inherit sha256; } else { inherit hash; };
  fetched = import <nix/fetchurl.nix> (
    {
      name = safeName 200 name;
      inherit url;
    }
    // digest
  );
in
assert
  (
    if hash == "" then
      builtins.match "[0-9a-f]{64}" sha256 != null
    else
      sha256 == "" && builtins.match "sha(256|512)-[A-Za-z0-9+/]+=*" hash != null
  )
  || throw "fetchLocked: the digest of ${name} is neither a sha256 of 64 hexadecimal digits nor a hash such as sha512-…; copy it from the lockfile, or render the expression again: hop3-nix render -o hop3.nix";
fetched // { filename = name; }
