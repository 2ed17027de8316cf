"""From an application to an artifact: what is built with what, and whether it has to be."""
