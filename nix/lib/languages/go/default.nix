# Go: a compiler of the package set -> mkDeps (modules, the standard library and the packages of other
# modules, each unpacked or compiled once) and mkApp (the application's tree, with its build steps).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{ interpreter }:
let
  go = "${interpreter}/bin/go";
  python = programs.python3;
  # Each by itself: the standard library is to be compiled again for the first alone.
  script = name: "${programs.scriptsIn "go-scripts" ".*/${name}\\.py" ./.}/${name}.py";
  keepCache = script "keep_cache";
  layOut = script "lay_out_modules";
  compile = script "compile_imports";

  # What Go is told in every build: never to fetch, and to leave no path of a build in what it makes,
  # without which nothing that is kept would be found again.
  mkSettings =
    { environment, vendored }:
    environment
    // {
      GO111MODULE = "on";
      GOENV = "off";
      GOFLAGS = "-trimpath -buildvcs=false" + (if vendored then "" else " -mod=readonly");
      GOPROXY = "off";
      GOSUMDB = "off";
      GOTOOLCHAIN = "local";
    };

  makeWith =
    environment: if environment.CGO_ENABLED or "0" == "1" then pkgs.runCommandCC else pkgs.runCommand;

  # Go maps paths itself, and reads debugging information of what it has the C compiler make.
  prepare = ''
    export HOME=$TMPDIR GOPATH=$TMPDIR/go GOCACHE=$TMPDIR/go-cache GOMAXPROCS=$NIX_BUILD_CORES
    export NIX_CFLAGS_COMPILE=
    mkdir -p $GOCACHE
  '';

  # Copied, since Go writes times into what it finds; what is older than trim.txt says is deleted.
  use = caches: ''
    ${builtins.concatStringsSep "" (
      map (cache: ''
        cp -R ${cache}/. $GOCACHE/
        chmod -R u+w $GOCACHE
      '') caches
    )}
    date +%s >$GOCACHE/trim.txt
  '';

  # The standard library: for each compiler and way of compiling, once for all applications.
  mkStandard =
    environment:
    makeWith environment "go-std-${interpreter.version}"
      (
        mkSettings {
          inherit environment;
          vendored = false;
        }
        // {
          nativeBuildInputs = [ interpreter ];
        }
      )
      ''
        ${prepare}
        mkdir std && cd std
        printf 'module std.test\n\ngo 1.21\n' >go.mod
        ${go} build std
        ${python} ${keepCache} $GOCACHE $out
      '';

  mkDeps =
    {
      name,
      # The files of modules, each under the path that a proxy has it at.
      files ? [ ],
      src,
      # Files of the application that modules are chosen by.
      manifests ? [ ],
      # Whether they are in its vendor/.
      vendored ? false,
      # Packages to compile.
      imports ? [ ],
      # Variables of Go's own that say how code is compiled.
      environment ? { },
      # Libraries and programs that C is compiled with.
      buildPackages ? [ ],
    }:
    let
      tree = src.snapshot or src;
      settings = mkSettings { inherit environment vendored; };
      standard = mkStandard environment;

      # What Go reads of the application to know which modules these are.
      chosenBy = map (path: {
        inherit path;
        file = builtins.path {
          name = safeName 200 path;
          path = tree + "/${path}";
        };
      }) (manifests ++ (if vendored then [ "vendor" ] else [ ]));
      spec = builtins.toJSON {
        manifests = map (each: each // { file = "${each.file}"; }) chosenBy;
        modules = map (file: {
          path = file.filename;
          file = "${file}";
        }) files;
      };

      # Every module unpacked; Go itself compares each with go.sum.
      modules =
        pkgs.runCommand "${safeName 50 name}-modules"
          (
            settings
            // {
              nativeBuildInputs = [ interpreter ];
              inherit spec;
              passAsFile = [ "spec" ];
            }
          )
          ''
            ${prepare}
            ${python} ${layOut} "$specPath" $TMPDIR/app $TMPDIR/proxy
            export GOPROXY=file://$TMPDIR/proxy GOMODCACHE=$out
            cd $TMPDIR/app
            ${go} mod download
            ${go} mod verify
            find $out/cache/download '(' -name '*.zip' -o -name '*.lock' ')' -delete
          '';
      found = if files == [ ] then "$TMPDIR/no-modules" else modules;

      result =
        makeWith environment "${safeName 50 name}-deps"
          (
            settings
            // {
              nativeBuildInputs = [ interpreter ] ++ buildPackages;
              buildInputs = buildPackages;
              inherit spec;
              imports = builtins.toJSON imports;
              passAsFile = [
                "imports"
                "spec"
              ];
              passthru = {
                inherit environment settings;
                buildTools = [
                  interpreter
                  standard
                ]
                ++ (if files == [ ] then [ ] else [ modules ]);
                useIn = ''
                  ${prepare}
                  ${use [
                    standard
                    result
                  ]}
                  export GOMODCACHE=${found}
                '';
              };
            }
          )
          ''
            ${prepare}
            ${use [ standard ]}
            export GOMODCACHE=${found}
            ${python} ${layOut} "$specPath" $TMPDIR/app
            cd $TMPDIR/app
            ${python} ${compile} ${go} "$importsPath"
            ${python} ${keepCache} $GOCACHE $out ${standard}
          '';
    in
    result
    // {
      forShell = [ interpreter ];
      forShellEnvironment = { };
    };

  mkApp =
    arguments:
    mkTree (
      arguments
      // {
        tools = [ interpreter ];
        inherit (arguments.deps) settings;
        before = arguments.deps.useIn;
        buildTools = [ arguments.deps ];
        make = makeWith arguments.deps.environment;
      }
    );
in
{
  inherit mkApp mkDeps;
}
