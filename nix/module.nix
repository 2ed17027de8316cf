# The NixOS module: applications that hop3-nix has built, as services of the host (docs/nixos.md).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  named = name: app: app // { inherit name; };
  apps = builtins.attrValues (builtins.mapAttrs named config.services.hop3.apps);
  proxies = import ./nixos/proxies.nix apps;
  units = map (import ./nixos/units.nix {
    shell = "${pkgs.bash}/bin/bash";
    inherit (pkgs) coreutils;
  }) apps;
in
{
  options.services.hop3.apps = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule (import ./nixos/options.nix { inherit lib; }));
    default = { };
    description = ''
      The applications that run on this host. The name is what all of an application is called by:
      its units `hop3-NAME-WORKER-1.service`, its user `hop3-NAME`, its directory
      `/var/lib/hop3/state/NAME`.
    '';
  };

  config = {
    assertions = import ./nixos/problems.nix apps;
    systemd.services = lib.mkMerge (map (one: one.services) units);
    systemd.timers = lib.mkMerge (map (one: one.timers) units);
    services.nginx = lib.mkIf proxies.nginx.enable proxies.nginx;
    services.caddy = lib.mkIf proxies.caddy.enable proxies.caddy;
  };
}
