# From layers to nixpkgs attribute names. Those that are a layer as it is stand in attributes.json,
# which is also where the command line reads what there is.
{
  definition,
  groups,
  lock,
  system,
  platform,
  wheelsOf,
}:
let
  inherit (definition) attributes;

  upstreamVersion = import ./upstream-version.nix;

  versionOf =
    group: package:
    let
      file = builtins.head (builtins.filter (file: file.package == package) lock.groups.${group});
    in
    upstreamVersion file.version;

  mkPackage =
    attribute:
    {
      group,
      package,
      dev ? null,
      mainProgram ? attribute,
    }:
    groups.${group}
    // {
      pname = attribute;
      version = versionOf group package;
      meta = { inherit mainProgram; };
    }
    // (if dev == null then { } else { dev = groups.${dev}; });

  having =
    key:
    builtins.removeAttrs attributes (
      builtins.filter (name: !(attributes.${name} ? ${key})) (builtins.attrNames attributes)
    );

  layers = builtins.mapAttrs mkPackage (having "group");

  # Version of each interpreter that a layer holds, by attribute.
  versions = builtins.mapAttrs (_: made: versionOf made.offer.group made.offer.package) (
    having "offer"
  );

  shell = "${layers.bash}/bin/bash";

  mkStdenv = import ./stdenv {
    inherit system platform shell;
    initialPath = [
      groups.coreutils
      groups.base
      groups.bash
    ];
  };
  stdenvNoCC = mkStdenv { cc = null; };
  stdenv = mkStdenv { cc = gcc; };

  trivial = import ./trivial.nix { inherit stdenv stdenvNoCC shell; };
  inherit (trivial) runCommand;

  gcc = import ./stdenv/cc-wrapper.nix {
    inherit runCommand shell platform;
    inherit (groups)
      coreutils
      gcc
      glibc
      stdcxx
      ;
  };

  cacert = runCommand "cacert" { inherit (groups) cacert; } ''
    mkdir -p "$out/etc/ssl/certs"
    cat "$cacert"/share/ca-certificates/mozilla/*.crt >"$out/etc/ssl/certs/ca-bundle.crt"
  '';

  libpq = layers.libpq // {
    dev = import ./libpq.nix {
      inherit runCommand shell platform;
      inherit (layers) libpq;
      headers = groups.libpq-dev;
      required = groups.libraries-dev;
    };
  };

  # Each folder of languages/ adds the attributes that its default.nix returns.
  languages = map (
    name:
    import (./languages + "/${name}") {
      inherit
        groups
        pkgs
        platform
        versions
        ;
      wheels = wheelsOf name;
    }
  ) definition.languages;

  pkgs =
    trivial
    // layers
    // builtins.foldl' (all: more: all // more) { } languages
    // {
      inherit
        cacert
        gcc
        groups
        libpq
        stdenv
        stdenvNoCC
        system
        ;
      runtimeShell = shell;
      lib = import ./lib.nix { inherit (platform) libdir; };

      # Debian's C library looks for its locales in /usr/lib, where there are none.
      hop3Environment.LOCPATH = "${groups.glibc}/lib/locale";

      autoPatchelfHook = trivial.makeSetupHook {
        name = "auto-patchelf-hook";
        substitutions = {
          loader = "${groups.glibc}/${platform.loader}";
          stdcxx = "${groups.stdcxx}/${platform.libdir}";
          glibc = "${groups.glibc}/${platform.libdir}";
        };
      } ./stdenv/auto-patchelf.sh;
    };
in
pkgs
