"""Gemfile.lock, and what hop3-nix.lock adds to it."""
