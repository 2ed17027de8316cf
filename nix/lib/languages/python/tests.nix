{ hop3, pkgs }:
let
  python = hop3.python { interpreter = pkgs.python313; };
  file =
    name:
    hop3.fetchLocked {
      inherit name;
      url = "https://index.example/${name}";
      sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
    };
  wheel = file "flask-3-py3-none-any.whl";
  sdist = file "docopt-1.tar.gz";
  backend = file "setuptools-1-py3-none-any.whl";

  deps = python.mkDeps {
    name = "my app";
    files = [ wheel ];
  };
  withSdist =
    buildFiles:
    python.mkDeps {
      name = "x";
      files = [ sdist ];
      inherit buildFiles;
    };
  appWith =
    arguments:
    python.mkApp (
      {
        name = "my app";
        src = ./tests.nix;
        inherit deps;
      }
      // arguments
    );
  json = text: builtins.fromJSON (builtins.unsafeDiscardStringContext text);
  has = text: whole: builtins.length (builtins.split text whole) > 1;
  succeeds = value: (builtins.tryEval value).success;
in
{
  depsAreNamedAfterTheApplication = {
    expr = deps.name;
    expected = "my-app-deps";
  };
  wheelsAreInstalledUnderTheirOwnNames = {
    expr = map (entry: entry.filename) (json deps.spec).wheels;
    expected = [ "flask-3-py3-none-any.whl" ];
  };
  depsNeedNoCompiler = {
    expr = deps.compiler;
    expected = false;
  };
  anSdistIsBuiltApartAndWithACompiler = {
    expr = map (built: [
      built.name
      built.compiler
    ]) (withSdist [ backend ]).built;
    expected = [
      [
        "wheel-of-docopt-1.tar.gz"
        true
      ]
    ];
  };
  anSdistNeedsBuildRequirements = {
    expr = succeeds (withSdist [ ]).name;
    expected = false;
  };
  aBuildRequirementMayBeAnSdist = {
    expr = map (env: map (built: built.name) env.built) (
      map (built: builtins.head built.madeWith) (withSdist [
        backend
        (file "flit_core-1.tar.gz")
      ]).built
    );
    expected = [ [ "wheel-of-flit_core-1.tar.gz" ] ];
  };
  programsInWheelsRunAsTheInterpreterDoesIfItLoadsWheels = {
    expr = [
      (has "autoPatchelf" deps.command)
      (has "foreign.py" deps.command)
    ];
    expected = [
      false
      true
    ];
  };
  wheelsArePatchedForOtherInterpreters = {
    expr =
      let
        patched = (hop3.python { interpreter = pkgs.foreign; }).mkDeps { name = "x"; };
      in
      [
        patched.given.nativeBuildInputs
        patched.given.buildInputs
        (has "autoPatchelf" patched.command)
      ];
    expected = [
      [ pkgs.autoPatchelfHook ]
      [
        pkgs.stdenv.cc.cc.lib
        pkgs.zlib
      ]
      true
    ];
  };
  buildStepsArriveAsTheyAre = {
    expr = (json (appWith { buildSteps = [ "echo '$x' \${y}" ]; }).steps).steps;
    expected = [ "echo '$x' \${y}" ];
  };
  anEnvironmentKnowsWhereTheApplicationWillBe = {
    expr =
      (json
        (appWith {
          environment = app: {
            PYTHONPATH = [
              "${app}/app"
              "/b"
            ];
          };
        }).steps
      ).environment;
    expected = [
      [
        "PYTHONPATH"
        "${placeholder "out"}/app:/b"
      ]
    ];
  };
  aPlainApplicationNeedsNoCompiler = {
    expr = [
      (appWith { }).compiler
      (has "build_wheel" (appWith { }).command)
    ];
    expected = [
      false
      false
    ];
  };
  aProjectIsBuiltAndInstalled = {
    expr =
      let
        project = appWith {
          installProject = true;
          deps = withSdist [ backend ];
          version = "1.2";
        };
      in
      [
        project.compiler
        (has "build_wheel" project.command)
        project.SETUPTOOLS_SCM_PRETEND_VERSION
      ];
    expected = [
      true
      true
      "1.2"
    ];
  };
  aProjectNeedsBuildRequirements = {
    expr = succeeds (appWith { installProject = true; }).name;
    expected = false;
  };
  whatBuildsIsKnownSoThatItCanBeKeptOut = {
    expr = map (tool: tool.name) (appWith {
      deps = withSdist [ backend ];
      installProject = true;
    }).buildTools;
    expected = [
      "pip"
      "x-build-deps"
      "x-build-deps"
    ];
  };
}
