# The layers of the set: the definition says what they are made of and stand on, the lock which
# files that is. Each is one derivation, and lazy: what nobody uses is not fetched.
{
  definition,
  lock,
  # Debian's packages that applications name: name -> the files of their two parts.
  named,
  seed,
  fetchDeb,
  system,
  platform,
}:
let
  add = seen: layer: if builtins.elem layer seen then seen else seen ++ [ layer ];

  # The layers below a group, nearest first, each once.
  below = name: withBelow (definition.groups.${name}.on or [ ]);
  withBelow =
    names:
    builtins.foldl' add [ ] (
      builtins.concatMap (
        lower: [ lower ] ++ withBelow (definition.groups.${lower}.on or [ ])
      ) names
    );

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

  mkLayer =
    {
      name,
      debs,
      # Layers that this one may refer to, nearest first, and the one with the dynamic linker.
      layers,
      glibc,
      prune,
      isBootstrap ? false,
      links ? { },
      # Links that are made if what they lead to is there.
      alternatives ? { },
      # Whether links to what is left out go too, instead of being a mistake.
      dropsLinks ? false,
      adopt ? false,
      python ? "",
    }:
    let
      forSystem = builtins.replaceStrings [ "@arch@" "@triple@" ] [ platform.arch platform.triple ];
      pairs =
        links:
        builtins.concatStringsSep " " (
          map (link: forSystem "${link}=${links.${link}}") (builtins.attrNames links)
        );
    in
    derivation {
      inherit
        adopt
        dropsLinks
        glibc
        name
        prune
        python
        seed
        system
        ;
      inherit (platform) loader libdir;
      builder = "${seed}/bin/busybox";
      args = [
        "sh"
        ./scripts/unpack.sh
      ];
      debs = map fetchDeb debs;
      tools = if isBootstrap then "" else groups.bootstrap;
      scripts = if isBootstrap then "" else scripts;
      below = layers;
      links = pairs links;
      alternatives = pairs alternatives;
    };

  mkGroup =
    name: group:
    let
      lower = below name;
    in
    mkLayer {
      inherit name;
      debs = lock.groups.${name};
      layers = map (layer: groups.${layer}) lower;
      glibc = if builtins.elem "glibc" lower then groups.glibc else placeholder "out";
      prune =
        builtins.filter (pattern: !builtins.elem pattern (group.keep or [ ])) definition.prune
        ++ group.prune or [ ];
      isBootstrap = name == "bootstrap";
      links = group.links or { };
      adopt = group.adopt or false;
      python = group.python or "";
    };

  groups = builtins.mapAttrs mkGroup definition.groups;

  # A package that an application names is two layers, made as all others are: what runs, and above
  # it what only compiling takes. What it is configured by stays with it.
  mkNamed =
    name: files:
    let
      layer =
        suffix: debs: above: on:
        mkLayer {
          # A store path cannot be called all that a package can.
          name = builtins.replaceStrings [ "~" ] [ "-" ] name + suffix;
          inherit debs;
          layers = above ++ map (each: groups.${each}) (withBelow on);
          inherit (groups) glibc;
          inherit (definition.named) alternatives;
          dropsLinks = true;
          prune =
            builtins.filter (pattern: pattern != "etc") definition.prune ++ definition.named.prune;
        };
      runtime = layer "" files.runtime [ ] definition.named.on;
      development =
        layer "-dev" files.development [ runtime ]
          definition.named.development_on;
    in
    runtime // (if files.development == [ ] then { } else { dev = development; });
in
{
  inherit groups;
  named = builtins.mapAttrs mkNamed named;
}
