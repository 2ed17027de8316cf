"""go.mod, go.sum and go.work, and what hop3-nix.lock adds to them."""
