# Rendered by hop3-nix 0.1.0 from the application's source and its lockfile.
#
#   build it         nix-build hop3.nix -A package
#   start and ask it nix-build hop3.nix -A tests
#   an OCI image     nix-build hop3.nix -A image
#   work on the app  nix-shell hop3.nix -A env
#   render it again  hop3-nix render -o hop3.nix   (changes made here by hand are lost)
{
  pkgs ? import <nixpkgs> { },
  hop3 ? import ./hop3-nix/lib { inherit pkgs; },
  src ? ./.,
}:
let
  language = hop3.c;

  deps = language.mkDeps {
    name = "c-clock";
    files = [ ];
    buildPackages = [ pkgs.zlib ];
  };

  app = language.mkApp {
    name = "c-clock";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    buildPackages = [ pkgs.zlib ];
    inherit environment;
    buildSteps = [
      "cmake -S . -B build -DCMAKE_BUILD_TYPE=Release"
      "cmake --build build --parallel \"\${NIX_BUILD_CORES:-2}\""
    ];
    buildSystem = "cmake";
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
  };

  package = hop3.mkBundle {
    name = "c-clock";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "build/clock";
      };
    };
  };
in
hop3.mkOutputs {
  inherit package;

  # What this was rendered from: whoever builds it is told when that has changed.
  rendered = {
    inherit src;
    digests = {
      "hop3.toml" = "c9deed9e2a06a467310bdd12a1296eb7b09b3678d38372af60997d3f81ed360e";
    };
  };

  env = hop3.mkEnv {
    name = "c-clock";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
