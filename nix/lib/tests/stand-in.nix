# A package set that builds nothing: what a function passes on can be read from its result.
let
  package =
    name: attributes:
    derivation {
      inherit name;
      system = "x86_64-linux";
      builder = "/none";
    }
    // attributes;
  record =
    compiler: name: attributes: command:
    derivation (
      removeAttrs attributes [
        "meta"
        "passthru"
      ]
      // {
        inherit name command;
        system = "x86_64-linux";
        builder = "/none";
      }
    )
    // attributes.passthru or { }
    // {
      inherit command compiler;
      given = attributes;
    };
  python = package "python313" {
    interpreter = "${package "python313" { }}/bin/python3.13";
    pkgs.pip = package "pip" { };
    runsForeignWheels = true;
  };
in
{
  autoPatchelfHook = package "auto-patchelf-hook" { };
  bash = package "bash" { };
  cmake = package "cmake" { };
  gnumake = package "gnumake" { };
  meson = package "meson" { };
  ninja = package "ninja" { };
  pkg-config = package "pkg-config" { };
  bun = package "bun" { };
  deno = package "deno" { };
  coreutils = package "coreutils" { };
  cacert = package "cacert" { };
  jdk21_headless = package "jdk21" {
    version = "21.0.1";
    home = "/jdk21";
  };
  dejavu_fonts = package "dejavu" { };
  lib.escapeShellArg = text: "'${text}'";
  nginx = package "nginx" { };
  runtimeShell = "/bin/bash";
  nss_wrapper = package "nss_wrapper" { };
  nodejs-slim_22 = package "nodejs-slim_22" { };
  nodejs_22 = package "nodejs_22" { };
  patchelf = package "patchelf" { };
  php84 = package "php84" {
    buildEnv =
      { extensions, extraConfig }:
      package "php-with-extensions" {
        inherit extraConfig;
        asked = extensions {
          enabled = [ "enabled" ];
          all.intl = "intl";
        };
      };
    packages.composer = package "composer" { };
  };
  python3 = python;
  python313 = python;
  foreign = removeAttrs python [ "runsForeignWheels" ];
  cargo = package "cargo" { };
  go_1_24 = package "go" { version = "1.24.4"; };
  rustc = package "rustc" { version = "1.96.0"; };
  ruby_3_3 = package "ruby33" { runsForeignGems = true; };
  ruby_foreign = package "ruby33" { };
  runCommand = record false;
  runCommandCC = record true;
  stdenv.cc = package "gcc" { cc.lib = package "gcc-lib" { }; };
  stdenv.hostPlatform.system = "x86_64-linux";
  unzip = package "unzip" { };
  zlib = package "zlib" { };
}
