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
  language = hop3.shell;

  deps = language.mkDeps {
    name = "hello-shell";
    files = [ ];
  };

  app = language.mkApp {
    name = "hello-shell";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
      pkgs.python313
    ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
  };

  package = hop3.mkBundle {
    name = "hello-shell";
    description = "A web application that is a shell script, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
        "${pkgs.python313}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "bash serve.sh";
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
      Procfile = "03d67f4f948e4327dc713bf4f52c0b5c2a20b2753972294b67fbe20e01a36b11";
      "hop3.toml" = "3562d9070a9f224fd4eb6673c225b1ff4b7afea0c52d388e303740315a47c5ca";
    };
  };

  env = hop3.mkEnv {
    name = "hello-shell";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
      pkgs.python313
    ];
    inherit environment;
  };
}
