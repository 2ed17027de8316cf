{ hop3, pkgs }:
let
  go = hop3.go { interpreter = pkgs.go_1_24; };
  archive = hop3.fetchLocked {
    name = "example.org/one/@v/v1.0.0.zip";
    url = "https://proxy.example/example.org/one/@v/v1.0.0.zip";
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  };

  # This very folder stands for an application whose modules are chosen by one of its files.
  depsWith =
    arguments:
    go.mkDeps (
      {
        name = "my app";
        files = [ archive ];
        src = ./.;
        manifests = [ "tests.nix" ];
      }
      // arguments
    );
  appWith =
    arguments:
    go.mkApp (
      {
        name = "my app";
        src = ./tests.nix;
        deps = depsWith { };
      }
      // arguments
    );
  withC = {
    environment.CGO_ENABLED = "1";
  };
  json = text: builtins.fromJSON (builtins.unsafeDiscardStringContext text);
  has = text: whole: builtins.length (builtins.split text whole) > 1;
  toolsOf = deps: map (tool: tool.name) deps.buildTools;
in
{
  depsAreNamedAfterTheApplication = {
    expr = (depsWith { }).name;
    expected = "my-app-deps";
  };
  filesStandWhereAProxyHasThem = {
    expr = map (file: file.path) (json (depsWith { }).spec).modules;
    expected = [ "example.org/one/@v/v1.0.0.zip" ];
  };
  whatChoosesModulesIsAFileByItself = {
    expr = map (file: has "tests.nix$" file.file) (json (depsWith { }).spec).manifests;
    expected = [ true ];
  };
  aSnapshotHasTheSame = {
    expr = (depsWith { src = hop3.snapshot ./.; }).spec;
    expected = (depsWith { }).spec;
  };
  withVendorGoChoosesByItself = {
    expr = map (vendored: has "-mod=readonly" (depsWith { inherit vendored; }).settings.GOFLAGS) [
      true
      false
    ];
    expected = [
      false
      true
    ];
  };
  importsArriveAsTheyAre = {
    expr = json (depsWith { imports = [ "example.org/one/x" ]; }).imports;
    expected = [ "example.org/one/x" ];
  };
  noResultHasACompilerOrWhatItMade = {
    expr = [
      (toolsOf (depsWith { }))
      (toolsOf (depsWith { files = [ ]; }))
      (map (tool: tool.name) (appWith { }).buildTools)
    ];
    expected = [
      [
        "go"
        "go-std-1.24.4"
        "my-app-modules"
      ]
      [
        "go"
        "go-std-1.24.4"
      ]
      [
        "go"
        "go-std-1.24.4"
        "my-app-modules"
        "my-app-deps"
      ]
    ];
  };
  cIsCompiledWhereItIsAskedFor = {
    expr = [
      (depsWith { }).compiler
      (depsWith withC).compiler
      (appWith { }).compiler
      (appWith { deps = depsWith withC; }).compiler
    ];
    expected = [
      false
      true
      false
      true
    ];
  };
  buildStepsAreToldWhatDepsWereTold = {
    expr = (appWith { }).given.GOFLAGS;
    expected = "-trimpath -buildvcs=false -mod=readonly";
  };
  aDevelopmentShellHasTheCompiler = {
    expr = map (package: package.name) (depsWith { }).forShell;
    expected = [ "go" ];
  };
}
