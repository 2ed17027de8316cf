"""Releases of an app on one host: what is installed, what runs, and how one replaces another."""
