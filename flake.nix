{
  description = "From an application's source to a running, reproducible deployment, built by Nix";

  # The embedded Debian set does as well: --override-input nixpkgs path:DIR (docs/flakes.md)
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      # A package set may be for one system only.
      systems = builtins.filter (system: nixpkgs.legacyPackages ? ${system}) [
        "x86_64-linux"
        "aarch64-linux"
      ];
      generate =
        systems: make:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = make nixpkgs.legacyPackages.${system};
          }) systems
        );
      forEach = generate systems;

      libraryFor = pkgs: import ./nix/lib { inherit pkgs; };
      packageFor = pkgs: import ./nix/package.nix { inherit pkgs; };

      templates = import ./examples/flakes;
    in
    {
      packages = forEach (
        pkgs:
        let
          hop3-nix = packageFor pkgs;
        in
        {
          inherit hop3-nix;
          default = hop3-nix;
        }
      );

      apps = forEach (
        pkgs:
        let
          app = {
            type = "app";
            program = "${packageFor pkgs}/bin/hop3-nix";
            meta.description = "Build, run and deploy applications";
          };
        in
        {
          hop3-nix = app;
          default = app;
        }
      );

      # `lib.<system>` is the library that rendered expressions call, made of that system's packages.
      lib = forEach libraryFor // {
        # All outputs of a rendered expression: `package`, `tests`, `image`, `devShell`, …
        buildApp =
          {
            # The application's tree, such as a flake input.
            src,
            # A package set for the system that is built for.
            pkgs,
            # What `hop3-nix render -o hop3.nix` has written.
            expression ? src + "/hop3.nix",
          }:
          import expression {
            inherit pkgs src;
            hop3 = libraryFor pkgs;
          };

        # The outputs of an application's own flake, which `hop3-nix init --flake` writes.
        appFlake = import ./nix/lib/flake;
      };

      overlays.default = final: prev: {
        hop3 = libraryFor final;
        hop3-nix = packageFor final;
      };

      # A set, as Nix 2.8 knows modules.
      nixosModules.default = {
        imports = [ ./nix/module.nix ];
      };

      inherit templates;

      checks = forEach (
        pkgs:
        {
          hop3-nix = packageFor pkgs;
          library = import ./nix/checks.nix { inherit pkgs; };
        }
        // builtins.mapAttrs (
          _: template:
          (self.lib.buildApp {
            src = template.path;
            inherit pkgs;
          }).tests.web
        ) (removeAttrs templates [ "default" ])
        # A virtual machine, for which it takes a whole nixpkgs.
        // (
          if pkgs ? testers.runNixOSTest then
            {
              nixos = import ./nix/nixos-test.nix {
                inherit pkgs;
                inherit
                  (self.lib.buildApp {
                    src = templates.python.path;
                    inherit pkgs;
                  })
                  package
                  ;
              };
            }
          else
            { }
        )
      );

      devShells = forEach (pkgs: {
        default = (libraryFor pkgs).mkEnv {
          name = "hop3-nix";
          packages = [
            (packageFor pkgs)
            pkgs.bash
            pkgs.coreutils
            pkgs.python3
          ]
          # What the embedded set does not have.
          ++ builtins.concatMap (name: if pkgs ? ${name} then [ pkgs.${name} ] else [ ]) [
            "git"
            "nixfmt"
            "ruff"
            "shellcheck"
            "uv"
          ];
        };
      });

      # The embedded set has none.
      formatter = generate (builtins.filter (
        system: nixpkgs.legacyPackages.${system} ? nixfmt
      ) systems) (pkgs: pkgs.nixfmt);
    };
}
