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
    name = "node-native";
    files = [
      (hop3.fetchLocked {
        name = "bindings-1.5.0.tgz";
        url = "https://index.example/bindings-1.5.0.tgz";
        hash = "sha512-p2q/t/mhvuOj/UeLlV6566GD/guowlr0hHxClI0W9m7MWYkL1F0hLo+0Aexs9HSPCtR1SXQ0TD3MMKrXZajbiQ==";
      })
      (hop3.fetchLocked {
        name = "file-uri-to-path-1.0.0.tgz";
        url = "https://index.example/file-uri-to-path-1.0.0.tgz";
        hash = "sha512-0Zt+s3L7Vf1biwWZ29aARiVYLx7iMGnEUl9x33fbB/j3jR81u/O2LbqK+Bm1CDSNDKVtJ/YjwY7TUd5SkeLQLw==";
      })
      (hop3.fetchLocked {
        name = "nan-2.30.0.tgz";
        url = "https://index.example/nan-2.30.0.tgz";
        hash = "sha512-P5mokDkSvCGBz6mZDD/2l+w9QoICRXdCyZ9ONGmTePr40oihJg3Kpn0YU3twKd6PJnwSlLBWNQeOT6yWEV2c4A==";
      })
      (hop3.fetchLocked {
        name = "unix-dgram-2.0.7.tgz";
        url = "https://index.example/unix-dgram-2.0.7.tgz";
        hash = "sha512-pWaQorcdxEUBFIKjCqqIlQaOoNVmchyoaNAJ/1LwyyfK2XSxcBhgJNiSE8ZRhR0xkNGyk4xInt1G03QPoKXY5A==";
      })
    ];
    modules = {
      "node_modules/bindings" = "bindings-1.5.0.tgz";
      "node_modules/file-uri-to-path" = "file-uri-to-path-1.0.0.tgz";
      "node_modules/nan" = "nan-2.30.0.tgz";
      "node_modules/unix-dgram" = "unix-dgram-2.0.7.tgz";
    };
  };

  app = language.mkApp {
    name = "node-native";
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
    name = "node-native";
    version = "1.0.0";
    description = "A native addon, compiled in the sandbox";
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
      "package-lock.json" = "7e36d802b35572ffccd0c95bca542a7b4c0086abc56c25511a994efe0289363e";
    };
  };

  env = hop3.mkEnv {
    name = "node-native";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
