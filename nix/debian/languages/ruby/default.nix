# Debian's interpreters by the names of nixpkgs.
{
  groups,
  pkgs,
  platform,
  versions,
  ...
}:
let
  mkInterpreter = import ./interpreter.nix {
    inherit platform;
    inherit (pkgs) python3 runCommand;
  };

  ruby_3_1 = mkInterpreter {
    group = groups.ruby31;
    version = versions.ruby_3_1;
  };
  ruby_3_3 = mkInterpreter {
    group = groups.ruby33;
    version = versions.ruby_3_3;
  };
in
{
  inherit ruby_3_1 ruby_3_3;
  ruby = ruby_3_3;
}
