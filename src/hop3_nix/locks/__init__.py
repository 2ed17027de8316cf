"""One package per language, one reader per lockfile format; and our own hop3-nix.lock."""
