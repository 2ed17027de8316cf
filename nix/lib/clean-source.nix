# The application's own files, as one store path.
#
# Left out is what is no part of the application (docs/source.md): version control, environments,
# caches, build results, secrets in .env, this expression with its library, empty directories; and
# the files that only configure hop3-nix, so that a change of the Procfile rebuilds nothing but the
# bundle.
src:
let
  root = toString src;
  relative = path: builtins.substring (builtins.stringLength root + 1) (-1) path;

  anywhere = [
    ".direnv"
    ".env"
    ".git"
    ".hg"
    ".mypy_cache"
    ".nox"
    ".pytest_cache"
    ".ruff_cache"
    ".svn"
    ".tox"
    ".venv"
    "__pycache__"
    "node_modules"
    "venv"
  ];
  atTheRoot = [
    "hop3-nix"
    "hop3-nix.lock"
    "hop3.nix"
  ]
  ++ configuration;
  configuration = [
    "Procfile"
    "hop3.toml"
  ];

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
    let
      base = baseNameOf path;
      place = relative path;
    in
    builtins.elem base anywhere
    || builtins.elem place atTheRoot
    || builtins.elem place (map (name: "hop3/${name}") configuration)
    || builtins.match ".*\\.pyc" base != null
    || (type == "symlink" && builtins.match "result(-.*)?" place != null)
    || (
      type == "directory" && (builtins.pathExists "${path}/pyvenv.cfg" || isEmpty path)
    )
    # Sockets and pipes have no form in the store.
    || type == "unknown";
in
builtins.path {
  name = "source";
  path = src;
  filter = path: type: !isLeftOut path type;
}
