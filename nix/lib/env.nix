# What a development shell has on PATH: nix-shell hop3.nix -A env. Built, it is one `bin`.
{ pkgs, safeName }:
{
  name,
  packages,
}:
let
  # What a shell needs may be more than what the application has.
  forShell = builtins.concatMap (package: package.forShell or [ package ]) packages;
in
pkgs.runCommand "${safeName 50 name}-env"
  {
    nativeBuildInputs = forShell;
    packages = forShell;
  }
  ''
    mkdir -p $out/bin
    for package in $packages; do
      for program in $package/bin/*; do
        [ -e "$out/bin/''${program##*/}" ] || ln -s "$program" $out/bin/
      done
    done
  ''
