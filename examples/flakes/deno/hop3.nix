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
  language = hop3.deno {
    interpreter = pkgs.deno;
  };

  deps = language.mkDeps {
    name = "hello-deno";
    files = [ ];
  };

  app = language.mkApp {
    name = "hello-deno";
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
    DENO_NO_PROMPT = "1";
    DENO_NO_UPDATE_CHECK = "1";
    DENO_ENV = "production";
    DENO_DIR = "${deps}/deno";
    JSR_URL = "https://jsr.invalid/";
    NPM_CONFIG_REGISTRY = "http://npm.invalid/";
  };

  package = hop3.mkBundle {
    name = "hello-deno";
    version = "1.0.0";
    description = "A web application in Deno, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [ "DENO_ENV" ];
      path = [
        "${pkgs.deno}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "deno serve --port $PORT server.ts";
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
      Procfile = "84f5080ca7c96d8c4a5346f6a4ba39dfa38801f4bf11efbfba30facb78446f62";
      "hop3.toml" = "2bde99e5ae1a64989dd41ff619322adfc3540ac4ecffa35601541eb8fb663068";
    };
  };

  env = hop3.mkEnv {
    name = "hello-deno";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
