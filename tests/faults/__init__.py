"""What goes wrong, done on purpose under load, and the page that tells what came of it."""
