# The nearest name that the store accepts for any text: letters, digits and + - . _ ? =, not a dot
# first, and at most `limit` bytes.
limit: text:
let
  shortened = builtins.substring 0 limit (builtins.unsafeDiscardStringContext text);
  parts = builtins.split "[^A-Za-z0-9+._?=-]+" shortened;
  joined = builtins.concatStringsSep "-" (
    builtins.filter (part: builtins.isString part && part != "") parts
  );
in
if joined == "" || builtins.substring 0 1 joined == "." then "_${joined}" else joined
