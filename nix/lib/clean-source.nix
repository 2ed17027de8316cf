# The application's own files, as one store path.
#
# Left out is what is no part of the application (docs/source.md): version control, environments,
# caches, build results, secrets in .env, this expression with its library, empty directories; and
# the files that only configure hop3-nix, so that a change of the Procfile rebuilds nothing but the
# bundle. Of a snapshot, which hop3-nix has made of exactly the application's files, only the latter.
# Of `{ of = SRC; only = "DIRECTORY"; }`, what is not in the directory is left out as well.
src:
let
  whole = src.of or src;
  only = src.only or "";
  isSnapshot = whole ? snapshot;
  tree = whole.snapshot or whole;
  root = toString tree;
  relative = path: builtins.substring (builtins.stringLength root + 1) (-1) path;

  litter = import ./litter.nix;
  configuration = [
    "Procfile"
    "hop3.toml"
  ];
  ours = [
    "BUILD_ARTIFACT.json"
    "flake.lock"
    "flake.nix"
    "hop3-nix"
    "hop3.nix"
    "hop3/runtime.json"
  ]
  ++ configuration
  ++ map (name: "hop3/${name}") configuration;

  isLitter =
    path: type:
    builtins.elem (baseNameOf path) litter.anywhere
    || builtins.elem (relative path) litter.atTheRoot
    || builtins.match ".*\\.pyc" (baseNameOf path) != null
    || (type == "symlink" && builtins.match "result(-.*)?" (relative path) != null)
    || (type == "directory" && builtins.pathExists "${path}/pyvenv.cfg");

  # Also a directory in which nothing is left.
  isEmpty =
    directory:
    let
      entries = builtins.readDir directory;
    in
    builtins.all (name: isLeftOut "${directory}/${name}" entries.${name}) (
      builtins.attrNames entries
    );

  isElsewhere =
    path:
    let
      isBelow = directory: other: builtins.substring 0 (builtins.stringLength directory + 1) other == "${directory}/";
    in
    only != "" && path != only && !(isBelow only path || isBelow path only);

  isLeftOut =
    path: type:
    isElsewhere (relative path)
    || builtins.elem (relative path) ours
    || builtins.match "hop3-nix\\.(.*\\.)?lock" (relative path) != null
    || (!isSnapshot && isLitter path type)
    || (type == "directory" && isEmpty path)
    # Sockets and pipes have no form in the store.
    || type == "unknown";
in
builtins.path {
  name = "source";
  path = tree;
  filter = path: type: !isLeftOut path type;
}
