# The embedded Debian package set: the nixpkgs attributes that nix/lib asks for, made of .deb
# files. docs/package-sets.md says what it offers and how it is kept up to date.
{
  state ? import ./state.nix,
  # Written by `hop3-nix packages refresh`.
  lock ? state + "/debian/lock.json",
  # Archive name to address; no part of any store path.
  mirrors ? builtins.fromJSON (builtins.readFile (dirOf lock + "/mirrors.json")),
  # Written when a Node application is built for the first time.
  nodejsPins ? dirOf lock + "/nodejs.json",
  system ? builtins.currentSystem,
}:
let
  locked =
    if builtins.pathExists lock then
      builtins.fromJSON (builtins.readFile lock)
    else
      throw ''
        the Debian package set has no lock at ${toString lock}.
        Run: hop3-nix packages refresh
      '';

  platform = (import ./platform.nix).${system} or (throw "the Debian package set has no ${system}");

  seed = builtins.path {
    name = "seed";
    path = dirOf lock + "/seed";
    recursive = true;
    inherit (locked.seed) sha256;
  };

  groups = import ./groups.nix {
    lock = locked;
    inherit seed system platform;
    fetchDeb = import ./fetch.nix { inherit mirrors; };
  };
in
import ./packages.nix {
  lock = locked;
  inherit
    groups
    nodejsPins
    platform
    system
    ;
}
