# The application's own files, as one store path.
#
# Left out is what is no part of the application (docs/source.md): version control, environments,
# caches, build results, secrets in .env, this expression with its library, empty directories; and
# the files that only configure hop3-nix, so that a change of the Procfile rebuilds nothing but the
# bundle. Of a snapshot, which hop3-nix has made of exactly the application's files, only the latter.
src:
let
  isSnapshot = src ? snapshot;
  tree = src.snapshot or src;
  root = toString tree;
  relative = path: builtins.substring (builtins.stringLength root + 1) (-1) path;

  litterAnywhere = [
    ".env"
    ".git"
    ".hg"
    ".mypy_cache"
    ".nox"
    ".pytest_cache"
    ".ruff_cache"
    ".svn"
    ".tox"
    "__pycache__"
    "node_modules"
  ];
  litterAtTheRoot = [
    ".direnv"
    ".venv"
    "venv"
  ];
  configuration = [
    "Procfile"
    "hop3.toml"
  ];
  ours = [
    "hop3-nix"
    "hop3-nix.lock"
    "hop3.nix"
  ]
  ++ configuration
  ++ map (name: "hop3/${name}") configuration;

  isLitter =
    path: type:
    builtins.elem (baseNameOf path) litterAnywhere
    || builtins.elem (relative path) litterAtTheRoot
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

  isLeftOut =
    path: type:
    builtins.elem (relative path) ours
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
