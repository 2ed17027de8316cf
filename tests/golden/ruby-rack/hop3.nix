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
  language = hop3.ruby {
    interpreter = pkgs.ruby_3_1;
  };

  deps = language.mkDeps {
    name = "ruby-rack";
    files = [ ];
    inherit src;
    vendored = {
      "rack-2.2.22.gem" = "vendor/cache/rack-2.2.22.gem";
      "webrick-1.8.1.gem" = "vendor/cache/webrick-1.8.1.gem";
    };
  };

  app = language.mkApp {
    name = "ruby-rack";
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
    BUNDLE_FROZEN = "true";
    BUNDLE_GEMFILE = "${app}/app/Gemfile";
    BUNDLE_IGNORE_CONFIG = "true";
    BUNDLE_PATH = "${deps}";
    BUNDLE_WITHOUT = "development:test";
    GEM_HOME = "${deps}/ruby/3.1.0";
    GEM_PATH = "${deps}/ruby/3.1.0";
    APP_ENV = "production";
    RACK_ENV = "production";
  };

  package = hop3.mkBundle {
    name = "ruby-rack";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [
        "APP_ENV"
        "RACK_ENV"
      ];
      path = [
        "${deps}/bin"
        "${pkgs.ruby_3_1}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "rackup -s webrick -o \"\${BIND_ADDRESS:-0.0.0.0}\" -p \"$PORT\"";
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
      "Gemfile.lock" = "0e28d850cab9d45ba86d7b7021464f012b5efa99fd91415e2fda93c98e94ef23";
    };
  };

  env = hop3.mkEnv {
    name = "ruby-rack";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
