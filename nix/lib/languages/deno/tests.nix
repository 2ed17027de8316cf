{ hop3, pkgs }:
let
  deno = hop3.deno { interpreter = pkgs.deno; };
  file = hop3.fetchLocked {
    name = "hono-4.0.0.tgz";
    url = "https://index.example/hono-4.0.0.tgz";
    hash = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
  };
  depsWith =
    npm:
    deno.mkDeps {
      name = "my app";
      files = [ file ];
      inherit npm;
    };
  deps = depsWith { "hono@4.0.0" = "hono-4.0.0.tgz"; };
  spec = builtins.fromJSON (builtins.unsafeDiscardStringContext deps.given.spec);
  app = deno.mkApp {
    name = "my app";
    src = ./tests.nix;
    inherit deps;
  };
in
{
  depsAreNamedAfterTheApplication = {
    expr = deps.name;
    expected = "my-app-deps";
  };
  eachPackageHasItsFile = {
    expr = builtins.attrNames spec.npm;
    expected = [ "hono@4.0.0" ];
  };
  aFileThatIsMissingIsAnError = {
    expr = (builtins.tryEval (depsWith { "ms@1.0.0" = "ms-1.0.0.tgz"; }).given.spec).success;
    expected = false;
  };
  stepsFindTheCache = {
    expr = app.given.DENO_DIR == "${deps}/deno";
    expected = true;
  };
}
