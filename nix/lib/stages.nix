# Parts of an application in other languages: each is built like an application, and what its build
# steps have made is put into the tree that the main language is given.
{ pkgs, safeName }:
let
  python3 = pkgs.python3.interpreter;
  collect = ./scripts/collect_stage.py;
  cleanSource = import ./clean-source.nix;
  litter = import ./litter.nix;
in
{
  # A directory of the application's files, as if it were all of them.
  below =
    src: directory:
    if src ? snapshot then { snapshot = src.snapshot + "/${directory}"; } else src + "/${directory}";

  # The files of a language in a directory of the application: those alone, or with all others.
  sourceIn =
    {
      src,
      directory,
      wholeTree ? false,
    }:
    {
      inherit directory;
      outPath = cleanSource (
        if wholeTree then
          src
        else
          {
            of = src;
            only = directory;
          }
      );
    };

  mkStage =
    {
      name,
      source,
      deps,
      app,
      interpreter ? null,
      # Whether workers run it: its packages are then a part of what it makes.
      kept ? false,
    }:
    let
      left = [ app ] ++ app.buildTools or [ ];
      gone = if kept then left else left ++ [ deps ] ++ (if interpreter == null then [ ] else [ interpreter ]);
    in
    {
      inherit app deps kept;
      buildTools = left ++ (if kept then [ ] else [ deps ]);
      files =
        pkgs.runCommand "${safeName 50 name}-files"
          {
            spec = builtins.toJSON {
              source = "${source}";
              tree = if source.directory or "" == "" then "${app}/app" else "${app}/tree";
              skipped = if kept then [ ] else litter.anywhere ++ litter.atTheRoot;
              references = map (path: "${path}") gone;
            };
            passAsFile = [ "spec" ];
            disallowedReferences = gone;
          }
          ''
            ${python3} ${collect} "$specPath" $out
          '';
    };

  # The application's files with those that its stages have made.
  withStages =
    source: stages:
    pkgs.runCommand "source"
      {
        passthru = {
          directory = source.directory or "";
          original = source;
        };
      }
      ''
        cp -R ${source} $out
        chmod -R u+w $out
        ${builtins.concatStringsSep "\n" (map (stage: "cp -R --remove-destination ${stage.files}/. $out") stages)}
      '';
}
