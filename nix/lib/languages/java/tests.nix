{ hop3, pkgs }:
let
  java = hop3.java { interpreter = pkgs.jdk21_headless; };
  file =
    name:
    hop3.fetchLocked {
      inherit name;
      url = "https://index.example/${name}";
      sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
    };
  maven = "org/apache/maven/apache-maven/3.9.9/apache-maven-3.9.9-bin.zip";
  old = "org/apache/maven/apache-maven/3.8.8/apache-maven-3.8.8-bin.tar.gz";
  tomcat = "org/apache/tomcat/tomcat/10.1.1/tomcat-10.1.1.tar.gz";
  jar = "com/example/one/1.0/one-1.0.jar";
  depsWith =
    arguments:
    java.mkDeps (
      {
        name = "my app";
        files = map file [
          maven
          jar
        ];
        inherit maven;
      }
      // arguments
    );
  deps = depsWith { };
  older = depsWith {
    files = map file [
      old
      jar
    ];
    maven = old;
  };
  app = java.mkApp {
    name = "my app";
    src = ./tests.nix;
    inherit deps;
    modules = [
      "."
      "a b"
    ];
  };
  has = text: whole: builtins.length (builtins.split text whole) > 1;
in
{
  depsAreNamedAfterTheApplication = {
    expr = deps.name;
    expected = "my-app-deps";
  };
  theRepositoryHasWhatMavenIsNot = {
    expr = has "one-1.0.jar" deps.repository.given.links && !has "apache-maven" deps.repository.given.links;
    expected = true;
  };
  neitherTheJdkNorMavenNorTheRepositoryStaysInTheResult = {
    expr = map (each: each.name) app.buildTools;
    expected = [
      "jdk21"
      "maven-3.9.9"
      "my-app-repository"
    ];
  };
  mavenFindsTheRepositoryBesideItsOwn = {
    expr = deps.settings;
    expected = { };
  };
  anOldMavenIsToldOfAMirror = {
    expr = older.settings.HOP3_REPOSITORY == "${older.repository}";
    expected = true;
  };
  whatMavenMadeBeforeIsDeletedInEachModule = {
    expr = has "app '[.]' 'a b'" app.command;
    expected = true;
  };
  whoHasNoPomHasNoMaven = {
    expr = (java.mkDeps { name = "my app"; }).steps;
    expected = [ ];
  };
  aWarHasItsServer = {
    expr = map (each: has "serve-war" each.command) [
      (depsWith {
        files = map file [
          maven
          tomcat
        ];
        inherit tomcat;
      })
      deps
    ];
    expected = [
      true
      false
    ];
  };
}
