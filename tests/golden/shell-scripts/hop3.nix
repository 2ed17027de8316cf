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
  language = hop3.shell;

  deps = language.mkDeps {
    name = "shell-scripts";
    files = [ ];
  };

  app = language.mkApp {
    name = "shell-scripts";
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
    name = "shell-scripts";
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
        web = "./start.sh";
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
      "hop3.toml" = "749e2788d5f883948fabad053003b64f62b617e500ac8ab1271b9ad6ec7c7def";
    };
  };

  env = hop3.mkEnv {
    name = "shell-scripts";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
      pkgs.python313
    ];
    inherit environment;
  };
}
