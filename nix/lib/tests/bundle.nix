{ hop3, pkgs }:
let
  app = derivation {
    name = "app";
    system = "x86_64-linux";
    builder = "/none";
  };
  bundle =
    runtime:
    hop3.mkBundle {
      name = "my app";
      inherit app runtime;
    };
  specOf = runtime: builtins.fromJSON (builtins.unsafeDiscardStringContext (bundle runtime).spec);
  plain = builtins.unsafeDiscardStringContext;
  nasty = {
    outPath = "o";
    __toString = "t";
    type = "derivation";
    "\${x}\"" = "'\n";
  };
in
{
  isNamedAfterTheApplication = {
    expr = (bundle { }).name;
    expected = "my-app";
  };
  tellsThePostBuildStepEverything = {
    expr = builtins.attrNames (specOf { });
    expected = [
      "app_name"
      "backend_protocol"
      "before_run"
      "defaults"
      "env"
      "healthcheck_contains"
      "healthcheck_path"
      "healthcheck_timeout"
      "mode"
      "path"
      "required"
      "shell"
      "start"
      "static_paths"
      "store"
      "tree"
      "workers"
      "working_dir"
      "writable"
      "writable_tree"
    ];
  };
  letsLibrariesOfTheApplicationsPackagesBeLoaded = {
    expr =
      let
        packages = [
          pkgs.bash
          pkgs.coreutils
          (pkgs.zlib // { hasMultiarch = true; })
        ];
        made = hop3.mkBundle {
          name = "x";
          app = app // {
            inherit packages;
          };
          runtime = { };
        };
      in
      (builtins.fromJSON (plain made.spec)).env.LD_LIBRARY_PATH;
    expected = plain "${pkgs.zlib}/lib:${pkgs.zlib}/lib/x86_64-linux-gnu";
  };
  setsNoLibraryPathWithoutNeed = {
    expr = (specOf { }).env ? LD_LIBRARY_PATH;
    expected = false;
  };
  keepsTheApplicationsOwnName = {
    expr = (specOf { }).app_name;
    expected = "my app";
  };
  takesNamesForNamesWhateverTheyAre = {
    expr = builtins.toJSON (
      map (field: map (name: (specOf { ${field} = nasty; }).${field}.${name}) (builtins.attrNames nasty))
        [
          "env"
          "workers"
          "static_paths"
        ]
    );
    expected = builtins.toJSON (
      map (_: map (name: nasty.${name}) (builtins.attrNames nasty)) [
        1
        2
        3
      ]
    );
  };
  joinsSearchPaths = {
    expr =
      (specOf {
        env.PYTHONPATH = [
          "/a"
          "/b"
        ];
      }).env.PYTHONPATH;
    expected = "/a:/b";
  };
  worksInTheApplicationsTreeUnlessToldOtherwise = {
    expr = map (runtime: (specOf runtime).working_dir) [
      { }
      { working_dir = "/x"; }
    ];
    expected = [
      (plain "${app}/app")
      "/x"
    ];
  };
  exportsTheClosureOfWhatItNames = {
    expr = builtins.length (bundle { path = [ "${pkgs.coreutils}/bin" ]; }).given.exportReferencesGraph;
    # app, bash and coreutils
    expected = 3;
  };
  mayNotReachTheCompiler = {
    expr = (bundle { }).given.disallowedRequisites;
    expected = [ (plain "${pkgs.stdenv.cc}") ];
  };
  mayReachTheCompilerThatItAskedFor = {
    expr = (bundle { path = [ "${pkgs.stdenv.cc}/bin" ]; }).given.disallowedRequisites;
    expected = [ ];
  };
  namesTheMainProgram = {
    expr = (bundle { workers.web = "x"; }).given.meta.mainProgram;
    expected = "web";
  };
  refusesAFieldThatThereIsNot = {
    expr = (builtins.tryEval (bundle { workdir = ""; }).name).success;
    expected = false;
  };
}
