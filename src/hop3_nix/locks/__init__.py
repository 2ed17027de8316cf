"""One reader per lockfile format."""
