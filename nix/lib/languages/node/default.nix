# Node: an interpreter of the package set -> mkDeps (node_modules from locked tarballs, laid out as
# the lockfile says, by no package manager) and mkApp (the application's tree, with its build steps
# applied).
{
  pkgs,
  joinPath,
  safeName,
  setEnvironment,
}:
{
  # Node alone, which is what the result runs.
  interpreter,
  # The same version with npm, node-gyp and the headers, which only builds have.
  toolbox,
}:
let
  python3 = pkgs.python3.interpreter;
  scriptsIn =
    name: path:
    builtins.path {
      name = "hop3-${name}";
      inherit path;
      filter = file: _type: builtins.match ".*\\.py" file != null;
    };
  steps = scriptsIn "scripts" ../../scripts;
  scripts = scriptsIn "node-scripts" ./.;
  patchShebangs = "${python3} ${steps}/patch_shebangs.py ${builtins.storeDir}";

  # What scripts of packages may call when they run.
  programs = [
    interpreter
    pkgs.bash
    pkgs.coreutils
  ];
  binOf = map (package: "${package}/bin");

  # What every program of a build is told: nothing is fetched, equal inputs give equal bytes.
  settings = {
    CI = "1";
    LANG = "C.UTF-8";
    PYTHONDONTWRITEBYTECODE = "1";
    npm_config_nodedir = "${toolbox}";
    npm_config_offline = "true";
    npm_config_update_notifier = "false";
  };

  mkModules = import ./modules.nix {
    inherit
      binOf
      interpreter
      pkgs
      programs
      python3
      scripts
      settings
      steps
      toolbox
      ;
  };

  mkDeps =
    {
      name,
      # Tarballs, and where each belongs.
      files ? [ ],
      modules ? { },
      links ? { },
      # What there is beside them while the build steps run.
      buildFiles ? [ ],
      buildModules ? { },
      buildLinks ? { },
      # Paths of what may be left out: for another platform, or not to be compiled.
      optional ? [ ],
      # Packages whose install scripts run.
      allowScripts ? [ ],
      # Whether there is a compiler for packages that have a binding.gyp.
      compile ? true,
      # Libraries and programs that they are compiled with.
      buildPackages ? [ ],
    }:
    let
      common = {
        inherit
          allowScripts
          buildPackages
          compile
          optional
          ;
      };
      result = mkModules (
        common
        // {
          name = "${safeName 50 name}-deps";
          inherit files links modules;
        }
      );
      complete = mkModules (
        common
        // {
          name = "${safeName 50 name}-build-deps";
          base = result;
          # A package may be there once for the result and once more for the steps.
          files = files ++ buildFiles;
          modules = buildModules;
          links = buildLinks;
        }
      );
      isSame = buildModules == { } && buildLinks == { };
    in
    result
    // {
      inherit links modules;
      forBuild = (if isSame then result else complete) // {
        modules = modules // buildModules;
        links = links // buildLinks;
      };
      buildTools = [ toolbox ] ++ (if isSame then [ ] else [ complete ]);
      forShell = [
        (if isSame then result else complete)
        toolbox
      ];
      forShellEnvironment = {
        NODE_ENV = "development";
        NODE_PATH = "${if isSame then result else complete}/node_modules";
      };
    };

  mkApp =
    {
      name,
      src,
      deps,
      # Packages that the application has on PATH at run time.
      packages ? [ ],
      # Packages that only the build steps have on PATH.
      buildPackages ? [ ],
      # Shell command lines, run in the tree, in order.
      buildSteps ? [ ],
      # app -> the run-time environment, for the steps; `app` is where the tree will be.
      environment ? (_app: { }),
      # What node_modules is in the result: "linked" to deps; "copied", as the steps left it but
      # without what is only for them; or "none".
      nodeModules ? "linked",
    }:
    let
      variables = setEnvironment // environment (placeholder "out");
      builds = buildSteps != [ ];
      layout = tree: how: {
        inherit how;
        deps = "${tree}";
        inherit (tree) links;
        modules = builtins.attrNames tree.modules;
        dropped = builtins.attrNames (
          builtins.removeAttrs (deps.forBuild.modules // deps.forBuild.links) (
            builtins.attrNames (tree.modules // tree.links)
          )
        );
      };
      attributes = settings // {
        nativeBuildInputs = [ toolbox ] ++ packages ++ buildPackages;
        # The names in an environment may be anything, so they are no attributes here.
        steps = builtins.toJSON {
          steps = buildSteps;
          environment = map (variable: [
            variable
            (joinPath variables.${variable})
          ]) (builtins.attrNames variables);
        };
        before = builtins.toJSON (layout deps.forBuild "copied");
        after = builtins.toJSON (
          layout deps (if builds && nodeModules == "copied" then "pruned" else nodeModules)
        );
        passAsFile = [
          "steps"
          "after"
        ]
        ++ (if builds then [ "before" ] else [ ]);
        passthru = {
          inherit deps;
          inherit (deps) buildTools;
        };
      };
      searched = binOf (programs ++ packages);
    in
    assert
      builtins.elem nodeModules [
        "linked"
        "copied"
        "none"
      ]
      || throw "mkApp: nodeModules is ${nodeModules}; it can be linked, copied or none";
    pkgs.runCommand "${safeName 50 name}-app"
      (if builds then attributes else builtins.removeAttrs attributes [ "before" ])
      ''
        export HOME=$PWD
        ${import ../../place-source.nix src}
        # The steps may run them, and there is no /usr/bin/env.
        ${patchShebangs} $out/app ${toString searched}
        ${
          if builds then
            ''
              ${python3} ${scripts}/place_modules.py "$beforePath" $out/app
              (
                export PATH=$out/app/node_modules/.bin:$PATH
                cd $out/app
                ${python3} ${steps}/run_steps.py "$stepsPath" ${pkgs.bash}/bin/bash
              )
            ''
          else
            ""
        }
        ${python3} ${scripts}/place_modules.py "$afterPath" $out/app
        ${if builds then "${patchShebangs} $out/app ${toString searched}" else ""}
      '';
in
{
  inherit mkApp mkDeps;
}
