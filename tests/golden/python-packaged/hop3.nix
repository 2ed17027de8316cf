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
  language = hop3.python {
    interpreter = pkgs.python311;
  };

  deps = language.mkDeps {
    name = "greeter";
    files = [
      (hop3.fetchLocked {
        name = "waitress-3.0.2-py3-none-any.whl";
        url = "https://index.example/waitress-3.0.2-py3-none-any.whl";
        sha256 = "c56d67fd6e87c2ee598b76abdd4e96cfad1f24cacdea5078d382b1f9d7b5ed2e";
      })
    ];
    buildFiles = [
      (hop3.fetchLocked {
        name = "hatchling-1.33.0-py3-none-any.whl";
        url = "https://index.example/hatchling-1.33.0-py3-none-any.whl";
        sha256 = "415290b84f464d2884303fca8974d38e7b85579069fab02a15db0828fbb1446d";
      })
      (hop3.fetchLocked {
        name = "packaging-26.3-py3-none-any.whl";
        url = "https://index.example/packaging-26.3-py3-none-any.whl";
        sha256 = "d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c";
      })
      (hop3.fetchLocked {
        name = "pathspec-1.1.1-py3-none-any.whl";
        url = "https://index.example/pathspec-1.1.1-py3-none-any.whl";
        sha256 = "a00ce642f577bf7f473932318056212bc4f8bfdf53128c78bbd5af0b9b20b189";
      })
      (hop3.fetchLocked {
        name = "pluggy-1.7.0-py3-none-any.whl";
        url = "https://index.example/pluggy-1.7.0-py3-none-any.whl";
        sha256 = "7dd7b0d8832ba3cb632c306926ded123429211b83641b35dc5c41ad2d34f9bec";
      })
      (hop3.fetchLocked {
        name = "tomlkit-0.15.2-py3-none-any.whl";
        url = "https://index.example/tomlkit-0.15.2-py3-none-any.whl";
        sha256 = "05562412163a3037b94497385fb7f9204c637bc605af7a48199e41cf2272f437";
      })
      (hop3.fetchLocked {
        name = "trove_classifiers-2026.9.21.13-py3-none-any.whl";
        url = "https://index.example/trove_classifiers-2026.9.21.13-py3-none-any.whl";
        sha256 = "8b1ff4f9c191b1040b71c37f1e445ab99732911e3cd91de52838453a854d7a17";
      })
    ];
  };

  app = language.mkApp {
    name = "greeter";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    installProject = true;
    version = "2.0";
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    PYTHONTZPATH = "${pkgs.tzdata}/share/zoneinfo";
    PYTHONUNBUFFERED = "1";
    PYTHONDONTWRITEBYTECODE = "1";
    PYTHONPATH = [ "${app}/lib/python3.11/site-packages" ];
  };

  package = hop3.mkBundle {
    name = "greeter";
    version = "2.0";
    description = "A package in the src layout, installed with its script";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${app}/bin"
        "${deps}/bin"
        "${pkgs.python311}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "greeter";
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
      "hop3-nix.lock" = "2bef3009233dffbdcac0c833cd0f9262077715a5e35c0e03a6af72b7f7969841";
    };
  };

  env = hop3.mkEnv {
    name = "greeter";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
