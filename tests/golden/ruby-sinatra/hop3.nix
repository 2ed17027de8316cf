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
    interpreter = pkgs.ruby_3_3;
  };

  deps = language.mkDeps {
    name = "sinatra-demo";
    files = [ ];
    inherit src;
    vendored = {
      "mustermann-3.0.0.gem" = "vendor/cache/mustermann-3.0.0.gem";
      "nio4r-2.5.8.gem" = "vendor/cache/nio4r-2.5.8.gem";
      "puma-5.6.5.gem" = "vendor/cache/puma-5.6.5.gem";
      "rack-2.2.22.gem" = "vendor/cache/rack-2.2.22.gem";
      "rack-protection-3.0.5.gem" = "vendor/cache/rack-protection-3.0.5.gem";
      "ruby2_keywords-0.0.5.gem" = "vendor/cache/ruby2_keywords-0.0.5.gem";
      "sinatra-3.0.5.gem" = "vendor/cache/sinatra-3.0.5.gem";
      "tilt-2.0.11.gem" = "vendor/cache/tilt-2.0.11.gem";
    };
  };

  app = language.mkApp {
    name = "sinatra-demo";
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
    GEM_HOME = "${deps}/ruby/3.3.0";
    GEM_PATH = "${deps}/ruby/3.3.0";
    APP_ENV = "production";
    RACK_ENV = "production";
    NIO4R_PURE = "true";
  };

  package = hop3.mkBundle {
    name = "sinatra-demo";
    version = "1.0";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [
        "APP_ENV"
        "RACK_ENV"
        "NIO4R_PURE"
      ];
      path = [
        "${deps}/bin"
        "${pkgs.ruby_3_3}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "puma -b \"tcp://\${BIND_ADDRESS:-0.0.0.0}:$PORT\"";
        ticker = "ruby -rbundler/setup ticker.rb";
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
      "Gemfile.lock" = "01b2cfa8817d6a1200457e04920cacc6600c6fe2e1b90deea6f6a41ecd39a979";
      Procfile = "3a9e71ba889247f35daabfc40561b0d02a0ce1e2199df721627c84a062f5cac5";
      "hop3.toml" = "fa6449db657a1f50e5ae0f6054ffc5d56c1ff58ea79db027e6961c8a8d04a246";
    };
  };

  env = hop3.mkEnv {
    name = "sinatra-demo";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
