"""Files: read within limits, written whole, and those that travel with the package."""
