# Python: an interpreter of the package set -> mkDeps (a virtual environment from locked files) and
# mkApp (the application's tree, with its build steps applied).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{
  interpreter,
  # The compiler of Rust, if there is a wheel to build that has some.
  rust ? null,
}:
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

  # What builds wheels with Rust in them: crates are among the files that wheels are built with.
  isCrate = file: builtins.match ".*\\.crate" file.filename != null;
  withRust =
    name: buildFiles:
    if rust == null then
      {
        buildTools = [ ];
        prepare = "";
        settings = { };
        tools = [ ];
      }
    else
      (import ../rust {
        inherit
          mkTree
          pkgs
          programs
          safeName
          ;
      } { interpreter = rust; }).mkCrates
        {
          inherit name;
          files = builtins.filter isCrate buildFiles;
        };

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
      crates = withRust name buildFiles;
      buildEnv = wheels.mkBuildEnv {
        name = "${safeName 50 name}-build-deps";
        inherit buildPackages crates;
        buildFiles = builtins.filter (file: !isCrate file) buildFiles;
      };
    in
    assert
      sdists == [ ]
      || buildFiles != [ ]
      || throw "mkDeps: ${(builtins.head sdists).filename} is a source distribution, and building it needs its locked build requirements: pass them as buildFiles (hop3-nix lock finds them)";
    wheels.mkVenv {
      name = "${safeName 50 name}-deps";
      wheels = builtins.filter wheels.isWheel files;
      built = map (wheels.buildSdist { inherit buildEnv buildPackages crates; }) sdists;
    }
    // {
      # What builds the project's own wheel.
      inherit buildEnv buildFiles crates;
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
      inherit (deps) buildEnv crates;
      installing = plain // {
        make = pkgs.runCommandCC;
        # The interpreter comes behind all others.
        buildPackages = buildPackages ++ [ interpreter ] ++ crates.tools;
        buildTools = [ buildEnv ] ++ crates.buildTools;
        settings = common.deterministic // crates.settings // versionForBackends version // {
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
            inherit buildEnv crates;
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
