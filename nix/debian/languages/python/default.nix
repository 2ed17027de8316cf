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
    inherit (pkgs) cacert runCommand;
  };

  named =
    name:
    mkInterpreter {
      group = groups.${name};
      library = groups."${name}-lib";
      headers = groups."${name}-dev";
      wheels = groups."${name}-pip";
      version = versions.${name};
    };

  python313 = named "python313";
in
{
  inherit python313;
  python3 = python313;
  python311 = named "python311";
}
