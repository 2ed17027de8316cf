# An OCI image of a package: its closure, a layer per store path, and beside it only what every
# program expects of a system: /bin/sh, names of users, a place to write to. The result is one file, an archive of the image's layout.
{ pkgs, safeName }:
{
  package,
  # The worker that the image starts unless its first argument names another one.
  worker ? null,
  # What it is called where it is loaded; of its own the application's name and version.
  name ? package.name,
  tag ? null,
  # Labels beside those that it has of itself, which they win over.
  labels ? { },
  # What a container starts instead of a worker: a list of words.
  entrypoint ? [ ],
  # Whether paths of [static] are known to be served by what is in front of the container.
  staticElsewhere ? false,
  # The smallest paths share a layer when there are more than this; Docker takes 127.
  maxLayers ? 100,
  # The port that the worker is told unless it is given another.
  port ? 8000,
}:
let
  inherit (builtins) attrNames head;

  workers = attrNames package.runtime.workers or { };
  # Those that are files have no program to start.
  started = builtins.filter (name: !(builtins.elem name package.runtime.files or [ ])) workers;
  chosen =
    if worker != null then
      worker
    else if builtins.elem "web" started || started == [ ] then
      "web"
    else
      head started;
  version = package.meta.version or "";
  static = attrNames package.runtime.static_paths or { };
  warning = "warning: ${package.name} has static paths (${toString static}), which nothing in its image serves; with staticElsewhere = true they are left to what is in front of it";
in
assert
  maxLayers >= 2 && maxLayers <= 127
  || throw "mkImage: maxLayers is ${toString maxLayers}; it has to be from 2 to 127";
assert
  package.runtime.writable_tree or "" == ""
  || throw "mkImage: ${package.name} writes all over its tree, which is read-only in an image";
assert
  entrypoint != [ ]
  || builtins.elem chosen started
  || throw "mkImage: ${package.name} has no worker ${chosen} to start; it has: ${toString started}";
(if static == [ ] || staticElsewhere then (image: image) else builtins.trace warning)
(pkgs.runCommand "${safeName 50 package.name}-image.tar"
  {
    image = builtins.toJSON {
      inherit
        entrypoint
        labels
        maxLayers
        name
        port
        ;
      title = package.name;
      # What changes with each version of the application.
      app = if package ? app then "${package.app}" else "";
      enter = "${./enter.sh}";
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
      # Directories of its tree that the application writes to.
      writable = package.runtime.writable or [ ];
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
  '')
