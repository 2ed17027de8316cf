# A small stdenv: mkDerivation with the arguments that nixpkgs documents, with and without a
# compiler.
{
  system,
  platform,
  shell,
  initialPath,
}:
{
  # The wrapped compiler, or null for stdenvNoCC.
  cc,
}:
let
  inherit (builtins) isFunction removeAttrs;

  # The last command is the shell's own: Nix kills a builder that has closed its output, which
  # the programs of coreutils do shortly before they end.
  setup = derivation {
    name = "stdenv";
    inherit system;
    builder = shell;
    args = [
      "-euc"
      ''
        ${builtins.head initialPath}/bin/mkdir "$out"
        ${builtins.head initialPath}/bin/cp "$script" "$out/setup"
        exit 0
      ''
    ];
    script = ./setup.sh;
  };

  # nixpkgs takes the headers of whatever has them apart; without a compiler nobody needs them.
  headersOf =
    packages:
    if cc == null then
      [ ]
    else
      map (package: package.dev) (builtins.filter (package: package ? dev) packages);

  own = [
    "env"
    "meta"
    "passthru"
    "pos"
    "strictDeps"
  ];

  build =
    attrs:
    let
      nativeBuildInputs = (if cc == null then [ ] else [ cc ]) ++ attrs.nativeBuildInputs or [ ];
      buildInputs = attrs.buildInputs or [ ];
      propagated = attrs.propagatedBuildInputs or [ ];
    in
    derivation (
      removeAttrs attrs own
      // attrs.env or { }
      // {
        name = attrs.name or "${attrs.pname}-${attrs.version}";
        inherit system initialPath nativeBuildInputs;
        inherit (platform) libdir;
        builder = attrs.realBuilder or shell;
        args =
          attrs.args or [
            "-e"
            (attrs.builder or ./builder.sh)
          ];
        stdenv = setup;
        SHELL = shell;
        headerInputs = headersOf (nativeBuildInputs ++ buildInputs ++ propagated);
      }
    );

  mkDerivation =
    argument:
    let
      final = attrs // {
        finalPackage = package;
      };
      attrs = if isFunction argument then argument final else argument;
      drv = build attrs;
      package =
        drv
        // attrs.passthru or { }
        // {
          meta = attrs.meta or { };
          passthru = attrs.passthru or { };
          overrideAttrs =
            change:
            mkDerivation (
              final:
              let
                previous = if isFunction argument then argument final else argument;
              in
              previous // (if isFunction change then apply change final previous else change)
            );
        }
        // (if attrs ? pname then { inherit (attrs) pname; } else { })
        // (if attrs ? version then { inherit (attrs) version; } else { });
    in
    package;

  # overrideAttrs takes `previous: {…}` and `final: previous: {…}`.
  apply =
    change: final: previous:
    let
      changed = change previous;
    in
    if isFunction changed then change final previous else changed;
in
setup
// {
  inherit
    cc
    initialPath
    mkDerivation
    shell
    system
    ;
  hostPlatform = {
    inherit system;
    isLinux = true;
  };
}
