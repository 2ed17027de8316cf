"""``[nix] template``: the recipes of a Hop3 server, read as what they mean."""
