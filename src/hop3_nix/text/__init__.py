"""Text: what is printed, lines of output, paths of URLs."""
