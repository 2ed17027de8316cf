# Ruby: an interpreter of the package set -> mkDeps (gems from locked files, laid out as Bundler does
# it, which runs in no build) and mkApp (the application's tree, with its build steps applied).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{ interpreter }:
let
  inherit (programs) checkResult patchShebangs scriptsIn;
  ruby = "${interpreter}/bin/ruby";
  scripts = scriptsIn "ruby-scripts" ".*\\.rb" ./.;

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
        nativeBuildInputs = [ pkgs.patchelf ];
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
            ${checkResult} $out
            ${patchShebangs} $out ${interpreter}/bin ${pkgs.bash}/bin ${pkgs.coreutils}/bin
            ${if patchesGems then "autoPatchelf $out" else "${programs.python3} ${programs.steps}/foreign.py ${ruby} $out"}
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
    arguments:
    mkTree (
      arguments
      // {
        tools = [ interpreter ];
        stepsPath = [ "${arguments.deps}/bin" ];
        runs = [
          arguments.deps
          interpreter
        ];
        settings = deterministic;
        # They are installed; as they are, they would only make the application larger.
        before = "rm -rf $out/app/vendor/cache";
        # What Rails keeps for the next time, with the times of files in it.
        after = "rm -rf $out/app/tmp/cache $out/app/log/*.log";
      }
    );
in
{
  inherit mkApp mkDeps;
}
