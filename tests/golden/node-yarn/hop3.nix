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
  language = hop3.node {
    interpreter = pkgs.nodejs-slim_22;
    toolbox = pkgs.nodejs_22;
  };

  deps = language.mkDeps {
    name = "node-yarn";
    files = [
      (hop3.fetchLocked {
        name = "hono-4.13.19.tgz";
        url = "https://index.example/hono-4.13.19.tgz";
        hash = "sha512-KmXvQAXwcAHV+muzbIwoJ23niEB5nMoDVr9WcRkU8mvjUECm/1+7v4Jgp7P7a+H6MLFrh+vXrGonGrGS+RQfkA==";
      })
      (hop3.fetchLocked {
        name = "hono-node-server-1.19.19.tgz";
        url = "https://index.example/hono-node-server-1.19.19.tgz";
        hash = "sha512-Fy9R7PACOzHU9LDpfnuzVyuVYevKQRcEG2mZhmfc+DRdmayEd3RVfa2XOt2IgGcPNgA77Yk63KBszepcMFK5Ng==";
      })
    ];
    modules = {
      "node_modules/.store/@hono+node-server@1.19.19/node_modules/@hono/node-server" = "hono-node-server-1.19.19.tgz";
      "node_modules/.store/hono@4.13.19/node_modules/hono" = "hono-4.13.19.tgz";
    };
    links = {
      "node_modules/@hono/node-server" = "node_modules/.store/@hono+node-server@1.19.19/node_modules/@hono/node-server";
      "node_modules/hono" = "node_modules/.store/hono@4.13.19/node_modules/hono";
    };
  };

  app = language.mkApp {
    name = "node-yarn";
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
    NODE_PATH = "${app}/app/node_modules";
  };

  package = hop3.mkBundle {
    name = "node-yarn";
    version = "1.0.0";
    description = "A server of two packages, locked by Yarn";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [ "NODE_ENV" ];
      path = [
        "${app}/app/node_modules/.bin"
        "${hop3.node.runner}/bin"
        "${pkgs.nodejs-slim_22}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "node server.js";
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
      "yarn.lock" = "2c594dfecf74f0a8149cdcdf3392b08a89d553d746c0cf284e33512085bf8e73";
    };
  };

  env = hop3.mkEnv {
    name = "node-yarn";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
