# A development shell: the interpreters and the locked dependencies on PATH, and the variables that
# workers have, with the working tree in the place of the application's. Built, it is one `bin`.
{
  pkgs,
  joinPath,
  safeName,
  setEnvironment,
}:
{
  name,
  packages,
  # app -> the run-time environment; `app` is where the tree is.
  environment ? (_app: { }),
}:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    filter
    isList
    match
    replaceStrings
    split
    ;

  # What a shell needs may be more than what the application has, and other than what workers have.
  forShell = concatMap (package: package.forShell or [ package ]) packages;

  searched = concatStringsSep ":" (map (package: "${package}/bin") forShell);

  # Stands for the application where its tree would be named.
  app = "@application@";
  variables = builtins.foldl' (all: package: all // package.forShellEnvironment or { }) (
    setEnvironment [ ] // environment app
  ) packages;
  isBuilt = text: concatStringsSep "" (filter (part: !isList part) (split "${app}/app" text));
  # What only a build makes is not there.
  isThere = text: match ".*${app}.*" (replaceStrings [ "\n" ] [ " " ] (isBuilt text)) == null;
  there =
    value: if isList value then filter isThere value else filter isThere [ (joinPath value) ];

  quoted =
    text:
    "'${
      replaceStrings
        [
          "'"
          "${app}/app"
        ]
        [
          "'\\''"
          "'\"$PWD\"'"
        ]
        text
    }'";
  export =
    name:
    let
      value = there variables.${name};
    in
    # A shell has no variables of other names.
    if match "[A-Za-z_][A-Za-z0-9_]*" name == null || value == [ ] then
      ""
    else
      "[ -n \"\${${name}+set}\" ] || export ${name}=${quoted (joinPath value)}\n";
in
pkgs.runCommand "${safeName 50 name}-env"
  {
    packages = forShell;
    # By PATH alone: the shell would run the setup hooks of packages, and a lockfile's may bring some.
    shellHook = concatStringsSep "" (
      (if forShell == [ ] then [ ] else [ "export PATH=${searched}:$PATH\n" ])
      ++ map export (attrNames variables)
    );
  }
  ''
    mkdir -p $out/bin
    for package in $packages; do
      for program in $package/bin/*; do
        [ -e "$out/bin/''${program##*/}" ] || ln -s "$program" $out/bin/
      done
    done
  ''
