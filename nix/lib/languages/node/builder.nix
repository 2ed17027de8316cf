# An interpreter of the package set -> mkDeps (node_modules from locked tarballs, laid out as the
# lockfile says, by no package manager) and mkApp (the application's tree, with its build steps
# applied).
{
  mkTree,
  pkgs,
  programs,
  runner,
  safeName,
}:
{
  # Node alone, which is what the result runs.
  interpreter,
  # The same version with npm, node-gyp and the headers, which only builds have; null without.
  toolbox ? null,
  # Where a program called node is that scripts of packages are run by.
  node ? interpreter,
}:
let
  inherit (programs)
    checkResult
    python3
    scriptsIn
    steps
    ;
  scripts = scriptsIn "node-scripts" ".*\\.py" ./.;

  # What scripts of packages may call when they run.
  called = [
    node
    pkgs.bash
    pkgs.coreutils
  ];
  binOf = map (package: "${package}/bin");

  # What every program of a build is told: nothing is fetched, equal inputs give equal bytes.
  tools = if toolbox == null then [ ] else [ toolbox ];
  settings = {
    CI = "1";
    LANG = "C.UTF-8";
    PYTHONDONTWRITEBYTECODE = "1";
    npm_config_offline = "true";
    npm_config_update_notifier = "false";
  }
  // (if toolbox == null then { } else { npm_config_nodedir = "${toolbox}"; });

  mkModules = import ./modules.nix {
    inherit
      binOf
      checkResult
      node
      pkgs
      python3
      scripts
      settings
      steps
      tools
      ;
    programs = called;
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
      buildTools = tools ++ (if isSame then [ ] else [ complete ]);
      forShell = [ (if isSame then result else complete) ] ++ tools;
      forShellEnvironment = {
        NODE_ENV = "development";
        NODE_PATH = "${if isSame then result else complete}/node_modules";
      };
    };

  mkApp =
    {
      deps,
      buildSteps ? [ ],
      # What node_modules is in the result: "linked" to deps; "copied", as the steps left it but
      # without what is only for them; or "none".
      nodeModules ? "linked",
      # Files of the tree that node parses, and does not run.
      checked ? [ ],
      ...
    }@arguments:
    let
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
      place = spec: "${python3} ${scripts}/place_modules.py \"$" + spec + "Path\" $out/app";
    in
    assert
      builtins.elem nodeModules [
        "linked"
        "copied"
        "none"
      ]
      || throw "mkApp: nodeModules is ${nodeModules}; it can be linked, copied or none";
    mkTree (
      builtins.removeAttrs arguments [
        "nodeModules"
        "checked"
      ]
      // {
        inherit settings;
        tools = [
          runner
          interpreter
        ]
        ++ tools;
        runs = called;
        stepsPath = [ "$out/app/node_modules/.bin" ];
        specs = {
          after = layout deps (if builds && nodeModules == "copied" then "pruned" else nodeModules);
        }
        // (if builds then { before = layout deps.forBuild "copied"; } else { });
        before = if builds then place "before" else "";
        after = place "after";
        finish =
          if checked == [ ] then
            ""
          else
            ''
              (
                cd $out/app
                for file in ${toString checked}; do
                  node --check "$file"
                done
              )
            '';
      }
    );
in
{
  inherit mkApp mkDeps;
}
