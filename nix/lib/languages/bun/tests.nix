{ hop3, pkgs }:
let
  bun = hop3.bun { interpreter = pkgs.bun; };
  file = hop3.fetchLocked {
    name = "hono-4.0.0.tgz";
    url = "https://index.example/hono-4.0.0.tgz";
    hash = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
  };
  depsOf =
    language:
    language.mkDeps {
      name = "my app";
      files = [ file ];
      modules."node_modules/hono" = "hono-4.0.0.tgz";
      compile = false;
    };
  app = bun.mkApp {
    name = "my app";
    src = ./tests.nix;
    deps = depsOf bun;
    buildSteps = [ "bun run build" ];
  };
  compiling = hop3.bun {
    interpreter = pkgs.bun;
    toolbox = pkgs.nodejs_22;
  };
in
{
  depsAreNamedAfterTheApplication = {
    expr = (depsOf bun).name;
    expected = "my-app-deps";
  };
  withoutNodeThereIsNoBuildTool = {
    expr = (depsOf bun).buildTools;
    expected = [ ];
  };
  whatCompilesIsABuildTool = {
    expr = map (tool: tool.name) (depsOf compiling).buildTools;
    expected = [ "nodejs_22" ];
  };
  stepsHaveBunByAllItsNames = {
    expr = map (tool: tool.name) app.given.nativeBuildInputs;
    expected = [
      "bun-script-runner"
      "bun"
    ];
  };
}
