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
  language = hop3.rust {
    interpreter = pkgs.rustc;
  };

  deps = language.mkDeps {
    name = "axum-demo";
    files = [
      (hop3.fetchLocked {
        name = "atomic-waker-1.1.2.crate";
        url = "https://index.example/atomic-waker-1.1.2.crate";
        sha256 = "1505bd5d3d116872e7271a6d4e16d81d0c8570876c8de68093a09ac269d8aac0";
      })
      (hop3.fetchLocked {
        name = "axum-0.8.9.crate";
        url = "https://index.example/axum-0.8.9.crate";
        sha256 = "31b698c5f9a010f6573133b09e0de5408834d0c82f8d7475a89fc1867a71cd90";
      })
      (hop3.fetchLocked {
        name = "axum-core-0.5.6.crate";
        url = "https://index.example/axum-core-0.5.6.crate";
        sha256 = "08c78f31d7b1291f7ee735c1c6780ccde7785daae9a9206026862dab7d8792d1";
      })
      (hop3.fetchLocked {
        name = "bytes-1.12.2.crate";
        url = "https://index.example/bytes-1.12.2.crate";
        sha256 = "776dfebd015e2d8732c684a2c71003674ccb49457b539b9e82151ba38e96dd7c";
      })
      (hop3.fetchLocked {
        name = "futures-core-0.3.34.crate";
        url = "https://index.example/futures-core-0.3.34.crate";
        sha256 = "92d699e522242e69e3003b94ecc1f960f3a5e015aa7c5d7486e65ad01dd94f5e";
      })
      (hop3.fetchLocked {
        name = "futures-task-0.3.34.crate";
        url = "https://index.example/futures-task-0.3.34.crate";
        sha256 = "cd417de3d1d015fc3bfd2b1ea46dfc7bab72ef86f1cc7cc9c78e728b34a6d1fd";
      })
      (hop3.fetchLocked {
        name = "futures-util-0.3.34.crate";
        url = "https://index.example/futures-util-0.3.34.crate";
        sha256 = "0d50a92467f8ba5dd6e3ee5d4bd04d73ab2e4e1c44474a0674821dfce14b79bc";
      })
      (hop3.fetchLocked {
        name = "http-1.5.0.crate";
        url = "https://index.example/http-1.5.0.crate";
        sha256 = "918d3568bebf352712bc2ef3d46a8bcf1a75b373be6539de198e9105cbbf9ce0";
      })
      (hop3.fetchLocked {
        name = "http-body-1.1.0.crate";
        url = "https://index.example/http-body-1.1.0.crate";
        sha256 = "ca2a8f2913ee65f60facd6a5905613afaa448497a0230cc41ce022d93290bc2c";
      })
      (hop3.fetchLocked {
        name = "http-body-util-0.1.5.crate";
        url = "https://index.example/http-body-util-0.1.5.crate";
        sha256 = "23169fe34a5fbcdd3f3862e78fb9b6fccd5f02a6dc6f732547005d45631ce71c";
      })
      (hop3.fetchLocked {
        name = "httparse-1.10.1.crate";
        url = "https://index.example/httparse-1.10.1.crate";
        sha256 = "6dbf3de79e51f3d586ab4cb9d5c3e2c14aa28ed23d180cf89b4df0454a69cc87";
      })
      (hop3.fetchLocked {
        name = "httpdate-1.0.3.crate";
        url = "https://index.example/httpdate-1.0.3.crate";
        sha256 = "df3b46402a9d5adb4c86a0cf463f42e19994e3ee891101b1841f30a545cb49a9";
      })
      (hop3.fetchLocked {
        name = "hyper-1.12.0.crate";
        url = "https://index.example/hyper-1.12.0.crate";
        sha256 = "2c3e324da4c95177d6291d4c8730197c0d1822f8a9766814a4a44fa5ab797c9c";
      })
      (hop3.fetchLocked {
        name = "hyper-util-0.1.21.crate";
        url = "https://index.example/hyper-util-0.1.21.crate";
        sha256 = "ddc03d96684f9226b8a787cdb71488417b53ab5ea8fdb1dac946cb9431cc8bff";
      })
      (hop3.fetchLocked {
        name = "itoa-1.0.19.crate";
        url = "https://index.example/itoa-1.0.19.crate";
        sha256 = "3bd1574e617a9a6c1f8f8181bd7e841e1f20e4277607ef28945765188d6284d4";
      })
      (hop3.fetchLocked {
        name = "libc-0.2.191.crate";
        url = "https://index.example/libc-0.2.191.crate";
        sha256 = "65cd87c9a6d60536580b316ad985726104730a5151c99845f2490428ef91240a";
      })
      (hop3.fetchLocked {
        name = "matchit-0.8.4.crate";
        url = "https://index.example/matchit-0.8.4.crate";
        sha256 = "47e1ffaa40ddd1f3ed91f717a33c8c0ee23fff369e3aa8772b9605cc1d22f4c3";
      })
      (hop3.fetchLocked {
        name = "memchr-2.8.3.crate";
        url = "https://index.example/memchr-2.8.3.crate";
        sha256 = "cf8baf1c55e62ffcace7a9f06f4bd9cd3f0c4beb022d3b367256b91b87513d98";
      })
      (hop3.fetchLocked {
        name = "mime-0.3.18.crate";
        url = "https://index.example/mime-0.3.18.crate";
        sha256 = "d5848f5a9e8117cf94f2f90faac24a87ff81600ff8628c1e3deaab572e76bfa1";
      })
      (hop3.fetchLocked {
        name = "mio-1.2.5.crate";
        url = "https://index.example/mio-1.2.5.crate";
        sha256 = "20521a903f02b0a573cd6840e9d0a5a0cc043d361fe924092cd70f8556cc9c4a";
      })
      (hop3.fetchLocked {
        name = "percent-encoding-2.3.2.crate";
        url = "https://index.example/percent-encoding-2.3.2.crate";
        sha256 = "9b4f627cb1b25917193a259e49bdad08f671f8d9708acfd5fe0a8c1455d87220";
      })
      (hop3.fetchLocked {
        name = "pin-project-lite-0.2.18.crate";
        url = "https://index.example/pin-project-lite-0.2.18.crate";
        sha256 = "c938015719552d665fd0553b90d96cd7ff58e83e4c061ca99e6bb78865a72752";
      })
      (hop3.fetchLocked {
        name = "proc-macro2-1.0.107.crate";
        url = "https://index.example/proc-macro2-1.0.107.crate";
        sha256 = "985e7ec9bb745e6ce6535b544d84d6cd6f7ad8bd711c398938ae983b91a766d9";
      })
      (hop3.fetchLocked {
        name = "quote-1.0.47.crate";
        url = "https://index.example/quote-1.0.47.crate";
        sha256 = "1fbf4db142a473a8d80c26bbf18454ed458bf8d26c8219c331daecfdbd079001";
      })
      (hop3.fetchLocked {
        name = "serde_core-1.0.229.crate";
        url = "https://index.example/serde_core-1.0.229.crate";
        sha256 = "67dca2c9c51e58a4791a4b1ed58308b39c64224d349a935ab5039aa360942a48";
      })
      (hop3.fetchLocked {
        name = "serde_derive-1.0.229.crate";
        url = "https://index.example/serde_derive-1.0.229.crate";
        sha256 = "e7a5d71263a5a7d47b41f6b3f06ba276f10cc18b0931f1799f710578e2309348";
      })
      (hop3.fetchLocked {
        name = "slab-0.4.12.crate";
        url = "https://index.example/slab-0.4.12.crate";
        sha256 = "0c790de23124f9ab44544d7ac05d60440adc586479ce501c1d6d7da3cd8c9cf5";
      })
      (hop3.fetchLocked {
        name = "smallvec-1.16.6.crate";
        url = "https://index.example/smallvec-1.16.6.crate";
        sha256 = "3244542535d5de959d90ec55d1b5ff0fd2bb7b1310223907d5f11932847f7b59";
      })
      (hop3.fetchLocked {
        name = "socket2-0.6.5.crate";
        url = "https://index.example/socket2-0.6.5.crate";
        sha256 = "c3d1e2c7f27f8d4cb10542a02c49005dbd6e93095799d6f3be745fae9f8fedd4";
      })
      (hop3.fetchLocked {
        name = "syn-3.0.10.crate";
        url = "https://index.example/syn-3.0.10.crate";
        sha256 = "4ae9ccbea3a7b0b09443036490c8f34a8b1b760fd345e5c0dae0aac718faea79";
      })
      (hop3.fetchLocked {
        name = "sync_wrapper-1.0.2.crate";
        url = "https://index.example/sync_wrapper-1.0.2.crate";
        sha256 = "0bf256ce5efdfa370213c1dabab5935a12e49f2c58d15e9eac2870d3b4f27263";
      })
      (hop3.fetchLocked {
        name = "tokio-1.54.1.crate";
        url = "https://index.example/tokio-1.54.1.crate";
        sha256 = "b52fd3255258d26fac7264ab5a76b53c13367136dc011d3d6ad4f8ed070396a3";
      })
      (hop3.fetchLocked {
        name = "tokio-macros-2.7.2.crate";
        url = "https://index.example/tokio-macros-2.7.2.crate";
        sha256 = "78773a2a397f451582ce068015985c33193cf6dea8b74d2a639fe457b2f07b0e";
      })
      (hop3.fetchLocked {
        name = "tower-0.5.3.crate";
        url = "https://index.example/tower-0.5.3.crate";
        sha256 = "ebe5ef63511595f1344e2d5cfa636d973292adc0eec1f0ad45fae9f0851ab1d4";
      })
      (hop3.fetchLocked {
        name = "tower-layer-0.3.3.crate";
        url = "https://index.example/tower-layer-0.3.3.crate";
        sha256 = "121c2a6cda46980bb0fcd1647ffaf6cd3fc79a013de288782836f6df9c48780e";
      })
      (hop3.fetchLocked {
        name = "tower-service-0.3.3.crate";
        url = "https://index.example/tower-service-0.3.3.crate";
        sha256 = "8df9b6e13f2d32c91b9bd719c00d1958837bc7dec474d94952798cc8e69eeec3";
      })
      (hop3.fetchLocked {
        name = "unicode-ident-1.0.27.crate";
        url = "https://index.example/unicode-ident-1.0.27.crate";
        sha256 = "a2c754d6c33795a1c324727428e5a7dedb5b06195f9890bdbcba760d3e246563";
      })
      (hop3.fetchLocked {
        name = "wasi-0.11.1+wasi-snapshot-preview1.crate";
        url = "https://index.example/wasi-0.11.1+wasi-snapshot-preview1.crate";
        sha256 = "ccf3ec651a847eb01de73ccad15eb7d99f80485de043efb2f370cd654f4ea44b";
      })
      (hop3.fetchLocked {
        name = "windows-link-0.2.1.crate";
        url = "https://index.example/windows-link-0.2.1.crate";
        sha256 = "f0805222e57f7521d6a62e36fa9163bc891acd422f971defe97d64e70d0a4fe5";
      })
      (hop3.fetchLocked {
        name = "windows-sys-0.61.2.crate";
        url = "https://index.example/windows-sys-0.61.2.crate";
        sha256 = "ae137229bcbd6cdf0f7b80a31df61766145077ddf49416a728b02cb3921ff3fc";
      })
    ];
    inherit src;
    manifests = [
      "Cargo.toml"
      "Cargo.lock"
    ];
    entries = [
      "src/bin/tick.rs"
      "src/bin/web.rs"
    ];
    members = [ "axum-demo@1.0.0" ];
    builds = [
      [
        "--release"
        "--locked"
      ]
    ];
  };

  app = language.mkApp {
    name = "axum-demo";
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
    name = "axum-demo";
    version = "1.0.0";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "target/release/web";
        tick = "./target/release/tick";
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
      "Cargo.lock" = "f2e4b1ec47771ac6b09632e6d109239ebe5ce4f3bba07a28db85d652ae37acf6";
      "Cargo.toml" = "316f6492c5626a3ccb649ac06c1af7b1b2e5854d960488a46ffbccba69a62ad7";
      Procfile = "c8e58b9395cec665048ec2da1b5327ef948d22a4bef73a0c3d8437727c502f74";
      "hop3.toml" = "a689e2b3c6cf1796a5516401c142de6a7de0ba5c68ea7f5576dca40369408153";
    };
  };

  env = hop3.mkEnv {
    name = "axum-demo";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
