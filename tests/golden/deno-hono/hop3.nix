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
  language = hop3.deno {
    interpreter = pkgs.deno;
  };

  deps = language.mkDeps {
    name = "deno-hono";
    files = [
      (hop3.fetchLocked {
        name = "hono-4.13.19.tgz";
        url = "https://index.example/hono-4.13.19.tgz";
        hash = "sha512-KmXvQAXwcAHV+muzbIwoJ23niEB5nMoDVr9WcRkU8mvjUECm/1+7v4Jgp7P7a+H6MLFrh+vXrGonGrGS+RQfkA==";
      })
      (hop3.fetchLocked {
        name = "ms-2.1.3.tgz";
        url = "https://index.example/ms-2.1.3.tgz";
        hash = "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==";
      })
    ];
    npm = {
      "hono@4.13.19" = "hono-4.13.19.tgz";
      "ms@2.1.3" = "ms-2.1.3.tgz";
    };
  };

  app = language.mkApp {
    name = "deno-hono";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "deno task build" ];
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
    name = "deno-hono";
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
        web = "deno serve --allow-read=public --allow-env --port $PORT src/server.ts";
        tick = "deno run src/tick.ts \"it ticks\"";
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
      Procfile = "2291b8a5f44a8d33fb7bf39720c07f212aef870f208a037fc076dc31a66e880d";
      "deno.lock" = "8b595bb90f496e5aaf8ad92953ae365818db80766c4ee6aab8a48774611f69f5";
    };
  };

  env = hop3.mkEnv {
    name = "deno-hono";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
