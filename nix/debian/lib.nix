# The part of nixpkgs' lib that a small expression needs.
{ libdir }:
let
  inherit (builtins)
    concatMap
    concatStringsSep
    match
    replaceStrings
    stringLength
    substring
    ;

  getBin = package: package.bin or package;
in
{
  inherit concatStringsSep getBin;
  getDev = package: package.dev or package;
  getLib = package: package.lib or package;
  getExe = package: "${getBin package}/bin/${package.meta.mainProgram or package.pname}";
  getExe' = package: program: "${getBin package}/bin/${program}";

  makeBinPath = packages: concatStringsSep ":" (map (package: "${getBin package}/bin") packages);
  makeSearchPath =
    folder: packages:
    concatStringsSep ":" (map (package: "${package}/${folder}") packages);
  makeLibraryPath =
    packages:
    concatStringsSep ":" (
      concatMap (package: [
        "${package}/${libdir}"
        "${package}/lib"
      ]) packages
    );

  concatStrings = concatStringsSep "";
  concatMapStringsSep =
    separator: function: list:
    concatStringsSep separator (map function list);

  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  optionalAttrs = condition: set: if condition then set else { };
  optionalString = condition: text: if condition then text else "";

  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      rest = stringLength text - stringLength suffix;
    in
    rest >= 0 && substring rest (stringLength suffix) text == suffix;

  # A word of a POSIX shell, left alone if nothing in it needs quoting.
  escapeShellArg =
    value:
    let
      text = toString value;
    in
    if match "[[:alnum:],._+:@%/-]+" text != null then
      text
    else
      "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
}
