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
    interpreter = pkgs.python313;
  };

  deps = language.mkDeps {
    name = "python-compiled";
    files = [
      (hop3.fetchLocked {
        name = "blinker-1.9.0.whl";
        url = "https://index.example/blinker-1.9.0.whl";
        sha256 = "b4ce2265a7abece45e7cc896e98dbebe6cead56bcf805a3d23136d145f5445bf";
      })
      (hop3.fetchLocked {
        name = "click-8.5.1.whl";
        url = "https://index.example/click-8.5.1.whl";
        sha256 = "8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37";
      })
      (hop3.fetchLocked {
        name = "flask-3.1.3.whl";
        url = "https://index.example/flask-3.1.3.whl";
        sha256 = "0ef0e52b8a9cd932855379197dd8f94047b359ca0a78695144304cb45f87c9eb";
      })
      (hop3.fetchLocked {
        name = "gunicorn-27.0.1.whl";
        url = "https://index.example/gunicorn-27.0.1.whl";
        sha256 = "378b26b9a38adcf4592f28828233c1716acc55e833ea06bf48719782efaa0d10";
      })
      (hop3.fetchLocked {
        name = "itsdangerous-2.2.0.whl";
        url = "https://index.example/itsdangerous-2.2.0.whl";
        sha256 = "c6242fc49e35958c8b15141343aa660db5fc54d4f13a1db01a3f5891b98700ef";
      })
      (hop3.fetchLocked {
        name = "jinja2-3.1.6.whl";
        url = "https://index.example/jinja2-3.1.6.whl";
        sha256 = "0137fb05990d35f1275a587e9aee6d56da821fc83491a0fb838183be43f66d6d";
      })
      (hop3.fetchLocked {
        name = "markupsafe-3.0.4.whl";
        url = "https://index.example/markupsafe-3.0.4.whl";
        sha256 = "007e1ffd9bf65bb6ee96df7b258fc632a4868dd5566037986c64781f35a36e98";
      })
      (hop3.fetchLocked {
        name = "numpy-2.5.5.whl";
        url = "https://index.example/numpy-2.5.5.whl";
        sha256 = "08f1b9abf1707fa89c125aaa17e78389c063fb20ce37a141b47821e996f4a1db";
      })
      (hop3.fetchLocked {
        name = "psycopg2-binary-2.9.13.whl";
        url = "https://index.example/psycopg2-binary-2.9.13.whl";
        sha256 = "0405dd4d97720e7ab177aa02e493f524907c4cb3c445ac173e2627948d3d0528";
      })
      (hop3.fetchLocked {
        name = "werkzeug-3.1.9.whl";
        url = "https://index.example/werkzeug-3.1.9.whl";
        sha256 = "55ca7c70a75689be937aa27f8ff4b018f06ff4838fc73045560bf0f5a1291060";
      })
    ];
  };

  app = language.mkApp {
    name = "python-compiled";
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
    PYTHONTZPATH = "${pkgs.tzdata}/share/zoneinfo";
    PYTHONUNBUFFERED = "1";
    PYTHONDONTWRITEBYTECODE = "1";
  };

  package = hop3.mkBundle {
    name = "python-compiled";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${deps}/bin"
        "${pkgs.python313}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "gunicorn --bind \"\${BIND_ADDRESS:-0.0.0.0}:$PORT\" app:app";
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
      "requirements.txt" = "6cca408b354f73693b3b4d5fd0a4e1f326e039e1ee5d2eace90bf87f837c60de";
    };
  };

  env = hop3.mkEnv {
    name = "python-compiled";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
