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
  language = hop3.ruby {
    interpreter = pkgs.ruby_3_3;
  };

  deps = language.mkDeps {
    name = "hello-ruby";
    files = [ ];
  };

  app = language.mkApp {
    name = "hello-ruby";
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
  };

  package = hop3.mkBundle {
    name = "hello-ruby";
    description = "A web application in Ruby, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [
        "APP_ENV"
        "RACK_ENV"
      ];
      path = [
        "${deps}/bin"
        "${pkgs.ruby_3_3}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "ruby app.rb";
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
      "Gemfile.lock" = "0bc05daf5655944476efdbb66bf63b8833d534d7a5e33e70e87c3cf87de5ef84";
      Procfile = "db7760b2e4c1e5984827d268921863dc2ab993a47484328f6393fc15d136f7f9";
      "hop3.toml" = "c60a43603826915846b1ad361f9f681a484ffd166eec014b4304ff26dac36fc1";
    };
  };

  env = hop3.mkEnv {
    name = "hello-ruby";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
