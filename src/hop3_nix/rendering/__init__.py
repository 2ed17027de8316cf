"""From a plan to a Nix expression, through one serialiser."""
