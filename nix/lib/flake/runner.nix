# A program that runs one worker as `nix run` does: where nobody has said which port and which
# directory, it has some of its own.
{ pkgs }:
{ package, worker }:
let
  safeName = import ../safe-name.nix;
  shellWord = import ../shell-word.nix;
in
pkgs.runCommand "${safeName 50 package.name}-run-${safeName 50 worker}"
  {
    program = ''
      #!${pkgs.bash}/bin/bash
      set -euo pipefail
      export PORT="''${PORT:-8000}"
      state="''${XDG_STATE_HOME:-$HOME/.local/state}/"${shellWord (safeName 50 package.name)}
      export HOP3_STATE_DIR="''${HOP3_STATE_DIR:-$state}"
      ${pkgs.coreutils}/bin/mkdir -p "$HOP3_STATE_DIR"
      before=${package}/hop3/before-run
      [ ! -e "$before" ] || "$before"
      exec ${package}/bin/${shellWord worker} "$@"
    '';
    passAsFile = [ "program" ];
  }
  ''
    cp "$programPath" $out
    chmod +x $out
  ''
