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
  language = hop3.bun {
    interpreter = pkgs.bun;
  };

  deps = language.mkDeps {
    name = "bun-hono";
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
    buildFiles = [
      (hop3.fetchLocked {
        name = "nanoevents-9.1.0.tgz";
        url = "https://index.example/nanoevents-9.1.0.tgz";
        hash = "sha512-Jd0fILWG44a9luj8v5kED4WI+zfkkgwKyRQKItTtlPfEsh7Lznfi1kr8/iZ+XAIss4Qq5GqRB0qtWbaz9ceO/A==";
      })
    ];
    modules = {
      "node_modules/hono" = "hono-4.13.19.tgz";
      "node_modules/ms" = "ms-2.1.3.tgz";
    };
    buildModules = {
      "node_modules/nanoevents" = "nanoevents-9.1.0.tgz";
    };
    compile = false;
  };

  app = language.mkApp {
    name = "bun-hono";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "bun run build" ];
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
    name = "bun-hono";
    version = "1.0.0";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [
        "NODE_ENV"
        "DO_NOT_TRACK"
      ];
      path = [
        "${app}/app/node_modules/.bin"
        "${hop3.bun.runner}/bin"
        "${pkgs.bun}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "bun src/server.ts";
        tick = "bun src/tick.ts \"it ticks\"";
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
      Procfile = "c4782ee3ea469c71664f47e20a2faa473578705e5f3bc5b1fcf0e3e0c23d6b80";
      "bun.lock" = "a70becad4c66cd9c4a39e11c77b108558202a82b73035d4fa60dcf1e3db9eadd";
    };
  };

  env = hop3.mkEnv {
    name = "bun-hono";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
