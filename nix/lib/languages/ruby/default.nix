# Ruby: an interpreter of the package set -> mkDeps (gems from locked files, laid out as Bundler does
# it, which runs in no build) and mkApp (the application's tree, with its build steps applied).
{
  pkgs,
  joinPath,
  safeName,
  setEnvironment,
}:
{ interpreter }:
let
  python3 = pkgs.python3.interpreter;
  ruby = "${interpreter}/bin/ruby";
  scriptsIn =
    name: pattern: path:
    builtins.path {
      name = "hop3-${name}";
      inherit path;
      filter = file: _type: builtins.match pattern file != null;
    };
  steps = scriptsIn "scripts" ".*\\.py" ../../scripts;
  scripts = scriptsIn "ruby-scripts" ".*\\.rb" ./.;
  patchShebangs = "${python3} ${steps}/patch_shebangs.py ${builtins.storeDir}";

  # What every program of a build is told: equal inputs, equal bytes.
  deterministic = {
    LANG = "C.UTF-8";
    PYTHONDONTWRITEBYTECODE = "1";
    SOURCE_DATE_EPOCH = "315532800";
    ZERO_AR_DATE = "1";
  };

  # A gem with a compiled library expects libstdc++ and zlib of the host. An interpreter whose own
  # DT_RPATH reaches what it loads needs nothing; one of nixpkgs has none to offer.
  patchesGems = !(interpreter.runsForeignGems or false);
  forGems =
    if patchesGems then
      {
        nativeBuildInputs = [ pkgs.autoPatchelfHook ];
        buildInputs = [
          pkgs.stdenv.cc.cc.lib
          pkgs.zlib
        ];
        # Libraries for other versions of Ruby, and plug-ins that nobody uses, miss theirs anyway.
        autoPatchelfIgnoreMissingDeps = [ "*" ];
      }
    else
      {
        nativeBuildInputs = [ ];
        buildInputs = [ ];
      };

  # Gems that the application itself has, by file name; a change of anything else of it changes
  # nothing here.
  gemsOf =
    src: vendored:
    let
      tree = src.snapshot or src;
    in
    map (filename: {
      inherit filename;
      path = builtins.path {
        name = safeName 200 filename;
        path = tree + "/${vendored.${filename}}";
      };
    }) (builtins.attrNames vendored);

  mkDeps =
    {
      name,
      # Gems that are fetched.
      files ? [ ],
      # Gems in the application's tree: file name to path in `src`.
      src ? null,
      vendored ? { },
      # Libraries and programs that gems are compiled with.
      buildPackages ? [ ],
    }:
    let
      fetched = map (file: {
        inherit (file) filename;
        path = "${file}";
      }) files;
      own = map (gem: gem // { path = "${gem.path}"; }) (gemsOf src vendored);
      result = install (fetched ++ own);

      install =
        gems:
        pkgs.runCommandCC "${safeName 50 name}-deps"
          (
            deterministic
            // forGems
            // {
              nativeBuildInputs = forGems.nativeBuildInputs ++ [ interpreter ] ++ buildPackages;
              buildInputs = forGems.buildInputs ++ buildPackages;
              spec = builtins.toJSON { inherit gems; };
              passAsFile = [ "spec" ];
              passthru.buildTools = [ ];
            }
          )
          ''
            export HOME=$PWD
            # Neither debugging information nor the build's directory may show in what is compiled.
            export NIX_CFLAGS_COMPILE="''${NIX_CFLAGS_COMPILE-} -g0 -ffile-prefix-map=$PWD=."
            ${ruby} ${scripts}/install_gems.rb "$specPath" $out
            ${patchShebangs} $out ${interpreter}/bin ${pkgs.bash}/bin ${pkgs.coreutils}/bin
            ${if patchesGems then "autoPatchelf $out" else ""}
          '';
    in
    assert
      vendored == { }
      || src != null
      || throw "mkDeps: gems of the application's own tree are in src, which is not given";
    result
    // {
      forShell = [
        result
        interpreter
      ];
      forShellEnvironment = {
        APP_ENV = "development";
        RACK_ENV = "development";
        RAILS_ENV = "development";
      };
    };

  mkApp =
    {
      name,
      src,
      deps,
      # Packages that the application has on PATH at run time.
      packages ? [ ],
      # Packages that only the build steps have on PATH.
      buildPackages ? [ ],
      # Shell command lines, run in the tree, in order.
      buildSteps ? [ ],
      # app -> the run-time environment, for the steps; `app` is where the tree will be.
      environment ? (_app: { }),
    }:
    let
      variables = setEnvironment // environment (placeholder "out");
      searched = map (package: "${package}/bin") (
        [
          deps
          interpreter
        ]
        ++ packages
      );
    in
    pkgs.runCommand "${safeName 50 name}-app"
      (
        deterministic
        // {
          nativeBuildInputs = [
            deps
            interpreter
          ]
          ++ packages
          ++ buildPackages;
          # The names in an environment may be anything, so they are no attributes here.
          steps = builtins.toJSON {
            steps = buildSteps;
            environment = map (variable: [
              variable
              (joinPath variables.${variable})
            ]) (builtins.attrNames variables);
          };
          passAsFile = [ "steps" ];
          passthru = {
            inherit deps;
            inherit (deps) buildTools;
          };
        }
      )
      ''
        export HOME=$PWD
        ${import ../../place-source.nix src}
        # They are installed; as they are, they would only make the application larger.
        rm -rf $out/app/vendor/cache
        # The steps may run them, and there is no /usr/bin/env.
        ${patchShebangs} $out/app ${toString searched}
        (cd $out/app && ${python3} ${steps}/run_steps.py "$stepsPath" ${pkgs.bash}/bin/bash)
        # What Rails keeps for the next time, with the times of files in it.
        rm -rf $out/app/tmp/cache $out/app/log/*.log
        ${patchShebangs} $out/app ${toString searched}
      '';
in
{
  inherit mkApp mkDeps;
}
