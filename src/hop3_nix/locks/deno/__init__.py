"""The lockfile of Deno: packages of npm and JSR, and modules by their addresses."""
