# An OCI image of a package: its closure, a layer per store path, and beside it only what every
# program expects of a system: /bin/sh, names of users, a place to write to. The result is one file, an archive of the image's layout.
{ pkgs, safeName }:
{
  package,
  # The worker that the image starts; the others are started by naming their launchers.
  worker ? null,
  tag ? null,
  # The smallest paths share a layer when there are more than this.
  maxLayers ? 100,
  # The port that the worker is told unless it is given another.
  port ? 8000,
}:
let
  inherit (builtins) attrNames head;

  workers = attrNames package.runtime.workers or { };
  chosen =
    if worker != null then
      worker
    else if builtins.elem "web" workers || workers == [ ] then
      "web"
    else
      head workers;
  version = package.meta.version or "";
in
assert
  builtins.elem chosen workers
  || throw "mkImage: ${package.name} has no worker ${chosen}; it has: ${toString workers}";
pkgs.runCommand "${safeName 50 package.name}-image.tar"
  {
    image = builtins.toJSON {
      inherit maxLayers port;
      inherit (package) name;
      inherit (pkgs.stdenv.hostPlatform) system;
      bundle = "${package}";
      # What system() and `#!` lines expect of any system; every closure has both.
      programs = {
        "bin/sh" = "${pkgs.bash}/bin/bash";
        "usr/bin/env" = "${pkgs.coreutils}/bin/env";
      };
      description = package.meta.description or "";
      store = builtins.storeDir;
      tag =
        if tag != null then
          tag
        else if version != "" then
          version
        else
          "latest";
      inherit version workers;
      worker = chosen;
    };
    passAsFile = [ "image" ];
    exportReferencesGraph = [
      "closure-0"
      package
      "closure-1"
      pkgs.bash
      "closure-2"
      pkgs.coreutils
    ];
    passthru = {
      inherit package;
      worker = chosen;
    };
  }
  ''
    ${pkgs.python3.interpreter} -B ${./oci_image.py} "$imagePath" $out closure-*
  ''
