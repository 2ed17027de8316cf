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
  language = hop3.bun {
    interpreter = pkgs.bun;
  };

  deps = language.mkDeps {
    name = "hello-bun";
    files = [ ];
    compile = false;
  };

  app = language.mkApp {
    name = "hello-bun";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    BUN_OPTIONS = "--no-install";
    BUN_RUNTIME_TRANSPILER_CACHE_PATH = "0";
    NODE_ENV = "production";
    DO_NOT_TRACK = "1";
  };

  package = hop3.mkBundle {
    name = "hello-bun";
    version = "1.0.0";
    description = "A web application in Bun, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [
        "NODE_ENV"
        "DO_NOT_TRACK"
      ];
      path = [
        "${hop3.bun.runner}/bin"
        "${pkgs.bun}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "bun server.ts";
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
      Procfile = "b332be8452671bfa287a9e187f4320ede5f1b08d7d3ce1676ea146dafa872fca";
      "hop3.toml" = "3b7c25e9a7b9fb8de2d178cc65bbb95786c796c507a29e4266fe9a4fc29ed58f";
    };
  };

  env = hop3.mkEnv {
    name = "hello-bun";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
