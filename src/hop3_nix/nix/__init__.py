"""Driving Nix: its commands, what they print, what they refuse, its stores and its users."""
