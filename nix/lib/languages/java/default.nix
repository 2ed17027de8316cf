# Java: a JDK of the package set -> mkDeps (a run time without a compiler, which all applications with
# that JDK share, and what is locked as Maven takes it) and mkApp (the application's tree, with its
# build steps).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{ interpreter }:
let
  inherit (pkgs) coreutils;
  runtimeShell = "${pkgs.bash}/bin/bash";
  shellWord = import ../../shell-word.nix;
  python = programs.python3;
  # Each by itself: a run time is made again for its own alone.
  script = name: "${programs.scriptsIn "java-scripts" ".*/${name}\\.py" ./.}/${name}.py";
  server = builtins.path {
    name = "hop3-java-server";
    path = ./server;
  };
  home = interpreter.home or "${interpreter}/lib/openjdk";
  # What a package set adds to a run time that is made of its JDK.
  ours = interpreter.hop3Runtime or { };

  # All of Java SE, and of the JDK what servers use and name nowhere: jdeps of an application tells
  # neither of TLS by elliptic curves nor of locales.
  modules = builtins.concatStringsSep "," [
    "java.se"
    "jdk.charsets"
    "jdk.crypto.cryptoki"
    "jdk.crypto.ec"
    "jdk.dynalink"
    "jdk.httpserver"
    "jdk.jcmd"
    "jdk.jfr"
    "jdk.localedata"
    "jdk.management"
    "jdk.management.agent"
    "jdk.naming.dns"
    "jdk.net"
    "jdk.nio.mapmode"
    "jdk.sctp"
    "jdk.security.auth"
    "jdk.security.jgss"
    "jdk.unsupported"
    "jdk.xml.dom"
    "jdk.zipfs"
  ];

  # The archive of classes has the time of what it is made from, which in the store is 1.
  runtime =
    pkgs.runCommand "java-runtime-${interpreter.version}"
      {
        nativeBuildInputs = ours.tools or [ ];
        disallowedReferences = [ interpreter ];
      }
      ''
        export LANG=C.UTF-8
        ${home}/bin/jlink --add-modules ${modules} --strip-java-debug-attributes --no-header-files \
          --no-man-pages --add-options=-XX:MaxRAMPercentage=75 --output $out
        ${ours.mend or ""}
        rm -f $out/lib/security/cacerts
        ${python} ${script "make_cacerts"} ${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt \
          $out/lib/security/cacerts
        touch -d @1 $out/lib/modules
        $out/bin/java -Xshare:dump >/dev/null
      '';

  mkDeps =
    {
      name,
      # Files of a repository, each under the path that it has there.
      files ? [ ],
      # Which of them is Maven itself; empty if it builds nothing.
      maven ? "",
      # Which of them runs a WAR.
      tomcat ? "",
      # Programs of the build steps alone, which nothing here is made with.
      buildPackages ? [ ],
    }:
    let
      isFile = path: file: file.filename == path;
      archiveOf = path: builtins.head (builtins.filter (isFile path) files);
      used = builtins.filter (file: file.filename != maven && file.filename != tomcat) files;

      repository =
        pkgs.runCommand "${safeName 50 name}-repository"
          {
            links = builtins.concatStringsSep "\n" (map (file: "${file.filename} ${file}") used);
            passAsFile = [ "links" ];
          }
          ''
            ${python} ${script "link_repository"} "$linksPath" $out
          '';

      unpack =
        path:
        if builtins.match ".*[.]zip" path == null then
          "tar xzf ${archiveOf path}"
        else
          "unzip -q ${archiveOf path}";
      versionOf = path: baseNameOf (dirOf path);
      # From 3.9 on Maven reads a second repository as it is; before, it copies from a mirror.
      hasTail = builtins.compareVersions (versionOf maven) "3.9" >= 0;
      options =
        if hasTail then
          "--offline -Dmaven.repo.local=$NIX_BUILD_TOP/m2 -Dmaven.repo.local.tail=${repository}"
        else
          "-s ${mirrored} -Dmaven.repo.local=$NIX_BUILD_TOP/m2";
      mirrored = builtins.toFile "settings.xml" ''
        <settings><mirrors><mirror><id>locked</id><mirrorOf>*</mirrorOf>
        <url>file://''${env.HOP3_REPOSITORY}</url></mirror></mirrors></settings>
      '';

      building =
        pkgs.runCommand "maven-${versionOf maven}"
          {
            nativeBuildInputs = [ pkgs.unzip ];
            inherit options;
          }
          ''
            mkdir -p $out/bin
            cd $out
            ${unpack maven}
            mv apache-maven-* maven
            chmod +x maven/bin/mvn
            {
              echo "#!${runtimeShell}"
              cat ${./mvn.sh}
            } >bin/mvn
            substituteInPlace bin/mvn \
              --replace-fail @jdk@ ${home} \
              --replace-fail @maven@ $out/maven \
              --replace-fail @options@ "$options"
            substituteInPlace maven/bin/mvn --replace-fail '#!/bin/sh' '#!${runtimeShell}'
            chmod +x bin/mvn
          '';

      running = pkgs.runCommand "tomcat-${versionOf tomcat}" { } ''
        mkdir $out
        tar xzf ${archiveOf tomcat} --strip-components=1 -C $out
        cd $out
        rm -rf webapps temp work logs bin/*.bat bin/*.sh bin/*.gz *.txt *.md LICENSE NOTICE
        cp ${server}/server.xml ${server}/context.xml conf
      '';
      serving = ''
        {
          echo "#!${runtimeShell}"
          echo "PATH=${coreutils}/bin\''${PATH:+:\$PATH}"
          cat ${server}/serve-war.sh
        } >$out/bin/serve-war
        substituteInPlace $out/bin/serve-war \
          --replace-fail @java@ $out/bin/java \
          --replace-fail @tomcat@ ${running}
        chmod +x $out/bin/serve-war
      '';
    in
    pkgs.runCommand "${safeName 50 name}-deps"
      {
        fonts = ours.fonts or "${pkgs.dejavu_fonts}/share/fonts";
        passthru = {
          inherit repository;
          steps = if maven == "" then [ ] else [ "${building}/bin" ];
          settings = if hasTail then { } else { HOP3_REPOSITORY = "${repository}"; };
          buildTools = [
            interpreter
          ]
          ++ (
            if maven == "" then
              [ ]
            else
              [
                building
                repository
              ]
          );
          forShell = [
            interpreter
          ]
          ++ (if maven == "" then [ ] else [ building ]);
          forShellEnvironment = { };
        };
      }
      ''
        mkdir -p $out/bin $out/etc
        ln -s ${runtime} $out/jre
        ln -s ${runtime}/bin/* $out/bin
        printf '%s\n' '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">' \
          "<fontconfig><dir>$fonts</dir><cachedir prefix=\"xdg\">fontconfig</cachedir></fontconfig>" \
          >$out/etc/fonts.conf
        ${if tomcat == "" then "" else serving}
      '';

  mkApp =
    {
      # Directories that Maven makes a target/ in.
      modules ? [ ],
      ...
    }@arguments:
    let
      inherit (arguments) deps;
      clean =
        options:
        if modules == [ ] then
          ""
        else
          "${python} ${script "clean_modules"} ${options} $out/app ${toString (map shellWord modules)}";
    in
    mkTree (
      removeAttrs arguments [ "modules" ]
      // {
        tools = [ interpreter ];
        stepsPath = deps.steps;
        inherit (deps) settings;
        before = clean "";
        after = clean "--made";
      }
    );
in
{
  inherit mkApp mkDeps;
}
