# The bundle: hop3/runtime.json and a launcher for each worker. It is the store path that a built
# application is known by, and it is cheap, so that a Procfile can be changed at no cost.
{
  joinPath,
  pkgs,
  postbuild,
  safeName,
  setEnvironment,
  storePaths,
  workers,
}:
let
  # What a runtime section can say, and what holds where it does not.
  defaultRuntime = {
    env = { };
    defaults = [ ];
    required = [ ];
    path = [ ];
    # All of the application's files, if it works in a directory of them.
    tree = "";
    working_dir = "";
    workers = { };
    before_run = [ ];
    static_paths = { };
    writable_tree = "";
    writable = [ ];
    healthcheck_path = "";
    healthcheck_timeout = 30;
    healthcheck_contains = "";
    backend_protocol = "http";
    # What is done when a worker starts: docs/start-data.md.
    start = { };
    # What planning has decided of the workers, for those who evaluate and do not build: when the
    # scheduled ones start, by systemd.time(7), and which are files.
    calendars = { };
    files = [ ];
  };

  # toJSON takes a set that has `outPath` or `__toString` for text, and names here may be anything.
  object =
    attrs:
    let
      member = name: "${builtins.toJSON name}:${attrs.${name}}";
    in
    "{${builtins.concatStringsSep "," (map member (builtins.attrNames attrs))}}";
  textObject = attrs: object (builtins.mapAttrs (_: builtins.toJSON) attrs);
  startObject =
    start:
    object (
      builtins.mapAttrs (_: builtins.toJSON) start
      // (if start ? steps then { steps = textObject start.steps; } else { })
    );
in
{
  name,
  app,
  runtime,
  version ? "",
  description ? "",
  # What hop3.mkStage made of each other language.
  stages ? [ ],
  # Patterns, as in .gitignore, of files that are no secrets though they look like some.
  included ? [ ],
  passthru ? { },
}:
let
  unknown = builtins.attrNames (
    builtins.removeAttrs runtime (builtins.attrNames defaultRuntime)
  );
  said = defaultRuntime // runtime;

  spec = object (
    builtins.mapAttrs (_: builtins.toJSON) (
      builtins.removeAttrs said [
        "calendars"
        "files"
      ]
    )
    // {
      mode = builtins.toJSON "nix";
      app_name = builtins.toJSON name;
      shell = builtins.toJSON "${pkgs.bash}/bin/bash";
      store = builtins.toJSON builtins.storeDir;
      working_dir = builtins.toJSON (
        if said.working_dir == "" then "${app}/app" else said.working_dir
      );
      env = textObject (builtins.mapAttrs (_: joinPath) (setEnvironment (app.packages or [ ]) // said.env));
      workers = textObject said.workers;
      static_paths = textObject said.static_paths;
      start = startObject said.start;
    }
  );

  # The closure of what the runtime section names is the closure of the bundle.
  roots = storePaths spec;
  graphs = builtins.genList (
    index: "closure-${toString index} ${builtins.elemAt roots index}"
  ) (builtins.length roots);

  # What has no place in a closure unless the application asks for it. Only the paths are named,
  # so that none of it is fetched for this.
  pathOf = package: builtins.unsafeDiscardStringContext package.outPath;
  buildTools = map pathOf (
    [ pkgs.stdenv.cc ] ++ app.buildTools or [ ] ++ builtins.concatMap (stage: stage.buildTools) stages
  );
in
assert
  unknown == [ ]
  || throw "mkBundle: the runtime section of ${name} has no field ${builtins.head unknown}; it has ${builtins.concatStringsSep ", " (builtins.attrNames defaultRuntime)}";
pkgs.runCommand (safeName 50 name)
  {
    inherit spec;
    included = builtins.toJSON included;
    passAsFile = [
      "included"
      "spec"
    ];
    exportReferencesGraph = graphs;
    disallowedRequisites = builtins.filter (path: !(builtins.elem path roots)) buildTools;
    passthru = {
      inherit app runtime;
    }
    // passthru;
    meta =
      { inherit description; }
      // (if version == "" then { } else { inherit version; })
      // (if said.workers ? web then { mainProgram = "web"; } else { });
  }
  ''
    ${pkgs.python3.interpreter} ${./scripts/complete_spec.py} "$specPath" spec.json
    ${pkgs.python3.interpreter} ${./scripts/check_libraries.py} spec.json
    mkdir hop3_nix
    ln -s ${postbuild} hop3_nix/postbuild
    ln -s ${workers} hop3_nix/workers
    ${pkgs.python3.interpreter} -B -m hop3_nix.postbuild.leaks ${if said.tree == "" then "${app}/app" else said.tree} "${app.source or ""}" "$includedPath"
    ${pkgs.python3.interpreter} -B -m hop3_nix.postbuild spec.json $out
  ''
