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
  language = hop3.rust {
    interpreter = pkgs.rustc;
  };

  deps = language.mkDeps {
    name = "hello-rust";
    files = [ ];
    inherit src;
    manifests = [
      "Cargo.toml"
      "Cargo.lock"
    ];
    entries = [ "src/main.rs" ];
    members = [ "hello@1.0.0" ];
    builds = [
      [
        "--release"
        "--locked"
      ]
    ];
  };

  app = language.mkApp {
    name = "hello-rust";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "cargo build --release --locked" ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
  };

  package = hop3.mkBundle {
    name = "hello-rust";
    version = "1.0.0";
    description = "A web application in Rust, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "target/release/hello";
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
      "Cargo.lock" = "b2d5fd91eaaa6d55c60bf92af3db23a204a0d8d448fb24610b485e8801c91d73";
      "Cargo.toml" = "0386d552ee6be11b2b2ff398a23a40eab4b7d4e7a60a4252a846416452702956";
      Procfile = "42f3bab7b0b89ddb6d2aea4e14066b7e9ee688f2a19a9f2b6395f7fc950731a7";
      "hop3.toml" = "1c738b878ba1e4329b48140355c6d0a5ca59d266e23300b4f51ca5b962790d83";
    };
  };

  env = hop3.mkEnv {
    name = "hello-rust";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
