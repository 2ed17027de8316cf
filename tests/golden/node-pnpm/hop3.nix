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
  language = hop3.node {
    interpreter = pkgs.nodejs-slim_22;
    toolbox = pkgs.nodejs_22;
  };

  deps = language.mkDeps {
    name = "node-pnpm";
    files = [
      (hop3.fetchLocked {
        name = "arr-every-1.0.1.tgz";
        url = "https://index.example/arr-every-1.0.1.tgz";
        hash = "sha512-UQFQ6SgyJ6LX42W8rHCs8KVc0JS0tzVL9ct4XYedJukskYVWTo49tNiMEK9C2HTyarbNiT/RVIRSY82vH+6sTg==";
      })
      (hop3.fetchLocked {
        name = "matchit-1.1.0.tgz";
        url = "https://index.example/matchit-1.1.0.tgz";
        hash = "sha512-+nGYoOlfHmxe5BW5tE0EMJppXEwdSf8uBA1GTZC7Q77kbT35+VKLYJMzVNWCHSsga1ps1tPYFtFyvxvKzWVmMA==";
      })
      (hop3.fetchLocked {
        name = "nanoid-5.1.16.tgz";
        url = "https://index.example/nanoid-5.1.16.tgz";
        hash = "sha512-kVrnsrJqMR8+oLJnGEmSWw9BivK5mt7H3FZatVRjrc5wGqFYuBxX1yG7+A7Gi5AefkX6t/oCkizcQgpu0cY1dQ==";
      })
      (hop3.fetchLocked {
        name = "polka-0.5.2.tgz";
        url = "https://index.example/polka-0.5.2.tgz";
        hash = "sha512-FVg3vDmCqP80tOrs+OeNlgXYmFppTXdjD5E7I4ET1NjvtNmQrb1/mJibybKkb/d4NA7YWAr1ojxuhpL3FHqdlw==";
      })
      (hop3.fetchLocked {
        name = "polka-url-0.5.0.tgz";
        url = "https://index.example/polka-url-0.5.0.tgz";
        hash = "sha512-oZLYFEAzUKyi3SKnXvj32ZCEGH6RDnao7COuCVhDydMS9NrCSVXhM79VaKyP5+Zc33m0QXEd2DN3UkU7OsHcfw==";
      })
      (hop3.fetchLocked {
        name = "trouter-2.0.1.tgz";
        url = "https://index.example/trouter-2.0.1.tgz";
        hash = "sha512-kr8SKKw94OI+xTGOkfsvwZQ8mWoikZDd2n8XZHjJVZUARZT+4/VV6cacRS6CLsH9bNm+HFIPU1Zx4CnNnb4qlQ==";
      })
    ];
    modules = {
      "node_modules/.pnpm/@arr+every@1.0.1/node_modules/@arr/every" = "arr-every-1.0.1.tgz";
      "node_modules/.pnpm/@polka+url@0.5.0/node_modules/@polka/url" = "polka-url-0.5.0.tgz";
      "node_modules/.pnpm/matchit@1.1.0/node_modules/matchit" = "matchit-1.1.0.tgz";
      "node_modules/.pnpm/nanoid@5.1.16/node_modules/nanoid" = "nanoid-5.1.16.tgz";
      "node_modules/.pnpm/polka@0.5.2/node_modules/polka" = "polka-0.5.2.tgz";
      "node_modules/.pnpm/trouter@2.0.1/node_modules/trouter" = "trouter-2.0.1.tgz";
    };
    links = {
      "node_modules/.pnpm/matchit@1.1.0/node_modules/@arr/every" = "node_modules/.pnpm/@arr+every@1.0.1/node_modules/@arr/every";
      "node_modules/.pnpm/node_modules/@arr/every" = "node_modules/.pnpm/@arr+every@1.0.1/node_modules/@arr/every";
      "node_modules/.pnpm/node_modules/@polka/url" = "node_modules/.pnpm/@polka+url@0.5.0/node_modules/@polka/url";
      "node_modules/.pnpm/node_modules/matchit" = "node_modules/.pnpm/matchit@1.1.0/node_modules/matchit";
      "node_modules/.pnpm/node_modules/nanoid" = "node_modules/.pnpm/nanoid@5.1.16/node_modules/nanoid";
      "node_modules/.pnpm/node_modules/polka" = "node_modules/.pnpm/polka@0.5.2/node_modules/polka";
      "node_modules/.pnpm/node_modules/trouter" = "node_modules/.pnpm/trouter@2.0.1/node_modules/trouter";
      "node_modules/.pnpm/polka@0.5.2/node_modules/@polka/url" = "node_modules/.pnpm/@polka+url@0.5.0/node_modules/@polka/url";
      "node_modules/.pnpm/polka@0.5.2/node_modules/trouter" = "node_modules/.pnpm/trouter@2.0.1/node_modules/trouter";
      "node_modules/.pnpm/trouter@2.0.1/node_modules/matchit" = "node_modules/.pnpm/matchit@1.1.0/node_modules/matchit";
      "node_modules/nanoid" = "node_modules/.pnpm/nanoid@5.1.16/node_modules/nanoid";
      "node_modules/polka" = "node_modules/.pnpm/polka@0.5.2/node_modules/polka";
    };
  };

  app = language.mkApp {
    name = "node-pnpm";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    checked = [ "server.js" ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    NODE_ENV = "production";
    NODE_PATH = "${app}/app/node_modules";
  };

  package = hop3.mkBundle {
    name = "node-pnpm";
    version = "1.0.0";
    description = "A server of two packages, locked by pnpm";
    inherit app;
    runtime = {
      env = environment app;
      defaults = [ "NODE_ENV" ];
      path = [
        "${app}/app/node_modules/.bin"
        "${hop3.node.runner}/bin"
        "${pkgs.nodejs-slim_22}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "node server.js";
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
      "pnpm-lock.yaml" = "56147305087c3e7c8a44db3eb16b19721031576a7d6bba16205a671722be9561";
    };
  };

  env = hop3.mkEnv {
    name = "node-pnpm";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
