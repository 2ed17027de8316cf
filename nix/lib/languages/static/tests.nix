{ hop3, pkgs }:
let
  inherit (hop3.static) mkApp server;
  app =
    arguments:
    mkApp (
      {
        name = "my site";
        src = ./tests.nix;
      }
      // arguments
    );
  json = text: builtins.fromJSON (builtins.unsafeDiscardStringContext text);
  has = text: whole: builtins.length (builtins.split text whole) > 1;
in
{
  theServerKnowsItsPrograms = {
    expr = {
      inherit (server.given) bash nginx nss_wrapper;
    };
    expected = {
      inherit (pkgs) bash nginx nss_wrapper;
    };
  };
  theServerKnowsTheStore = {
    expr = has "@store@ ${builtins.storeDir}" server.command;
    expected = true;
  };
  anAppIsNamedAfterTheApplication = {
    expr = (app { }).name;
    expected = "my-site-app";
  };
  anAppNeedsNoCompiler = {
    expr = (app { }).compiler;
    expected = false;
  };
  buildStepsArriveAsTheyAre = {
    expr = (json (app { buildSteps = [ "echo '$x' \${y}" ]; }).steps).steps;
    expected = [ "echo '$x' \${y}" ];
  };
  stepsHaveTheirPackagesOnPath = {
    expr =
      (app {
        packages = [ pkgs.bash ];
        buildPackages = [ pkgs.coreutils ];
      }).given.nativeBuildInputs;
    expected = [
      pkgs.bash
      pkgs.coreutils
    ];
  };
  anEnvironmentKnowsWhereTheApplicationWillBe = {
    expr =
      (json
        (app {
          environment = app: {
            SITE = "${app}/app";
          };
        }).steps
      ).environment;
    expected = [
      [
        "SITE"
        "${placeholder "out"}/app"
      ]
    ];
  };
}
