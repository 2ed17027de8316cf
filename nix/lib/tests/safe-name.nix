{ hop3 }:
let
  inherit (hop3) safeName;
  long = builtins.concatStringsSep "" (builtins.genList (_: "0123456789") 100);
in
{
  keepsWhatTheStoreAccepts = {
    expr = safeName 50 "a-B_9.+?=";
    expected = "a-B_9.+?=";
  };
  replacesAllElse = {
    expr = safeName 50 "my app/é\n\${x}'\"\\";
    expected = "my-app-x";
  };
  hasAtMostTheLimit = {
    expr = builtins.stringLength (safeName 50 long);
    expected = 50;
  };
  doesNotCutACharacterInTwo = {
    expr = safeName 2 "aé";
    expected = "a";
  };
  doesNotBeginWithADot = {
    expr = safeName 50 ".hidden";
    expected = "_.hidden";
  };
  isNeverEmpty = {
    expr = map (safeName 50) [
      ""
      "///"
      "日本"
    ];
    expected = [
      "_"
      "_"
      "_"
    ];
  };
  dropsTheContext = {
    expr = builtins.hasContext (safeName 50 "${builtins.toFile "x" ""}");
    expected = false;
  };
}
