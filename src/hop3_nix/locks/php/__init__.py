"""Lockfiles of PHP: composer.lock, and what hop3-nix.lock adds to it."""
