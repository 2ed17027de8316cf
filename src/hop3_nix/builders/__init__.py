"""What makes an artifact of a plan: Nix, or the programs of this machine."""
