# Python: an interpreter of the package set -> mkDeps (a virtual environment from locked files) and
# mkApp (the application's tree, with its build steps applied).
{
  pkgs,
  joinPath,
  safeName,
  setEnvironment,
}:
{ interpreter }:
let
  scriptsIn =
    name: path:
    builtins.path {
      name = "hop3-${name}";
      inherit path;
      filter = file: _type: builtins.match ".*\\.py" file != null;
    };
  steps = scriptsIn "scripts" ../../scripts;

  common = {
    python3 = interpreter.interpreter;
    scripts = scriptsIn "python-scripts" ./.;
    patchShebangs = "${common.python3} ${steps}/patch_shebangs.py ${builtins.storeDir}";

    # What every Python that runs in a build is told: equal inputs, equal bytes.
    deterministic = {
      LANG = "C.UTF-8";
      PYTHONDONTWRITEBYTECODE = "1";
      PYTHONHASHSEED = "0";
      PYTHONNOUSERSITE = "1";
      SOURCE_DATE_EPOCH = "315532800";
    };
  };
  inherit (common) python3 scripts;

  wheels = import ./wheels.nix { inherit common pkgs safeName; } interpreter;

  mkDeps =
    {
      name,
      files ? [ ],
      # Locked build requirements of the source distributions among `files`.
      buildFiles ? [ ],
      # Packages that compile them: libraries, pkg-config.
      buildPackages ? [ ],
    }:
    let
      sdists = builtins.filter (file: !wheels.isWheel file) files;
      buildEnv = wheels.mkBuildEnv {
        name = "${safeName 50 name}-build-deps";
        inherit buildFiles buildPackages;
      };
    in
    assert
      sdists == [ ]
      || buildFiles != [ ]
      || throw "mkDeps: ${(builtins.head sdists).filename} is a source distribution, and building it needs its locked build requirements: pass them as buildFiles (hop3-nix lock finds them)";
    wheels.mkVenv {
      name = "${safeName 50 name}-deps";
      wheels = builtins.filter wheels.isWheel files;
      built = map (wheels.buildSdist { inherit buildEnv buildPackages; }) sdists;
    };

  # Backends that take a project's version from version control have none to ask here.
  versionForBackends = version: {
    PBR_VERSION = version;
    PDM_BUILD_SCM_VERSION = version;
    SETUPTOOLS_SCM_PRETEND_VERSION = version;
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
      # Whether to build the project's own wheel, with buildFiles, and install it beside the tree.
      installProject ? false,
      buildFiles ? [ ],
      version ? "0",
    }:
    let
      variables = setEnvironment // environment (placeholder "out");
      attributes = deterministic // {
        nativeBuildInputs = [ deps ] ++ packages ++ buildPackages;
        # The names in an environment may be anything, so they are no attributes here.
        steps = builtins.toJSON {
          steps = buildSteps;
          environment = map (variable: [
            variable
            (joinPath variables.${variable})
          ]) (builtins.attrNames variables);
        };
        passAsFile = [ "steps" ];
        passthru = {
          inherit deps;
          buildTools = deps.buildTools ++ (if installProject then [ buildEnv ] else [ ]);
        };
      };
      inherit (common) deterministic;

      buildEnv = wheels.mkBuildEnv {
        name = "${safeName 50 name}-build-deps";
        inherit buildFiles buildPackages;
      };

      forProject = versionForBackends version // {
        nativeBuildInputs = attributes.nativeBuildInputs ++ [ interpreter ];
        buildInputs = buildPackages;
        project = wheels.installSpec {
          python = "${deps}/bin/python3";
          built = [ "wheel" ];
        };
        passAsFile = [
          "project"
          "steps"
        ];
      };
      install = ''
        ${wheels.buildWheel {
          source = "$out/app";
          out = "wheel";
          inherit buildEnv;
        }}
        ${python3} ${scripts}/install_wheels.py "$projectPath" $out
      '';

      searched = map (package: "${package}/bin") ([ deps ] ++ packages);
      make = if installProject then pkgs.runCommandCC else pkgs.runCommand;
    in
    assert
      !installProject
      || buildFiles != [ ]
      || throw "mkApp: installing the project ${name} needs the locked build requirements of its pyproject.toml: pass them as buildFiles (hop3-nix lock finds them)";
    make "${safeName 50 name}-app" (attributes // (if installProject then forProject else { })) ''
      export HOME=$PWD
      ${import ../../place-source.nix src}
      (cd $out/app && ${python3} ${steps}/run_steps.py "$stepsPath" ${pkgs.bash}/bin/bash)
      ${if installProject then install else ""}
      ${common.patchShebangs} $out/app ${toString searched}
      ${python3} -W ignore ${scripts}/compile_tree.py $out/app
    '';
in
{
  inherit mkApp mkDeps;
}
