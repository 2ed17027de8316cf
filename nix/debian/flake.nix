# The set as a flake, with its lock inside, so that it is evaluated purely:
#
#   hop3-nix packages flake ~/debian-set
#   nix build --override-input nixpkgs path:$HOME/debian-set
#
# That copies this directory and puts the lock into pins/. Here, where there is none, the flake takes
# the one of the state directory, which Nix allows with --impure alone.
{
  description = "Debian's packages by the names of nixpkgs";

  outputs =
    _:
    let
      pins = ./pins;
      isComplete = builtins.pathExists pins;
      lock = pins + "/lock.json";
      system =
        if isComplete then
          (builtins.fromJSON (builtins.readFile lock)).system
        else
          builtins.currentSystem;

      packages = import ./. ({ inherit system; } // (if isComplete then { inherit lock; } else { }));

      # Where the wheels are that hop3-nix itself is made of; see nix/package.nix.
      ownWheels = pins + "/hop3-nix.json";
      own =
        if isComplete && builtins.pathExists ownWheels then
          { hop3NixWheels = builtins.fromJSON (builtins.readFile ownWheels); }
        else
          { };
    in
    assert
      isComplete
      || builtins ? currentSystem
      || throw ''
        this Debian package set has no lock with it.
        Write one that has, and give Nix that: hop3-nix packages flake DIR
        (with --impure, the lock of the state directory is taken)
      '';
    {
      legacyPackages.${system} =
        packages
        // own
        // {
          # `nix develop` starts it; Debian's bash is made with readline.
          bashInteractive = packages.bash;
        };
    };
}
