# What is really put in its place is tested in tests/nix/test_templates.py.
{ hop3, pkgs }:
let
  inherit (hop3.prebuilt) mkApp mkDeps;
  deps = arguments: mkDeps ({ name = "my app"; } // arguments);
  app =
    arguments:
    mkApp (
      {
        name = "my app";
        src = ./tests.nix;
        deps = "/deps";
      }
      // arguments
    );
  has = text: whole: builtins.length (builtins.split text whole) > 1;
  fails = value: !(builtins.tryEval value).success;
in
{
  depsAreNamedAfterTheApplication = {
    expr = (deps { }).name;
    expected = "my-app-deps";
  };
  whatIsFetchedIsNoPartOfAClosure = {
    expr = (deps { files = [ "/fetched" ]; }).buildTools;
    expected = [ "/fetched" ];
  };
  aPackageIsOneOfTheSet = {
    expr = map toString (deps { package = "unzip"; }).forShell;
    expected = [ "${pkgs.unzip}" ];
  };
  aPackageThatTheSetDoesNotHaveIsAnError = {
    expr = fails (deps { package = "no.such"; }).command;
    expected = true;
  };
  theFilesOfTheApplicationAreLaidOverWhatWasFetched = {
    expr = map (overlay: has "overlay.py /deps/app" (app { inherit overlay; }).command) [
      "app"
      ""
    ];
    expected = [
      true
      false
    ];
  };
}
