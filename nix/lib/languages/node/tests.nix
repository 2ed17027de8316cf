{ hop3, pkgs }:
let
  node = hop3.node {
    interpreter = pkgs.nodejs-slim_22;
    toolbox = pkgs.nodejs_22;
  };
  file =
    name:
    hop3.fetchLocked {
      inherit name;
      url = "https://index.example/${name}";
      hash = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
    };
  depsWith =
    arguments:
    node.mkDeps (
      {
        name = "my app";
        files = [ (file "@a+express-4.0.0.tgz") ];
        modules."node_modules/@a/express" = "@a+express-4.0.0.tgz";
      }
      // arguments
    );
  deps = depsWith { };
  withTools = depsWith {
    buildFiles = [ (file "vite-1.0.0.tgz") ];
    buildModules."node_modules/vite" = "vite-1.0.0.tgz";
  };
  appWith =
    arguments:
    node.mkApp (
      {
        name = "my app";
        src = ./tests.nix;
        inherit deps;
      }
      // arguments
    );
  json = text: builtins.fromJSON (builtins.unsafeDiscardStringContext text);
  specOf = tree: json tree.spec;
  succeeds = value: (builtins.tryEval value).success;
in
{
  depsAreNamedAfterTheApplication = {
    expr = deps.name;
    expected = "my-app-deps";
  };
  eachPathHasTheTarballThatTheLockfileSays = {
    expr = builtins.attrNames (specOf deps).modules;
    expected = [ "node_modules/@a/express" ];
  };
  aTarballThatIsMissingIsAnError = {
    expr = succeeds (depsWith { modules."node_modules/x" = "x-1.0.0.tgz"; }).spec;
    expected = false;
  };
  thereIsACompilerUnlessNothingIsCompiled = {
    expr = map (compile: (depsWith { inherit compile; }).compiler) [
      true
      false
    ];
    expected = [
      true
      false
    ];
  };
  whatStepsNeedIsAddedToWhatTheResultHas = {
    expr = [
      (builtins.attrNames (specOf withTools.forBuild).modules)
      (
        (specOf withTools.forBuild).base == builtins.unsafeDiscardStringContext withTools.outPath
      )
    ];
    expected = [
      [ "node_modules/vite" ]
      true
    ];
  };
  whatStepsNeedDoesNotChangeWhatTheResultHas = {
    expr = withTools.outPath == deps.outPath;
    expected = true;
  };
  thereIsOneTreeIfStepsNeedNoOther = {
    expr = deps.forBuild.outPath == deps.outPath;
    expected = true;
  };
  npmIsABuildTool = {
    expr = map (tool: tool.name) (appWith { }).buildTools;
    expected = [ "nodejs_22" ];
  };
  theTreeOfTheStepsIsABuildTool = {
    expr = map (tool: tool.name) (appWith { deps = withTools; }).buildTools;
    expected = [
      "nodejs_22"
      "my-app-build-deps"
    ];
  };
  withoutStepsTheirTreeIsNotMade = {
    expr = (appWith { deps = withTools; }).given ? before;
    expected = false;
  };
  whatOnlyStepsNeedIsDropped = {
    expr = (json (appWith {
      deps = withTools;
      buildSteps = [ "npm run build" ];
      nodeModules = "copied";
    }).given.after).dropped;
    expected = [ "node_modules/vite" ];
  };
  anUnknownWayToPlaceModulesIsAnError = {
    expr = succeeds (appWith { nodeModules = "hoisted"; }).name;
    expected = false;
  };
}
