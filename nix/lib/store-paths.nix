# The store paths that `text` names and depends on, in order and without their context.
#
# A path that only looks like one, and that the text has no dependency on, is left out: what Nix is
# asked to export the references of must be an input of the build.
text:
let
  context = builtins.getContext text;

  # /nix/store/HASH-NAME -> NAME
  nameOf = path: builtins.substring (builtins.stringLength builtins.storeDir + 34) (-1) path;
  derivationNameOf = path: builtins.head (builtins.match "(.*)\\.drv" (nameOf path));

  expectedFrom =
    key:
    map (output: if output == "out" then derivationNameOf key else "${derivationNameOf key}-${output}") (
      context.${key}.outputs or [ ]
    )
    ++ (if context.${key}.path or false then [ (nameOf key) ] else [ ]);
  expected = builtins.concatMap expectedFrom (builtins.attrNames context);

  pattern = "(${builtins.storeDir}/[0-9a-z]{32}-[0-9A-Za-z+._?=-]+)";
  matches = builtins.filter builtins.isList (
    builtins.split pattern (builtins.unsafeDiscardStringContext text)
  );
  found = builtins.filter (path: builtins.elem (nameOf path) expected) (map builtins.head matches);
in
builtins.attrNames (
  builtins.listToAttrs (
    map (path: {
      name = path;
      value = null;
    }) found
  )
)
