# For `nix flake init -t hop3-nix#NAME`: the smallest application of each language, in the folder of
# its name.
let
  entries = builtins.readDir ./.;
  names = builtins.filter (name: entries.${name} == "directory") (builtins.attrNames entries);

  template =
    name:
    let
      path = ./. + "/${name}";
    in
    {
      inherit path;
      inherit (import (path + "/flake.nix")) description;
      welcomeText = builtins.readFile ./welcome.md;
    };
  templates = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = template name;
    }) names
  );
in
templates // { default = templates.python; }
