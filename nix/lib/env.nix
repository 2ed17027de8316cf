# What a development shell has on PATH: nix-shell hop3.nix -A env. Built, it is one `bin`.
{ pkgs, safeName }:
{
  name,
  packages,
}:
pkgs.runCommand "${safeName 50 name}-env"
  {
    nativeBuildInputs = packages;
    inherit packages;
  }
  ''
    mkdir -p $out/bin
    for package in $packages; do
      for program in $package/bin/*; do
        [ -e "$out/bin/''${program##*/}" ] || ln -s "$program" $out/bin/
      done
    done
  ''
