# Written by hop3-nix 0.1.0; it is yours to change.
#
#   build it             nix build
#   run it on port 8000  nix run
#   start it and ask it  nix flake check
#   an OCI image         nix build .#image
#   work on the app      nix develop
#
# How the app is built stands in hop3.nix. When the Procfile, hop3.toml or the lockfile changes, write
# that again: hop3-nix render -o hop3.nix
{
  description = "A web application in Deno, built by hop3-nix";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    hop3-nix.url = "hop3-nix";
    hop3-nix.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, hop3-nix, ... }:
    hop3-nix.lib.appFlake {
      inherit nixpkgs;
      expression = ./hop3.nix;
      # What the lockfile's files were chosen for.
      systems = [ "x86_64-linux" ];
    };
}
