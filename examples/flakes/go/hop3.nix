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
  language = hop3.go {
    interpreter = pkgs.go_1_24;
  };

  deps = language.mkDeps {
    name = "hello-go";
    files = [ ];
    inherit src;
    manifests = [ "go.mod" ];
    environment = {
      CGO_ENABLED = "0";
    };
  };

  app = language.mkApp {
    name = "hello-go";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "go build -o bin/ ." ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    ZONEINFO = "${pkgs.tzdata}/share/zoneinfo";
  };

  package = hop3.mkBundle {
    name = "hello-go";
    description = "A web application in Go, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "bin/hello";
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
      Procfile = "1769120db4aa39217831c395b2e8e6b091deccd30fbc088d848b8f0efb99076c";
      "go.mod" = "f8e10e97998c29b86076ef161c04440fe9a8a23efa11162dad5a3da15f75fcbd";
      "hop3.toml" = "6d91eb0f71f435740b31015a35ba47c6387e4e4fa833bccd6f79dc647f67ee8d";
    };
  };

  env = hop3.mkEnv {
    name = "hello-go";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
