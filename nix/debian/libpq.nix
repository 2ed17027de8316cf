# What compiling against libpq takes: Debian's headers, and a pg_config that knows where they are.
{
  runCommand,
  platform,
  shell,
  libpq,
  headers,
  # What its .pc file requires.
  required,
}:
runCommand "libpq-headers"
  {
    inherit
      headers
      libpq
      required
      shell
      ;
    inherit (libpq) version;
    inherit (platform) libdir;
    script = ./scripts/pg_config.sh;
  }
  ''
    mkdir -p "$out/bin" "$out/nix-support"
    echo "$required" >"$out/nix-support/propagated-build-inputs"
    ln -s "$headers/include" "$headers/lib" "$out"
    {
      echo "#!$shell"
      substitute "$script" /dev/stdout --subst-var libpq --subst-var headers \
        --subst-var libdir --subst-var version | cat
    } >"$out/bin/pg_config"
    chmod +x "$out/bin/pg_config"
  ''
