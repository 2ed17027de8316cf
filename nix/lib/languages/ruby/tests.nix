{ hop3, pkgs }:
let
  ruby = hop3.ruby { interpreter = pkgs.ruby_3_3; };
  gem = hop3.fetchLocked {
    name = "rack-3.0.gem";
    url = "https://index.example/gems/rack-3.0.gem";
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  };

  depsWith =
    arguments:
    ruby.mkDeps (
      {
        name = "my app";
        files = [ gem ];
      }
      // arguments
    );
  deps = depsWith { };
  appWith =
    arguments:
    ruby.mkApp (
      {
        name = "my app";
        src = ./tests.nix;
        inherit deps;
      }
      // arguments
    );
  json = text: builtins.fromJSON (builtins.unsafeDiscardStringContext text);
  gemsOf = made: map (each: each.filename) (json made.spec).gems;
  has = text: whole: builtins.length (builtins.split text whole) > 1;
  succeeds = value: (builtins.tryEval value).success;
  # This very folder stands for an application that has a gem in it.
  vendored = {
    src = ./.;
    vendored."left-1.0.gem" = "tests.nix";
  };
in
{
  depsAreNamedAfterTheApplication = {
    expr = deps.name;
    expected = "my-app-deps";
  };
  gemsAreInstalledUnderTheirOwnNames = {
    expr = gemsOf deps;
    expected = [ "rack-3.0.gem" ];
  };
  gemsOfTheApplicationAreInstalledBesideThose = {
    expr = gemsOf (depsWith vendored);
    expected = [
      "rack-3.0.gem"
      "left-1.0.gem"
    ];
  };
  aGemOfTheApplicationIsAPathOfItsOwn = {
    expr =
      let
        alone = depsWith (vendored // { files = [ ]; });
      in
      map (each: has "left-1.0.gem" each.path) (json alone.spec).gems;
    expected = [ true ];
  };
  aSnapshotHasGemsAsWell = {
    expr = (depsWith (vendored // { src = hop3.snapshot ./.; })).spec;
    expected = (depsWith vendored).spec;
  };
  gemsOfTheApplicationNeedItsSource = {
    expr = succeeds (depsWith { vendored."left-1.0.gem" = "left-1.0.gem"; }).name;
    expected = false;
  };
  gemsAreBuiltWithACompiler = {
    expr = [
      deps.compiler
      (depsWith { buildPackages = [ pkgs.zlib ]; }).given.buildInputs
    ];
    expected = [
      true
      [ pkgs.zlib ]
    ];
  };
  compiledGemsAreLeftAloneIfTheInterpreterLoadsThem = {
    expr = has "autoPatchelf" deps.command;
    expected = false;
  };
  compiledGemsArePatchedForOtherInterpreters = {
    expr =
      let
        patched = (hop3.ruby { interpreter = pkgs.ruby_foreign; }).mkDeps { name = "x"; };
      in
      [
        (builtins.elem pkgs.autoPatchelfHook patched.given.nativeBuildInputs)
        patched.given.buildInputs
        (has "autoPatchelf" patched.command)
      ];
    expected = [
      true
      [
        pkgs.stdenv.cc.cc.lib
        pkgs.zlib
      ]
      true
    ];
  };
  aDevelopmentShellHasTheInterpreterAsWell = {
    expr = map (package: package.name) deps.forShell;
    expected = [
      "my-app-deps"
      "ruby33"
    ];
  };
  buildStepsArriveAsTheyAre = {
    expr = (json (appWith { buildSteps = [ "echo '$x' \${y}" ]; }).steps).steps;
    expected = [ "echo '$x' \${y}" ];
  };
  anEnvironmentKnowsWhereTheApplicationWillBe = {
    expr =
      (json (appWith { environment = app: { BUNDLE_GEMFILE = "${app}/app/Gemfile"; }; }).steps)
      .environment;
    expected = [
      [
        "BUNDLE_GEMFILE"
        "${placeholder "out"}/app/Gemfile"
      ]
    ];
  };
  anApplicationNeedsNoCompiler = {
    expr = (appWith { }).compiler;
    expected = false;
  };
  theGemsThatWereInstalledAreNotThereTwice = {
    expr = has "rm -rf .out/app/vendor/cache" (appWith { }).command;
    expected = true;
  };
}
