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
  # What other languages make of the application's files, before its own build steps.
  stages = {
    node =
      let
        source = hop3.sourceIn {
          inherit src;
          directory = "frontend";
        };

        language = hop3.node {
          interpreter = pkgs.nodejs-slim_22;
          toolbox = pkgs.nodejs_22;
        };

        deps = language.mkDeps {
          name = "django-vite-node";
          files = [ ];
          buildFiles = [
            (hop3.fetchLocked {
              name = "detect-libc-2.1.2.tgz";
              url = "https://index.example/detect-libc-2.1.2.tgz";
              hash = "sha512-Btj2BOOO83o3WyH59e8MgXsxEQVcarkUOpEYrubB0urwnN10yQ364rsiByU11nZlqWYZm05i/of7io4mzihBtQ==";
            })
            (hop3.fetchLocked {
              name = "emnapi-core-2.0.0-beta.2.tgz";
              url = "https://index.example/emnapi-core-2.0.0-beta.2.tgz";
              hash = "sha512-MzCVoWtcg4Pm2B3je5mMvYMvj3MmBKw+fU7vbsJc9/iT8ip6/eYIHo/Dsm/mr+wsHB6SEyJDuxB09Yy6r/8+4A==";
            })
            (hop3.fetchLocked {
              name = "emnapi-runtime-2.0.0-beta.2.tgz";
              url = "https://index.example/emnapi-runtime-2.0.0-beta.2.tgz";
              hash = "sha512-JcrSPzPvZuNZvJqPTF9Fw25LbOJ8avzFVlaf2grmH4Cku0oGP47tRgqPZadcfj3YoZMHkFVnCYFbQM8I+i5QEw==";
            })
            (hop3.fetchLocked {
              name = "emnapi-wasi-threads-2.2.0.tgz";
              url = "https://index.example/emnapi-wasi-threads-2.2.0.tgz";
              hash = "sha512-JP7OYH38Q7+pyTAe14raZHLQIK7BDKbdwji+Xi3pcd/6QkJYQH3SX4wu6EplGrGJWRepoNzedfm0G3B9Z4e9Rw==";
            })
            (hop3.fetchLocked {
              name = "fdir-6.5.0.tgz";
              url = "https://index.example/fdir-6.5.0.tgz";
              hash = "sha512-tIbYtZbucOs0BRGqPJkshJUYdL+SDH7dVM8gjy+ERp3WAUjLEFJE+02kanyHtwjWOnwrKYBiwAmM0p4kLJAnXg==";
            })
            (hop3.fetchLocked {
              name = "lightningcss-1.33.0.tgz";
              url = "https://index.example/lightningcss-1.33.0.tgz";
              hash = "sha512-WkUDrojuJs0xkgGf2udWxa3yGBRxPtxUkB79i6aCZLRgc7PM8fZe9TosfPDcvEpQZbuFASnHYmRLBLUbmLOIIA==";
            })
            (hop3.fetchLocked {
              name = "lightningcss-linux-x64-gnu-1.33.0.tgz";
              url = "https://index.example/lightningcss-linux-x64-gnu-1.33.0.tgz";
              hash = "sha512-ar+Ju7LmcN0Jo4FpL4hpFybwNG9/3A/Br5KW2n2jyODg3MEZXaDYADdemoNS+BDNfMgKvylJLj4S5tyRActuAg==";
            })
            (hop3.fetchLocked {
              name = "nanoid-3.3.20.tgz";
              url = "https://index.example/nanoid-3.3.20.tgz";
              hash = "sha512-uKdg2G3GNCKQn9byYOpxbGqrT2fGO5KRt5J/8b3pok8rT6qxGWF6hxMyJiEYtAf+FVyYuD9hRaDqX5uPFYJ4ZQ==";
            })
            (hop3.fetchLocked {
              name = "napi-rs-wasm-runtime-1.2.6.tgz";
              url = "https://index.example/napi-rs-wasm-runtime-1.2.6.tgz";
              hash = "sha512-mRyDmEw9/fCDXCGfL1sbgIw/GUK0PVxRW4YwgPN61F3LQ+fSyoBFarJVzgGyhF6kRzEQZ0FejDqm4WLXSeqQmw==";
            })
            (hop3.fetchLocked {
              name = "oxc-project-types-0.156.0.tgz";
              url = "https://index.example/oxc-project-types-0.156.0.tgz";
              hash = "sha512-1Duyg48TdJNdyhEB8Xn1L36bT9Pv6GUtlKjHxOys8xkaF/rQq3XJE+bAurSK/AgIz5mGFsb77cn9Pb20+WCScw==";
            })
            (hop3.fetchLocked {
              name = "picocolors-1.1.1.tgz";
              url = "https://index.example/picocolors-1.1.1.tgz";
              hash = "sha512-xceH2snhtb5M9liqDsmEw56le376mTZkEX/jEb/RxNFyegNul7eNslCXP9FDj/Lcu0X8KEyMceP2ntpaHrDEVA==";
            })
            (hop3.fetchLocked {
              name = "picomatch-4.0.7.tgz";
              url = "https://index.example/picomatch-4.0.7.tgz";
              hash = "sha512-qcJu88Q2IWqJsDD529JKMdwGm/dvInW4HvQnRwiH9JtihJvzGOscDtHE3x1pBKeUOTysQ8kVmLnJ2kJu7yhcGA==";
            })
            (hop3.fetchLocked {
              name = "postcss-8.5.33.tgz";
              url = "https://index.example/postcss-8.5.33.tgz";
              hash = "sha512-RVHEU9/Pp1Fnjr/MpAJsZoADukCKhfIi15OunEYiGktIkYLkPVvC1sioWolGDS7XByMTx9m/IGbro0Js13zhnQ==";
            })
            (hop3.fetchLocked {
              name = "rolldown-1.2.19.tgz";
              url = "https://index.example/rolldown-1.2.19.tgz";
              hash = "sha512-QIiV1J9d0pzN4jeeTH4sjPy0AZ6cAy2cG0ExeoE1+U8Rvj+hR3gYkokx0YbeUNGlZqiQJJ2utcETe0oKXwzsuA==";
            })
            (hop3.fetchLocked {
              name = "rolldown-binding-linux-x64-gnu-1.2.19.tgz";
              url = "https://index.example/rolldown-binding-linux-x64-gnu-1.2.19.tgz";
              hash = "sha512-rm75/9DkHKeU2WnA8w4X94WGYgLlDCFCfkQC+4bguVJmC/jvDRv2B+2wLOYhyE0fVuv7//Ckk39OoOufyCu76Q==";
            })
            (hop3.fetchLocked {
              name = "rolldown-pluginutils-1.1.1.tgz";
              url = "https://index.example/rolldown-pluginutils-1.1.1.tgz";
              hash = "sha512-glFIJDvLNDtJhT9qrMFWLPbvS+skxgt4L0K8Ei2YtnhPysAJnsI7nyxSJxKj4ADeKX0OLjC4ntRkwpLOoS3rwA==";
            })
            (hop3.fetchLocked {
              name = "source-map-js-1.2.4.tgz";
              url = "https://index.example/source-map-js-1.2.4.tgz";
              hash = "sha512-J7ZjMvHd9O1fcT/5V09QWaaSl2BbWx3F6O08spde82Namf9UB0GxRVIPiNbVsdKkoizHiSpTodo3vp2bAy91MA==";
            })
            (hop3.fetchLocked {
              name = "tinyglobby-0.2.17.tgz";
              url = "https://index.example/tinyglobby-0.2.17.tgz";
              hash = "sha512-wXR/dYpcqKmfWpEdZjiKJOwCNFndD0DMnrW/cYjVGttEkBfVgcLFHoNrlj47mjOVic9yyNu65alsgF4NQyTa2g==";
            })
            (hop3.fetchLocked {
              name = "tslib-2.9.1.tgz";
              url = "https://index.example/tslib-2.9.1.tgz";
              hash = "sha512-a4Ux9VKuIMHsOS7ENbEq6hK2ZGYIT27Rtl0E4eD9KqwxhKiQeMZE/9xb3IdYwWaSOyIBQLExhQgXDTYoiCxnWA==";
            })
            (hop3.fetchLocked {
              name = "tybys-wasm-util-0.10.5.tgz";
              url = "https://index.example/tybys-wasm-util-0.10.5.tgz";
              hash = "sha512-dOGOPxlaNV+G046mZzN+9C0dAcQZeSKcXiVaM0TYy/LM4ttTmgSBDxYfovcYI8Em3+eAbiAYpvWLOv8+ZVRJKA==";
            })
            (hop3.fetchLocked {
              name = "vite-8.3.8.tgz";
              url = "https://index.example/vite-8.3.8.tgz";
              hash = "sha512-LzOn3h9rG/0vhLdXrV4yJ4QFA9eEoqCl+Yx+kGJd7aB9w6nfNgVHKSYwLPZUHrz4ZGa+t+kXjV9itvcHDLQouA==";
            })
          ];
          buildModules = {
            "node_modules/@emnapi/core" = "emnapi-core-2.0.0-beta.2.tgz";
            "node_modules/@emnapi/runtime" = "emnapi-runtime-2.0.0-beta.2.tgz";
            "node_modules/@emnapi/wasi-threads" = "emnapi-wasi-threads-2.2.0.tgz";
            "node_modules/@napi-rs/wasm-runtime" = "napi-rs-wasm-runtime-1.2.6.tgz";
            "node_modules/@oxc-project/types" = "oxc-project-types-0.156.0.tgz";
            "node_modules/@rolldown/binding-linux-x64-gnu" = "rolldown-binding-linux-x64-gnu-1.2.19.tgz";
            "node_modules/@rolldown/pluginutils" = "rolldown-pluginutils-1.1.1.tgz";
            "node_modules/@tybys/wasm-util" = "tybys-wasm-util-0.10.5.tgz";
            "node_modules/detect-libc" = "detect-libc-2.1.2.tgz";
            "node_modules/fdir" = "fdir-6.5.0.tgz";
            "node_modules/lightningcss" = "lightningcss-1.33.0.tgz";
            "node_modules/lightningcss-linux-x64-gnu" = "lightningcss-linux-x64-gnu-1.33.0.tgz";
            "node_modules/nanoid" = "nanoid-3.3.20.tgz";
            "node_modules/picocolors" = "picocolors-1.1.1.tgz";
            "node_modules/picomatch" = "picomatch-4.0.7.tgz";
            "node_modules/postcss" = "postcss-8.5.33.tgz";
            "node_modules/rolldown" = "rolldown-1.2.19.tgz";
            "node_modules/source-map-js" = "source-map-js-1.2.4.tgz";
            "node_modules/tinyglobby" = "tinyglobby-0.2.17.tgz";
            "node_modules/tslib" = "tslib-2.9.1.tgz";
            "node_modules/vite" = "vite-8.3.8.tgz";
          };
          optional = [
            "node_modules/@emnapi/core"
            "node_modules/@emnapi/runtime"
            "node_modules/@emnapi/wasi-threads"
            "node_modules/@napi-rs/wasm-runtime"
            "node_modules/@rolldown/binding-linux-x64-gnu"
            "node_modules/@tybys/wasm-util"
            "node_modules/lightningcss-linux-x64-gnu"
            "node_modules/tslib"
          ];
          compile = false;
        };

        app = language.mkApp {
          name = "django-vite-node";
          src = source;
          inherit deps;
          packages = [
            pkgs.bash
            pkgs.coreutils
          ];
          inherit environment;
          buildSteps = [ "npm run build" ];
        };

        # What its build steps find in their environment.
        environment = app: {
          LANG = "C.UTF-8";
          SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
          TZDIR = "${pkgs.tzdata}/share/zoneinfo";
          NODE_ENV = "production";
        };
      in
      hop3.mkStage {
        name = "django-vite-node";
        inherit app deps source;
        interpreter = pkgs.nodejs-slim_22;
      };
  };

  source = hop3.withStages (hop3.cleanSource src) [ stages.node ];

  language = hop3.python {
    interpreter = pkgs.python313;
  };

  deps = language.mkDeps {
    name = "django-vite";
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
    name = "django-vite";
    src = source;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "python manage.py collectstatic --noinput" ];
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
    name = "django-vite";
    inherit app;
    stages = [ stages.node ];
    runtime = {
      env = environment app;
      required = [ "SECRET_KEY" ];
      path = [
        "${deps}/bin"
        "${pkgs.python313}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "gunicorn --bind \"\${BIND_ADDRESS:-0.0.0.0}:$PORT\" shop.wsgi:application";
      };
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
      "frontend/package-lock.json" = "4624b64396607c2a40d0643d0f7d4c98d764bd1511fdcd8accbaa486e754c802";
      "hop3.toml" = "7ba7d44c924ea149dec7a1cecab69ada18f64838d41eaa489de3ed79de1fbb45";
      "requirements.txt" = "fd44c3b635e032e217ddcb1963c5736cd68cc816454f94e28f13e1b88e802f51";
    };
  };

  env = hop3.mkEnv {
    name = "django-vite";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
      stages.node.deps
    ];
    inherit environment;
  };
}
