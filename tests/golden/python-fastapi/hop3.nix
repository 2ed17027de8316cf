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
    name = "fastapi-demo";
    files = [
      (hop3.fetchLocked {
        name = "annotated_doc-0.0.7-py3-none-any.whl";
        url = "https://index.example/annotated_doc-0.0.7-py3-none-any.whl";
        sha256 = "6bc31bbbec6dfaaedc1676dbc11dbda96fe22a2b5c400e9ebad113fec44a9dc6";
      })
      (hop3.fetchLocked {
        name = "annotated_types-0.8.0-py3-none-any.whl";
        url = "https://index.example/annotated_types-0.8.0-py3-none-any.whl";
        sha256 = "f072f4d804ea359e4eaf198b1af7a8b0943881a87f31bb764f8bf219bb9419e0";
      })
      (hop3.fetchLocked {
        name = "anyio-4.16.0-py3-none-any.whl";
        url = "https://index.example/anyio-4.16.0-py3-none-any.whl";
        sha256 = "c66ae634e0b8228396b801741beb3294326d4b6102f7bba4041c0dfb58c29026";
      })
      (hop3.fetchLocked {
        name = "click-8.5.1-py3-none-any.whl";
        url = "https://index.example/click-8.5.1-py3-none-any.whl";
        sha256 = "8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37";
      })
      (hop3.fetchLocked {
        name = "fastapi-0.165.0-py3-none-any.whl";
        url = "https://index.example/fastapi-0.165.0-py3-none-any.whl";
        sha256 = "896f48462042bb4f162147eb8fac7e858753dc1f486765709baf105d70e4fc5b";
      })
      (hop3.fetchLocked {
        name = "h11-0.16.0-py3-none-any.whl";
        url = "https://index.example/h11-0.16.0-py3-none-any.whl";
        sha256 = "63cf8bbe7522de3bf65932fda1d9c2772064ffb3dae62d55932da54b31cb6c86";
      })
      (hop3.fetchLocked {
        name = "idna-3.20-py3-none-any.whl";
        url = "https://index.example/idna-3.20-py3-none-any.whl";
        sha256 = "ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c";
      })
      (hop3.fetchLocked {
        name = "opentelemetry_api-1.45.2-py3-none-any.whl";
        url = "https://index.example/opentelemetry_api-1.45.2-py3-none-any.whl";
        sha256 = "2cbd737377e710ee740d261c94e93fa0f08e6d037c18f17513cc0a2d94479a34";
      })
      (hop3.fetchLocked {
        name = "pydantic-2.14.3-py3-none-any.whl";
        url = "https://index.example/pydantic-2.14.3-py3-none-any.whl";
        sha256 = "3f7b347782ab7e4cf4c798496ae3a82787d9f21ec12676a9c564355eeef8daa8";
      })
      (hop3.fetchLocked {
        name = "pydantic_core-2.50.4-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl";
        url = "https://index.example/pydantic_core-2.50.4-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl";
        sha256 = "fb2bb5b557080da398b866408117d98fe9731a12334afd0cdff221b458cdc5dc";
      })
      (hop3.fetchLocked {
        name = "starlette-1.10.0-py3-none-any.whl";
        url = "https://index.example/starlette-1.10.0-py3-none-any.whl";
        sha256 = "478c0ab3b4ced6e82719849c118fa406f0278a3499c1a898cd15cd31bdc38ce4";
      })
      (hop3.fetchLocked {
        name = "typing_extensions-4.16.0-py3-none-any.whl";
        url = "https://index.example/typing_extensions-4.16.0-py3-none-any.whl";
        sha256 = "481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8";
      })
      (hop3.fetchLocked {
        name = "typing_inspection-0.4.5-py3-none-any.whl";
        url = "https://index.example/typing_inspection-0.4.5-py3-none-any.whl";
        sha256 = "bc210535442b39e1bf2805e0c7a17dfd6a4ace760c84c7f7d16245d23a6b1c39";
      })
      (hop3.fetchLocked {
        name = "uvicorn-0.54.0-py3-none-any.whl";
        url = "https://index.example/uvicorn-0.54.0-py3-none-any.whl";
        sha256 = "505bdb0f318731d45f1f712071fc781a8981f6847a31c902c9f5e652d4f67faf";
      })
    ];
  };

  app = language.mkApp {
    name = "fastapi-demo";
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
    name = "fastapi-demo";
    version = "1.0";
    description = "An asynchronous API";
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
        web = "uvicorn --host \"\${BIND_ADDRESS:-0.0.0.0}\" --port \"$PORT\" api.main:app";
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
      "poetry.lock" = "563db3b003b7a9b24a4bbac4e9e74814ab7a93ec199d344816665040310d2621";
    };
  };

  env = hop3.mkEnv {
    name = "fastapi-demo";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
