{ hop3, pkgs }:
let
  rust = hop3.rust { interpreter = pkgs.rustc; };
  crate = hop3.fetchLocked {
    name = "one-1.0.0+a.crate";
    url = "https://crates.example/one/1.0.0/download";
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  };

  # This very folder stands for an application.
  depsWith =
    arguments:
    rust.mkDeps (
      {
        name = "my app";
        files = [ crate ];
        src = ./.;
        manifests = [ "tests.nix" ];
        builds = [ [ "--release" ] ];
        members = [ "my-app@1.0.0" ];
      }
      // arguments
    );
  appWith =
    arguments:
    rust.mkApp (
      {
        name = "my app";
        src = ./tests.nix;
        deps = depsWith { };
      }
      // arguments
    );
  json = text: builtins.fromJSON (builtins.unsafeDiscardStringContext text);
  has = text: whole: builtins.length (builtins.split text whole) > 1;
  toolsOf = result: map (tool: tool.name) result.buildTools;
in
{
  depsAreNamedAfterTheApplication = {
    expr = (depsWith { }).name;
    expected = "my-app-deps";
  };
  whatChoosesCratesIsAFileByItself = {
    expr = map (file: has "tests.nix$" file.file) (json (depsWith { }).spec).manifests;
    expected = [ true ];
  };
  aSnapshotHasTheSame = {
    expr = (depsWith { src = hop3.snapshot ./.; }).spec;
    expected = (depsWith { }).spec;
  };
  callsAndPackagesArriveAsTheyAre = {
    expr = {
      inherit (json (depsWith { }).spec) builds members;
    };
    expected = {
      builds = [ [ "--release" ] ];
      members = [ "my-app@1.0.0" ];
    };
  };
  cratesAreKnownByTheirFileNames = {
    expr = has "my-app-crates" (depsWith { }).command;
    expected = true;
  };
  aVendoredSourceIsReplacedByItsDirectoryInTheStore = {
    expr =
      let
        inherit
          (depsWith {
            files = [ ];
            vendored."ours" = "tests.nix";
          })
          command
          ;
      in
      [
        (has "[[]source.\"ours\"[]]" command)
        (has "tests.nix\"\n" command)
        (has "source.crates-io" command)
      ];
    expected = [
      true
      true
      false
    ];
  };
  noResultHasACompilerOrWhatItMade = {
    expr = [
      (toolsOf (depsWith { files = [ ]; }))
      (toolsOf (appWith { }))
    ];
    expected = [
      [
        "rustc"
        "cargo"
        "rust-tools-1.96.0"
      ]
      [
        "rustc"
        "cargo"
        "rust-tools-1.96.0"
        "my-app-crates"
        "my-app-deps"
      ]
    ];
  };
  variablesHoldForCratesAndForBuildSteps = {
    expr =
      let
        deps = depsWith { environment.OPENSSL_STATIC = "1"; };
        app = appWith { inherit deps; };
      in
      [
        deps.given.OPENSSL_STATIC
        app.given.OPENSSL_STATIC
        app.given.CARGO_NET_OFFLINE
      ];
    expected = [
      "1"
      "1"
      "true"
    ];
  };
  theLinkerIsThatOfTheSet = {
    expr = (appWith { }).given.CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER;
    expected = "cc";
  };
  aDevelopmentShellHasCompilerAndCargo = {
    expr = map (package: package.name) (depsWith { }).forShell;
    expected = [
      "rustc"
      "cargo"
    ];
  };
}
