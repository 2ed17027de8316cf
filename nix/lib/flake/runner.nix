# A program that runs one worker as `nix run` does: where nobody has said which port and which
# directory, it has some of its own.
{ pkgs }:
{ package, worker }:
let
  safeName = import ../safe-name.nix;
  quoted = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'";
in
pkgs.runCommand "${safeName 50 package.name}-run-${safeName 50 worker}"
  {
    program = ''
      #!${pkgs.bash}/bin/bash
      set -euo pipefail
      export PORT="''${PORT:-8000}"
      state="''${XDG_STATE_HOME:-$HOME/.local/state}/"${quoted (safeName 50 package.name)}
      export HOP3_STATE_DIR="''${HOP3_STATE_DIR:-$state}"
      ${pkgs.coreutils}/bin/mkdir -p "$HOP3_STATE_DIR"
      before=${package}/hop3/before-run
      [ ! -e "$before" ] || "$before"
      exec ${package}/bin/${quoted worker} "$@"
    '';
    passAsFile = [ "program" ];
  }
  ''
    cp "$programPath" $out
    chmod +x $out
  ''
