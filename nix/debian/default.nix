# The embedded Debian package set: the nixpkgs attributes that nix/lib asks for, made of .deb
# files. docs/package-sets.md says what it offers and how it is kept up to date.
{
  state ? import ./state.nix,
  # Written by `hop3-nix packages refresh`.
  lock ? state + "/debian/lock.json",
  # Archive name to address; no part of any store path.
  mirrors ? builtins.fromJSON (builtins.readFile (dirOf lock + "/mirrors.json")),
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

  # A static program, which stands in a directory of its name beside the lock.
  program =
    name:
    builtins.path {
      inherit name;
      path = dirOf lock + "/${name}";
      recursive = true;
      inherit (locked.${name}) sha256;
    };

  # No derivation has the shell: it is the sandbox's /bin/sh, and only has to be in the store.
  seed = builtins.seq (if locked.shell or null == null then null else program "shell") (
    program "seed"
  );

  definition = import ./definition.nix;

  # Debian's packages that applications have named. Written when one names the first.
  packages = dirOf lock + "/packages.json";
  named =
    let
      written = builtins.fromJSON (builtins.readFile packages);
    in
    if builtins.pathExists packages && written.definition == locked.definition then
      written.packages
    else
      { };

  layers = import ./groups.nix {
    lock = locked;
    inherit named;
    inherit
      definition
      platform
      seed
      system
      ;
    fetchDeb = import ./fetch.nix { inherit mirrors; };
  };

  # The files that a language's interpreters are in, by attribute, if its folder has a wheels.json or
  # an npm.json.
  # Written when an application of that language is built for the first time.
  wheelsOf =
    language:
    let
      file = dirOf lock + "/${language}.json";
    in
    if builtins.pathExists file then
      builtins.mapAttrs (
        _: wheel:
        wheel
        // {
          src = import <nix/fetchurl.nix> {
            name = builtins.replaceStrings [ "@" ] [ "" ] wheel.filename;
            inherit (wheel) url;
            sha256 = wheel.sha256 or "";
            hash = wheel.hash or "";
          };
        }
      ) (builtins.fromJSON (builtins.readFile file)).files
    else
      throw ''
        the Debian package set has no lock of ${language} at ${toString file}.
        Run: hop3-nix packages refresh
      '';
in
import ./packages.nix {
  lock = locked;
  inherit (layers) groups named;
  namedFiles = named;
  inherit
    definition
    platform
    system
    wheelsOf
    ;
}
