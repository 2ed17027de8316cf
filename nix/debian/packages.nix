# From layers to nixpkgs attribute names. Those that are a layer as it is stand in attributes.json,
# which is also where the command line reads what there is.
{
  definition,
  groups,
  # Packages that applications have named, and the files that they are made of.
  named,
  namedFiles,
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
      hasMultiarch = true;
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

  # By Debian's names, and by those of nixpkgs where these are other ones.
  ofDebian =
    let
      environmentOf =
        name:
        let
          has = file: definition.environment.${file.package} or { };
          said = builtins.foldl' (all: file: all // has file) { } namedFiles.${name}.runtime;
        in
        builtins.mapAttrs (_: place: "${named.${name}}/${place}") said;
      mkNamed =
        name: package:
        package
        // {
          pname = name;
          hop3Environment = environmentOf name;
          # Libraries are in a folder of their system, as Debian has them.
          hasMultiarch = true;
          meta.mainProgram = name;
        };
      own = builtins.mapAttrs mkNamed named;
      alias = name: {
        inherit name;
        value = own.${definition.aliases.${name}};
      };
      isThere = name: own ? ${definition.aliases.${name}};
      # An attribute's name ends at a dot: libpango1.0-dev is "0-dev" of libpango1.
      nested =
        all: name:
        let
          parts = builtins.match "([^.]+)[.](.+)" name;
          first = builtins.head parts;
          rest = builtins.elemAt parts 1;
        in
        if parts == null then
          all // { ${name} = own.${name}; }
        else
          all // { ${first} = all.${first} or { } // below rest own.${name}; };
      below =
        path: package:
        let
          parts = builtins.match "([^.]+)[.](.+)" path;
        in
        if parts == null then
          { ${path} = package; }
        else
          { ${builtins.head parts} = below (builtins.elemAt parts 1) package; };
    in
    builtins.foldl' nested { } (builtins.attrNames own)
    // builtins.listToAttrs (
      map alias (builtins.filter isThere (builtins.attrNames definition.aliases))
    );

  pkgs =
    ofDebian
    // trivial
    // layers
    // builtins.foldl' (all: more: all // more) { } languages
    // {
      # By Debian's name too: its own pg_config wants Perl, and knows /usr alone.
      libpq-dev = libpq;
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
