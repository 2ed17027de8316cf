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
  language = hop3.go {
    interpreter = pkgs.go_1_24;
  };

  deps = language.mkDeps {
    name = "chi-demo";
    files = [
      (hop3.fetchLocked {
        name = "github.com/go-chi/chi/v5/@v/v5.2.3.mod";
        url = "https://index.example/github.com/go-chi/chi/v5/@v/v5.2.3.mod";
        sha256 = "a8921a2ecd771d342ee6e7f45065941a943f17c39f1cee4633dd264efa7e97ae";
      })
      (hop3.fetchLocked {
        name = "github.com/go-chi/chi/v5/@v/v5.2.3.zip";
        url = "https://index.example/github.com/go-chi/chi/v5/@v/v5.2.3.zip";
        sha256 = "4d7cceff13549438e1e64e42f8ff966c5d5e608f2e16eb76de87ef9dc07d846e";
      })
      (hop3.fetchLocked {
        name = "github.com/google/uuid/@v/v1.6.0.mod";
        url = "https://index.example/github.com/google/uuid/@v/v1.6.0.mod";
        sha256 = "73da47b6338b00a082fd451aa35a3273d3adc09b8e9bba98dab01091e402af6e";
      })
      (hop3.fetchLocked {
        name = "github.com/google/uuid/@v/v1.6.0.zip";
        url = "https://index.example/github.com/google/uuid/@v/v1.6.0.zip";
        sha256 = "d0f02f377217f42702e259684e06441edbf5140dddcc34ba9bea56038b38a6ed";
      })
    ];
    inherit src;
    manifests = [
      "go.mod"
      "go.sum"
    ];
    imports = [
      "github.com/go-chi/chi/v5"
      "github.com/google/uuid"
    ];
    environment = {
      CGO_ENABLED = "0";
    };
  };

  app = language.mkApp {
    name = "chi-demo";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "go build -o bin/ ./cmd/tick ./cmd/web" ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    ZONEINFO = "${pkgs.tzdata}/share/zoneinfo";
  };

  package = hop3.mkBundle {
    name = "chi-demo";
    version = "1.0";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "bin/web";
        tick = "bin/tick";
      };
      healthcheck_path = "/health";
    };
  };
in
hop3.mkOutputs {
  inherit package;

  # What this was rendered from: whoever builds it is told when that has changed.
  rendered = {
    inherit src;
    digests = {
      Procfile = "515e51f250d992c1692d588682fc3bb0335e9cdefe6090d90f816d513254d6a1";
      "go.mod" = "d49a84869d87147866d671a43a61f49e15b802d48a97b54e408bc83c1f36d3df";
      "hop3.toml" = "e1e7a623362f373de18d924c32baaabfdf1dbf634501e3d7e7f1107f3be8f057";
    };
  };

  env = hop3.mkEnv {
    name = "chi-demo";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
