# The programs of the library that builds run: `scriptsIn` names a directory of them, with those alone
# whose names the pattern matches, so that a change of anything else beside them builds nothing again.
{ pkgs }:
let
  python3 = pkgs.python3.interpreter;
  scriptsIn =
    name: pattern: path:
    builtins.path {
      name = "hop3-${name}";
      inherit path;
      filter = file: _type: builtins.match pattern file != null;
    };
  steps = scriptsIn "scripts" ".*\\.py" ./scripts;
in
{
  inherit python3 scriptsIn steps;
  # Takes directories: in the first, programs of the others stand for those that are named by hand.
  patchShebangs = "${python3} ${steps}/patch_shebangs.py ${builtins.storeDir}";
  # Takes the result, then a tree in it and what that was before the build steps.
  checkResult = "${python3} ${steps}/check_result.py ${builtins.storeDir}";
}
