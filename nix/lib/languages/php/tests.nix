{ hop3, pkgs }:
let
  php = hop3.php { interpreter = pkgs.php84; };
  archive = hop3.fetchLocked {
    name = "psr--log-3.0.2.zip";
    url = "https://index.example/log.zip";
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  };
  deps = php.mkDeps {
    name = "my app";
    files = [ archive ];
    extensions = [ "intl" ];
  };
  appWith =
    arguments:
    php.mkApp (
      {
        name = "my app";
        src = ./tests.nix;
        inherit deps;
      }
      // arguments
    );
  installed = appWith { install = true; };
  has = text: whole: builtins.length (builtins.split text whole) > 1;
in
{
  depsAreNamedAfterTheApplication = {
    expr = deps.name;
    expected = "my-app-deps";
  };
  extensionsComeBesideThoseThatAreThereAnyway = {
    expr = deps.php.asked;
    expected = [
      "enabled"
      "intl"
    ];
  };
  theServerKnowsItsPrograms = {
    expr = {
      inherit (deps.given) bash nginx nss_wrapper;
    };
    expected = {
      inherit (pkgs) bash nginx nss_wrapper;
    };
  };
  archivesAreKnownByTheirNames = {
    expr = builtins.attrNames deps.dists;
    expected = [ "psr--log-3.0.2.zip" ];
  };
  neitherArchivesNorComposerStayInTheResult = {
    expr = installed.buildTools;
    expected = [
      archive
      pkgs.php84.packages.composer
    ];
  };
  composerInstallsWhatIsLocked = {
    expr = has "composer install --no-dev" installed.command;
    expected = true;
  };
  composerDoesNotRunWhereThereIsNothingToInstall = {
    expr = has "composer" (appWith { }).command;
    expected = false;
  };
  composerAsksNobody = {
    expr = installed.given.COMPOSER_DISABLE_NETWORK;
    expected = "1";
  };
}
