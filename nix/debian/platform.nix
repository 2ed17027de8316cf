# Where Debian keeps things on each system, relative to a layer, and what it calls that.
{
  x86_64-linux = {
    arch = "amd64";
    libdir = "lib/x86_64-linux-gnu";
    loader = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";
    triple = "x86_64-linux-gnu";
  };

  # Not tried yet: there was no such machine.
  aarch64-linux = {
    arch = "arm64";
    libdir = "lib/aarch64-linux-gnu";
    loader = "lib/aarch64-linux-gnu/ld-linux-aarch64.so.1";
    triple = "aarch64-linux-gnu";
  };
}
