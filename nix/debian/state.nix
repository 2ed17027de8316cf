# The state directory, found as the command line finds it (XDG Base Directory 0.8).
let
  inherit (builtins) getEnv match;

  isAbsolute = path: match "/.*" path != null;
  chosen = getEnv "HOP3_NIX_STATE";
  base = getEnv "XDG_STATE_HOME";
in
if isAbsolute chosen then
  /. + chosen
else if chosen != "" then
  /. + "${getEnv "PWD"}/${chosen}"
else if isAbsolute base then
  /. + "${base}/hop3-nix"
else
  /. + "${getEnv "HOME"}/.local/state/hop3-nix"
