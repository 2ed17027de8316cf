# What is in an image is tested with real ones, in tests/nix/test_images.py.
{ hop3, pkgs }:
let
  bundle =
    workers:
    pkgs.bash
    // {
      name = "my app";
      runtime = { inherit workers; };
      meta.version = "1.2";
    };
  specOf =
    arguments:
    builtins.fromJSON (builtins.unsafeDiscardStringContext (hop3.mkImage arguments).given.image);
  two = bundle {
    cron = "c";
    web = "w";
  };
in
{
  isNamedAfterTheApplication = {
    expr = (hop3.mkImage { package = two; }).name;
    expected = "my-app-image.tar";
  };
  startsTheWebWorker = {
    expr = (specOf { package = two; }).worker;
    expected = "web";
  };
  startsTheWorkerThatIsAskedFor = {
    expr =
      (specOf {
        package = two;
        worker = "cron";
      }).worker;
    expected = "cron";
  };
  startsTheFirstWorkerWithoutAWebOne = {
    expr =
      (specOf {
        package = bundle {
          b = "";
          a = "";
        };
      }).worker;
    expected = "a";
  };
  isTaggedWithTheVersion = {
    expr = map (arguments: (specOf (arguments // { package = two; })).tag) [
      { }
      { tag = "mine"; }
    ];
    expected = [
      "1.2"
      "mine"
    ];
  };
  isTaggedLatestWithoutAVersion = {
    expr = (specOf { package = two // { meta = { }; }; }).tag;
    expected = "latest";
  };
  refusesAWorkerThatThereIsNot = {
    expr = map (arguments: (builtins.tryEval (hop3.mkImage arguments).name).success) [
      {
        package = two;
        worker = "wbe";
      }
      { package = bundle { }; }
    ];
    expected = [
      false
      false
    ];
  };
  startsNoWorkerThatIsFiles = {
    expr =
      (specOf {
        package = bundle {
          a = "";
          b = "";
        } // {
          runtime = {
            workers = {
              a = "";
              b = "";
            };
            files = [ "a" ];
          };
        };
      }).worker;
    expected = "b";
  };
  takesANameLabelsAndAnEntryPoint = {
    expr =
      let
        spec = specOf {
          package = two;
          name = "registry.example/team/shop";
          labels.a = "b";
          entrypoint = [ "sh" ];
        };
      in
      [
        spec.name
        spec.title
        spec.labels
        spec.entrypoint
      ];
    expected = [
      "registry.example/team/shop"
      "my app"
      { a = "b"; }
      [ "sh" ]
    ];
  };
  refusesMoreLayersThanARuntimeTakes = {
    expr = map (
      maxLayers:
      (builtins.tryEval
        (hop3.mkImage {
          package = two;
          inherit maxLayers;
        }).name
      ).success
    ) [ 1 2 127 128 ];
    expected = [
      false
      true
      true
      false
    ];
  };
  refusesWhatWritesAllOverItsTree = {
    expr =
      (builtins.tryEval
        (hop3.mkImage {
          package = two // {
            runtime = two.runtime // {
              writable_tree = "tree";
            };
          };
        }).name
      ).success;
    expected = false;
  };
}
