# A build of probe.sh by busybox alone, which needs no package set.
{
  busybox,
  script,
  file,
  address,
  process,
  name,
}:
let
  programs = builtins.path {
    name = "programs";
    path = busybox;
  };
  shell = "${programs}/busybox"; # it goes by its own name
in
derivation {
  name = "probe-${name}";
  system = builtins.currentSystem;
  builder = shell;
  args = [
    "sh"
    (builtins.path {
      name = "probe.sh";
      path = script;
    })
  ];
  busybox = shell;
  victim = builtins.toFile "victim" "of ${name}\n";
  inherit file address process;
}
