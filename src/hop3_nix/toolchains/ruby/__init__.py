"""Ruby: from Gemfile, Gemfile.lock and vendor/cache to a plan."""
