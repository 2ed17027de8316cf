# Workers are started for real in tests/nix/test_outputs.py.
{ hop3, pkgs }:
let
  bundle =
    runtime:
    pkgs.bash
    // {
      name = "my app";
      inherit runtime;
    };
  argumentsOf =
    environment: runtime:
    map builtins.unsafeDiscardStringContext (
      builtins.tail (
        builtins.tail
          (hop3.mkTests {
            package = bundle ({ workers.web = "x"; } // runtime);
            inherit environment;
          }).web.args
      )
    );
  plain = builtins.unsafeDiscardStringContext;
in
{
  areNamedAfterTheApplicationAndTheWorker = {
    expr = (hop3.mkTests { package = bundle { workers.web = "x"; }; }).web.name;
    expected = "my-app-test-web";
  };
  areForWhatServes = {
    expr = hop3.mkTests { package = bundle { workers.cron = "x"; }; };
    expected = { };
  };
  areToldTheHealthCheck = {
    expr = argumentsOf { } {
      healthcheck_path = "/health";
      healthcheck_timeout = 5;
      healthcheck_contains = "Welcome";
      backend_protocol = "fastcgi";
    };
    expected = [
      (plain "${pkgs.bash}")
      "web"
      "/health"
      "5"
      "fastcgi"
      "Welcome"
    ];
  };
  haveValuesForWhatIsRequired = {
    expr = builtins.genList (builtins.elemAt (argumentsOf { B = "mine"; } {
      required = [
        "A"
        "B"
      ];
    })) 8;
    expected = [
      (plain "${pkgs.bash}")
      "web"
      ""
      "30"
      "http"
      ""
      "A=only-for-the-test"
      "B=mine"
    ];
  };
  seeNothingButTheBundleAndItsShellAndTheQuestion = {
    expr =
      let
        test = (hop3.mkTests { package = bundle { workers.web = "x"; }; }).web;
        script = builtins.head test.args;
        question = builtins.elemAt test.args 1;
        rest = builtins.concatStringsSep " " (builtins.tail (builtins.tail test.args));
      in
      [
        test.builder
        (builtins.match ".*/[a-z0-9]{32}-start_and_fetch.sh" script != null)
        (builtins.match ".*/[a-z0-9]{32}-ask.sh" question != null)
        (builtins.attrNames (builtins.getContext rest))
      ];
    expected = [
      "${pkgs.bash}/bin/bash"
      true
      true
      [ (plain pkgs.bash.drvPath) ]
    ];
  };
}
