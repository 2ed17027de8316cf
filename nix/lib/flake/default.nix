# The outputs of an application's flake, from its rendered expression: nothing is imported that has
# to be built first, so that `nix flake show` is quick and CI needs nothing but Nix.
{
  # A package set by system, as the flake of nixpkgs has it.
  nixpkgs,
  # The file that `hop3-nix render` has written.
  expression,
  # Those that the lockfile's files were chosen for.
  systems,
}:
let
  forEach =
    make:
    builtins.listToAttrs (
      map (system: {
        name = system;
        value = make nixpkgs.legacyPackages.${system};
      }) systems
    );
  outputsFor =
    pkgs:
    import expression {
      inherit pkgs;
      hop3 = import ../. { inherit pkgs; };
    };
  mkRunner = pkgs: import ./runner.nix { inherit pkgs; };
in
{
  packages = forEach (
    pkgs:
    let
      outputs = outputsFor pkgs;
    in
    {
      inherit (outputs) closureInfo image;
      default = outputs.package;
    }
  );

  # An expression of other files than those of today is one that fails.
  checks = forEach (
    pkgs:
    let
      outputs = outputsFor pkgs;
    in
    outputs.tests // outputs.current or { }
  );

  apps = forEach (
    pkgs:
    let
      inherit (outputsFor pkgs) package;
      workers = builtins.attrNames package.runtime.workers or { };
      appOf = worker: {
        type = "app";
        program = "${mkRunner pkgs { inherit package worker; }}";
        meta.description = "Run ${worker} of ${package.name}";
      };
      all = builtins.listToAttrs (
        map (worker: {
          name = worker;
          value = appOf worker;
        }) workers
      );
      first = if all ? web then "web" else builtins.head workers;
    in
    if workers == [ ] then { } else all // { default = appOf first; }
  );

  devShells = forEach (pkgs: { default = (outputsFor pkgs).devShell; });
}
