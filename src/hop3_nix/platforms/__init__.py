"""What other platforms' files say of an application, as a hop3.toml: `hop3-nix init`."""
