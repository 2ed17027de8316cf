# Debian's interpreters by the names of nixpkgs.
{
  groups,
  pkgs,
  versions,
  ...
}:
let
  mkInterpreter = import ./interpreter.nix {
    inherit (pkgs)
      cacert
      runCommand
      runCommandCC
      runtimeShell
      tzdata
      ;
    inherit (groups) base composer;
  };

  # The extensions that are not in the layer of the interpreter itself: each is a layer on it.
  extensionsOf =
    name:
    let
      all = builtins.attrNames groups;
      own = builtins.filter (group: builtins.match "${name}-.*" group != null) all;
      shortOf = group: builtins.head (builtins.match "${name}-(.*)" group);
    in
    builtins.listToAttrs (
      map (group: {
        name = shortOf group;
        value = groups.${group};
      }) own
    );

  named =
    name:
    mkInterpreter {
      group = groups.${name};
      extensions = extensionsOf name;
      version = versions.${name};
    };

  php84 = named "php84";
in
{
  inherit php84;
  php = php84;
  php82 = named "php82";
}
