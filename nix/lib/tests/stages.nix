# What is really built of them is tested in tests/e2e/test_stages.py.
{ hop3, pkgs }:
let
  plain = builtins.unsafeDiscardStringContext;
  source = "/source";
  app = pkgs.bash // {
    buildTools = [ pkgs.patchelf ];
  };
  deps = pkgs.nodejs_22;
  sourceIn = src: directory: hop3.sourceIn { inherit src directory; };
  stageOf =
    attributes:
    hop3.mkStage (
      {
        name = "my app-node";
        interpreter = pkgs.nodejs-slim_22;
        inherit app deps source;
      }
      // attributes
    );
  specOf = attributes: builtins.fromJSON (plain (stageOf attributes).files.given.spec);
in
{
  sourceIn = {
    saysWhichDirectoryTheFilesAreOf = {
      expr = (sourceIn ../. "tests").directory;
      expected = "tests";
    };
    isNotTheWholeTree = {
      expr = (sourceIn ../. "scripts").outPath == hop3.cleanSource ../.;
      expected = false;
    };
    hasTheWholeTreeIfItIsSeen = {
      expr =
        (hop3.sourceIn {
          src = ../.;
          directory = "tests";
          wholeTree = true;
        }).outPath;
      expected = hop3.cleanSource ../.;
    };
  };

  below = {
    isADirectoryOfTheFiles = {
      expr = hop3.below ../. "tests";
      expected = ./.;
    };
    ofASnapshotIsOne = {
      expr = hop3.below (hop3.snapshot ../.) "tests";
      expected = hop3.snapshot ./.;
    };
  };

  withStages.keepsTheDirectoryOfTheLanguage = {
    expr =
      (hop3.withStages {
        outPath = source;
        directory = "backend";
      } [ ]).directory;
    expected = "backend";
  };

  mkStage = {
    isNamedAfterIt = {
      expr = (stageOf { }).files.name;
      expected = "my-app-node-files";
    };
    looksForWhatWasMadeInTheTreeOfTheApplication = {
      expr = (specOf { }).tree;
      expected = plain "${app}/app";
    };
    looksForItAllAroundTheDirectory = {
      expr =
        (specOf {
          source = {
            outPath = source;
            directory = "frontend";
          };
        }).tree;
      expected = plain "${app}/tree";
    };
    leavesNothingOfTheLanguage = {
      expr = (stageOf { }).files.given.disallowedReferences;
      expected = [
        app
        pkgs.patchelf
        deps
        pkgs.nodejs-slim_22
      ];
    };
    leavesWhatIsKept = {
      expr = (stageOf { kept = true; }).files.given.disallowedReferences;
      expected = [
        app
        pkgs.patchelf
      ];
    };
    passesOverModulesUnlessTheyAreKept = {
      expr = map (kept: builtins.elem "node_modules" (specOf { inherit kept; }).skipped) [
        false
        true
      ];
      expected = [
        true
        false
      ];
    };
    isNoPartOfTheClosure = {
      expr = (stageOf { }).buildTools;
      expected = [
        app
        pkgs.patchelf
        deps
      ];
    };
  };

  withStages = {
    isTheSourceWithWhatEachHasMade = {
      expr =
        builtins.match ".* /source .*-files/\\. .*" (
          builtins.replaceStrings [ "\n" ] [ " " ] (
            plain (hop3.withStages source [ (stageOf { }) ]).command
          )
        ) != null;
      expected = true;
    };
  };
}
