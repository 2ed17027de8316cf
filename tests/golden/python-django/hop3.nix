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
    name = "django-demo";
    files = [
      (hop3.fetchLocked {
        name = "asgiref-3.13.0.whl";
        url = "https://index.example/asgiref-3.13.0.whl";
        sha256 = "034cc8cbf72d00553b4be256703ac545120b4e50af13b49dec99da899aeeecb4";
      })
      (hop3.fetchLocked {
        name = "django-5.2.19.whl";
        url = "https://index.example/django-5.2.19.whl";
        sha256 = "5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00";
      })
      (hop3.fetchLocked {
        name = "gunicorn-27.0.1.whl";
        url = "https://index.example/gunicorn-27.0.1.whl";
        sha256 = "378b26b9a38adcf4592f28828233c1716acc55e833ea06bf48719782efaa0d10";
      })
      (hop3.fetchLocked {
        name = "sqlparse-0.6.1.whl";
        url = "https://index.example/sqlparse-0.6.1.whl";
        sha256 = "3be5a72d04c873d690d7c6dedd33d6fae2ef82759881ceec02fc2efd0cba564f";
      })
      (hop3.fetchLocked {
        name = "whitenoise-6.12.0.whl";
        url = "https://index.example/whitenoise-6.12.0.whl";
        sha256 = "f723ebb76a112e98816ff80fcea0a6c9b8ecde835f8ddda25df7a30a3c2db6ad";
      })
    ];
  };

  app = language.mkApp {
    name = "django-demo";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "python manage.py collectstatic --no-input" ];
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
    name = "django-demo";
    version = "1.0";
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
        web = "gunicorn --bind \"\${BIND_ADDRESS:-0.0.0.0}:$PORT\" site_demo.wsgi:application";
      };
      before_run = [ "python manage.py migrate --no-input" ];
      static_paths = {
        "/static" = "staticfiles";
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
      "hop3.toml" = "54a2673e529bedc99199c282217f707bd4a8bd0a3349ea4e19dd9fb7fd2362f1";
      "requirements.txt" = "fd44c3b635e032e217ddcb1963c5736cd68cc816454f94e28f13e1b88e802f51";
    };
  };

  env = hop3.mkEnv {
    name = "django-demo";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
