# The layers of the set: the definition says what they are made of and stand on, the lock which
# files that is. Each is one derivation, and lazy: what nobody uses is not fetched.
{
  definition,
  lock,
  seed,
  fetchDeb,
  system,
  platform,
}:
let
  # The layers below a group, nearest first, each once.
  below =
    name:
    let
      on = definition.groups.${name}.on or [ ];
      all = builtins.concatMap (lower: [ lower ] ++ below lower) on;
      add = seen: lower: if builtins.elem lower seen then seen else seen ++ [ lower ];
    in
    builtins.foldl' add [ ] all;

  # Without what Python may leave beside them.
  scripts = builtins.path {
    name = "relocate";
    path = ./scripts;
    filter =
      path: _type:
      builtins.elem (baseNameOf path) [
        "elf.py"
        "loader.py"
        "python_modules.py"
        "relocate.py"
      ];
  };

  isGlibc = name: builtins.match "glibc(-.*)?" name != null;

  mkGroup =
    name: group:
    let
      layers = below name;
      glibc = builtins.filter isGlibc layers;
      links = group.links or { };
      forSystem = builtins.replaceStrings [ "@triple@" ] [ platform.triple ];
      pairs = map (link: "${forSystem link}=${links.${link}}") (builtins.attrNames links);
      isBootstrap = name == "bootstrap";
    in
    derivation {
      inherit name system seed;
      inherit (platform) loader libdir;
      builder = "${seed}/bin/busybox";
      args = [
        "sh"
        ./scripts/unpack.sh
      ];
      debs = map fetchDeb lock.groups.${name};
      tools = if isBootstrap then "" else groups.bootstrap;
      scripts = if isBootstrap then "" else scripts;
      below = map (layer: groups.${layer}) layers;
      glibc = if glibc == [ ] then placeholder "out" else groups.${builtins.head glibc};
      prune = definition.prune ++ group.prune or [ ];
      links = builtins.concatStringsSep " " pairs;
      adopt = group.adopt or false;
      python = group.python or "";
    };

  groups = builtins.mapAttrs mkGroup definition.groups;
in
groups
