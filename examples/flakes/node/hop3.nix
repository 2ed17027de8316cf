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
  language = hop3.node {
    interpreter = pkgs.nodejs-slim_22;
    toolbox = pkgs.nodejs_22;
  };

  deps = language.mkDeps {
    name = "hello-node";
    files = [ ];
    compile = false;
  };

  app = language.mkApp {
    name = "hello-node";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    checked = [ "server.js" ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    NODE_ENV = "production";
  };

  package = hop3.mkBundle {
    name = "hello-node";
    version = "1.0.0";
    description = "A web application in Node, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [ "NODE_ENV" ];
      path = [
        "${hop3.node.runner}/bin"
        "${pkgs.nodejs-slim_22}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "node server.js";
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
      Procfile = "80e3e739f281fee0a4fd6944e2d1876db478e48c12bbb887df41cbacea531510";
      "hop3.toml" = "f4644de9103d376ec83a126d774adfd61f3e1386afc0d2285d46c783690c4c7e";
      "package-lock.json" = "501aea12094abf1d2c324d681454e605937d31b2234cd2997c6069eee8756fdd";
    };
  };

  env = hop3.mkEnv {
    name = "hello-node";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
