# hop3-nix itself.
#
# nixpkgs has every package that it needs. Another set has none of them: there it is made of the
# wheels that package.lock pins, by the functions that applications are made with. The lock has no
# addresses; those come with the package set, in `hop3NixWheels` (docs/adr/0009).
{
  pkgs,
  hop3 ? import ./lib { inherit pkgs; },
}:
let
  inherit (builtins)
    elem
    head
    match
    readFile
    replaceStrings
    stringLength
    substring
    ;

  pname = "hop3-nix";
  meta = {
    description = "From an application's source to a running, reproducible deployment, built by Nix";
    mainProgram = pname;
    license = {
      spdxId = "Apache-2.0";
      free = true;
    };
  };

  declared = replaceStrings [ "\n" ] [ " " ] (readFile ../src/hop3_nix/__init__.py);
  version = head (match ".*__version__[^\"]*\"([^\"]*)\".*" declared);

  src = builtins.path {
    name = "${pname}-source";
    path = ./..;
    filter =
      path: _type:
      let
        relative = substring (stringLength (toString ./..) + 1) (-1) path;
        top = head (builtins.split "/" relative);
      in
      elem top [
        "LICENSE"
        "README.md"
        "nix"
        "pyproject.toml"
        "src"
        "templates"
      ]
      && !elem (baseNameOf path) [
        "__pycache__"
        "data"
      ]
      || match "docs(/schema.*)?" relative != null;
  };

  ofNixpkgs =
    let
      python = pkgs.python3Packages;
    in
    python.buildPythonApplication {
      inherit
        meta
        pname
        src
        version
        ;
      pyproject = true;
      build-system = [ python.hatchling ];
      dependencies = [
        python.click
        python.jinja2
        python.packaging
        python.pip
        python.pydantic
        python.pyyaml
        python.requests
        python.rich
        python.semantic-version
        python.sh
        python.supervisor
      ];
      pythonImportsCheck = [ "hop3_nix" ];
    };

  ofWheels =
    let
      wheels =
        pkgs.hop3NixWheels or (throw ''
          this package set does not say where the wheels of hop3-nix are.
          Write the Debian set with them: hop3-nix packages flake DIR
        '');
      python = hop3.python { interpreter = pkgs.${wheels.interpreter}; };
      environment = python.mkDeps {
        name = pname;
        files = map hop3.fetchLocked wheels.files ++ [
          {
            filename = "${pname}-${version}";
            outPath = "${src}";
          }
        ];
        buildFiles = map hop3.fetchLocked wheels.build;
      };
    in
    pkgs.runCommand "${pname}-${version}"
      {
        inherit environment meta version;
        passthru = { inherit environment; };
      }
      ''
        mkdir -p $out/bin
        ln -s $environment/bin/hop3-nix $out/bin/hop3-nix
        complete() {
          mkdir -p "$out/share/$2"
          $out/bin/hop3-nix completion "$1" >"$out/share/$2/$3"
        }
        complete bash bash-completion/completions hop3-nix
        complete fish fish/vendor_completions.d hop3-nix.fish
        complete zsh zsh/site-functions _hop3-nix
      '';
in
if pkgs ? python3Packages then ofNixpkgs else ofWheels
