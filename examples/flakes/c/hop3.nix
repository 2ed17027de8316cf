# Rendered by hop3-nix 0.1.0 from the application's source and its lockfile.
#
#   build it         nix-build hop3.nix -A package
#   start and ask it nix-build hop3.nix -A tests
#   an OCI image     nix-build hop3.nix -A image
#   work on the app  nix-shell hop3.nix -A env
#   render it again  hop3-nix render -o hop3.nix   (changes made here by hand are lost)
{
  pkgs ? import ./hop3-nix/debian { },
  hop3 ? import ./hop3-nix/lib { inherit pkgs; },
  src ? ./.,
}:
let
  language = hop3.c;

  deps = language.mkDeps {
    name = "hello-c";
    files = [ ];
  };

  app = language.mkApp {
    name = "hello-c";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "make -j \"\${NIX_BUILD_CORES:-2}\"" ];
    buildSystem = "make";
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
  };

  package = hop3.mkBundle {
    name = "hello-c";
    description = "A web application in C, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "./server";
      };
      healthcheck_path = "/";
    };
  };
in
hop3.mkOutputs {
  inherit package;

  # What this was rendered from: whoever builds it is told when that has changed.
  rendered = {
    inherit src;
    digests = {
      Procfile = "1d7fe33e569605c5d009ffd4cfd6c30e8113d630be49e78299c6105be28c4182";
      "hop3.toml" = "57b0d2661c7892e308a56fbc0c5632152894d828b865d73251e324d182baddd7";
    };
  };

  env = hop3.mkEnv {
    name = "hello-c";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
