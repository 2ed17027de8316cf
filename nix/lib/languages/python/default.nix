# Python: an interpreter of the package set -> mkDeps (a virtual environment from locked files) and
# mkApp (the application's tree, with its build steps applied).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{ interpreter }:
let
  common = {
    python3 = interpreter.interpreter;
    inherit (programs) steps;
    scripts = programs.scriptsIn "python-scripts" ".*\\.py" ./.;
    patchShebangs = "${common.python3} ${programs.steps}/patch_shebangs.py ${builtins.storeDir}";

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
    }
    // {
      # What builds the project's own wheel.
      inherit buildEnv buildFiles;
    };

  # Backends that take a project's version from version control have none to ask here.
  versionForBackends = version: {
    PBR_VERSION = version;
    PDM_BUILD_SCM_VERSION = version;
    POETRY_DYNAMIC_VERSIONING_BYPASS = version;
    SETUPTOOLS_SCM_PRETEND_VERSION = version;
    UV_DYNAMIC_VERSIONING_BYPASS = version;
  };

  mkApp =
    {
      name,
      deps,
      buildPackages ? [ ],
      # Whether to build the project's own wheel, with the buildFiles of `deps`, and install it
      # beside the tree.
      installProject ? false,
      version ? "0",
      ...
    }@arguments:
    let
      plain = builtins.removeAttrs arguments [
        "installProject"
        "version"
      ] // {
        stepsPath = [ "${deps}/bin" ];
        runs = [ deps ];
        settings = common.deterministic;
        finish = "${python3} -W ignore ${scripts}/compile_tree.py $out/app";
      };
      inherit (deps) buildEnv;
      installing = plain // {
        make = pkgs.runCommandCC;
        # The interpreter comes behind all others.
        buildPackages = buildPackages ++ [ interpreter ];
        buildTools = [ buildEnv ];
        settings = common.deterministic // versionForBackends version // {
          buildInputs = buildPackages;
        };
        specs.project = wheels.installSpec {
          python = "${deps}/bin/python3";
          built = [ "wheel" ];
        };
        after = ''
          ${wheels.buildWheel {
            source = "$out/app";
            out = "wheel";
            inherit buildEnv;
          }}
          ${python3} ${scripts}/install_wheels.py "$projectPath" $out
          ${python3} ${scripts}/complete_tree.py $out/app $out/lib/python3*/site-packages
        '';
      };
    in
    assert
      !installProject
      || deps.buildFiles != [ ]
      || throw "mkApp: installing the project ${name} needs the locked build requirements of its pyproject.toml: pass them to mkDeps as buildFiles (hop3-nix lock finds them)";
    mkTree (if installProject then installing else plain);
in
{
  inherit mkApp mkDeps;
}
