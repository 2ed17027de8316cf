# The text of docs/nixos-options.md, which `make options` writes.
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    isAttrs
    isList
    match
    replaceStrings
    toJSON
    ;

  lib = import ./small-lib.nix;
  inherit
    (import ../module.nix {
      inherit lib;
      config = { };
      pkgs = { };
    })
    options
    ;

  # Values as they are written in a configuration.
  shown =
    value:
    if isAttrs value && value ? code then
      value.code
    else if isList value then
      if value == [ ] then "[ ]" else "[ ${concatStringsSep " " (map shown value)} ]"
    else if isAttrs value then
      let
        one = name: "${name} = ${shown value.${name}};";
      in
      if value == { } then "{ }" else "{ ${concatStringsSep " " (map one (attrNames value))} }"
    else
      toJSON value;

  default =
    option:
    let
      value = option.defaultText or option.default;
    in
    if !(option ? default) && !(option ? defaultText) then
      "none; it has to be given"
    else
      value.prose or "`${shown value}`";

  entry =
    path: option:
    let
      facts = [
        "- type: ${option.type.description}"
        "- default: ${default option}"
      ]
      ++ (if option ? example then [ "- example: `${shown option.example}`" ] else [ ]);
      name = replaceStrings [ "<" ">" ] [ "\\<" "\\>" ] (concatStringsSep "." path);
      # Written in one line or in several.
      description = builtins.head (match "(.*[^\n])\n*" option.description);
    in
    [ "## ${name}\n\n${description}\n\n${concatStringsSep "\n" facts}\n" ]
    ++ (
      if option.type.options or null == null then
        [ ]
      else
        entries (path ++ option.type.path or [ ]) option.type.options
    );

  entries =
    path: options:
    concatMap (
      name:
      let
        option = options.${name};
      in
      if option._type or "" == "option" then
        entry (path ++ [ name ]) option
      else
        entries (path ++ [ name ]) option
    ) (attrNames options);
in
''
  # Options of the NixOS module

  Written by `make options` from the module itself; [nixos.md](nixos.md) says how it is used.

''
+ concatStringsSep "\n" (entries [ ] options)
