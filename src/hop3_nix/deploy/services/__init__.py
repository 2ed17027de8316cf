"""What keeps the workers of a release running on this machine."""
