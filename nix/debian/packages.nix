# From layers to nixpkgs attribute names. Those that are a layer as it is stand in attributes.json,
# which is also where the command line reads what there is.
{
  groups,
  lock,
  system,
  platform,
  nodejsPins,
}:
let
  attributes = builtins.fromJSON (builtins.readFile ./attributes.json);

  # The upstream version of a package: without epoch, Debian revision and what Debian repacked.
  versionOf =
    group: package:
    let
      file = builtins.head (builtins.filter (file: file.package == package) lock.groups.${group});
    in
    builtins.elemAt (builtins.match "([0-9]+:)?([^-+~]*).*" file.version) 1;

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

  layers = builtins.mapAttrs mkPackage (
    builtins.removeAttrs attributes (
      builtins.filter (name: attributes.${name} == { }) (builtins.attrNames attributes)
    )
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
    inherit (groups) gcc glibc stdcxx;
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

  mkPython = import ./python.nix { inherit cacert runCommand; };
  pythonOf =
    name: package:
    mkPython {
      group = groups.${name};
      headers = groups."${name}-dev";
      wheels = groups."${name}-pip";
      version = versionOf name package;
    };

  python311 = pythonOf "python311" "python3.11";
  python313 = pythonOf "python313" "python3.13";

  nodejs = import ./nodejs.nix {
    inherit
      groups
      platform
      runCommand
      system
      ;
    pins = nodejsPins;
  };
in
trivial
// layers
// nodejs
// {
  inherit
    gcc
    groups
    libpq
    python311
    python313
    stdenv
    stdenvNoCC
    system
    ;
  python3 = python313;
  runtimeShell = shell;
  lib = import ./lib.nix { inherit (platform) libdir; };

  inherit cacert;

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
}
