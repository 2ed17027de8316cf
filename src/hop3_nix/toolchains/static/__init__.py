"""Static sites: files, and the web server in front of them."""
