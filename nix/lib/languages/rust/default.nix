# Rust: a compiler of the package set -> mkDeps (crates, each unpacked and compiled once) and mkApp (the
# application's tree, with its build steps).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{ interpreter }:
let
  shellWord = import ../../shell-word.nix;
  cargo = interpreter.cargo or pkgs.cargo;
  python = programs.python3;
  # Each by itself: a change of one is to compile nothing again that the other makes.
  script = name: "${programs.scriptsIn "rust-scripts" ".*/${name}\\.py" ./.}/${name}.py";
  compile = script "compile_crates";
  keep = script "keep_target";

  # What is on PATH in place of the compiler and of cargo.
  tools =
    pkgs.runCommand "rust-tools-${interpreter.version}"
      {
        rustc = "${interpreter}/bin/rustc";
        cargo = "${cargo}/bin/cargo";
      }
      ''
        mkdir -p $out/bin
        wrap() {
          { echo "#!${pkgs.bash}/bin/bash"; sed "s|@$1@|''${!1}|" "$2"; } >$out/bin/$1
          chmod +x $out/bin/$1
        }
        wrap rustc ${./rustc.sh}
        wrap cargo ${./cargo.sh}
        # Those that applications ask for by -fuse-ld, as they are faster: here is another one.
        for linker in lld mold; do
          printf '#!%s\nexec ld "$@"\n' ${pkgs.bash}/bin/bash >$out/bin/ld.$linker
          chmod +x $out/bin/ld.$linker
        done
      '';

  # Linkers and wrappers of compilers are those of a developer's machine: what they make is the same.
  platform = builtins.replaceStrings [ "-" ] [ "_" ] (
    {
      x86_64-linux = "X86_64-UNKNOWN-LINUX-GNU";
      aarch64-linux = "AARCH64-UNKNOWN-LINUX-GNU";
    }
    .${pkgs.stdenv.hostPlatform.system}
  );
  settings = {
    CARGO_INCREMENTAL = "0";
    CARGO_NET_OFFLINE = "true";
    "CARGO_TARGET_${platform}_LINKER" = "cc";
    RUSTC = "${tools}/bin/rustc";
    RUSTC_WORKSPACE_WRAPPER = "";
    RUSTC_WRAPPER = "";
    SQLX_OFFLINE = "true";
  };

  # Crates, unpacked, and what has cargo look for them there alone, whatever the application's own
  # configuration has: `prepare` is shell, to be run with `settings` and `tools`.
  mkCrates =
    {
      name,
      # Each called NAME-VERSION.crate.
      files ? [ ],
      # Or directories that stand for a source of crates, by its name.
      directories ? { },
    }:
    let
      # All of them, also those for other systems, as cargo wants to know of each.
      crates =
        pkgs.runCommand "${safeName 50 name}-crates"
          {
            list = builtins.concatStringsSep "" (map (file: "${file} ${file.filename}\n") files);
            passAsFile = [ "list" ];
          }
          ''
            mkdir $out
            while read -r file name; do
              tar -xzf "$file" -C $out --no-same-owner
              sum="$(sha256sum "$file")"
              printf '{"files":{},"package":"%s"}' "''${sum%% *}" \
                >"$out/''${name%.crate}/.cargo-checksum.json"
            done <"$listPath"
          '';
      found =
        if directories != { } then
          builtins.head (builtins.attrValues directories)
        else if files == [ ] then
          "/none"
        else
          crates;
      ofSource = source: ''
        [source.${builtins.toJSON source}]
        directory = "${directories.${source}}"
      '';
      config =
        if directories != { } then
          builtins.concatStringsSep "" (map ofSource (builtins.attrNames directories))
        else
          ''
            [source.crates-io]
            replace-with = "hop3-nix"
            [source.hop3-nix]
            directory = "${found}"
          '';
    in
    {
      inherit settings;
      tools = [
        interpreter
        cargo
      ];
      buildTools = [
        interpreter
        cargo
        tools
      ]
      ++ (if files == [ ] then [ ] else [ crates ]);
      prepare = ''
        export CARGO_HOME=$TMPDIR/cargo-home CARGO_BUILD_JOBS=$NIX_BUILD_CORES
        export HOP3_CARGO_CONFIG=$CARGO_HOME/config.toml HOP3_CRATES=${found}
        export PATH=${tools}/bin:$PATH
        export NIX_CFLAGS_COMPILE="''${NIX_CFLAGS_COMPILE-} -ffile-prefix-map=$HOP3_CRATES=/crates"
        mkdir -p $CARGO_HOME
        printf '%s' ${shellWord config} >$HOP3_CARGO_CONFIG
      '';
    };

  mkDeps =
    {
      name,
      # Crates, each called NAME-VERSION.crate.
      files ? [ ],
      src,
      # Files of the application that cargo chooses crates by.
      manifests ? [ ],
      # Files that its targets begin in.
      entries ? [ ],
      # Packages of its own that crates of others depend on.
      directories ? [ ],
      # Its own packages, NAME@VERSION.
      members ? [ ],
      # Arguments of each `cargo build`.
      builds ? [ ],
      # Directories of the application that stand for a source of crates, by its name.
      vendored ? { },
      # Variables that say how crates are compiled.
      environment ? { },
      # Libraries and programs that they are compiled with.
      buildPackages ? [ ],
    }:
    let
      tree = src.snapshot or src;
      taken = path: {
        inherit path;
        file = "${builtins.path {
          name = safeName 200 path;
          path = tree + "/${path}";
        }}";
      };
      crates = mkCrates {
        inherit name files;
        directories = builtins.mapAttrs (_: path: (taken path).file) vendored;
      };
      superseded = map (path: "$out/app/${shellWord path}") (builtins.attrValues vendored);

      result =
        pkgs.runCommandCC "${safeName 50 name}-deps"
          (
            settings
            // environment
            // {
              nativeBuildInputs = crates.tools ++ buildPackages;
              buildInputs = buildPackages;
              spec = builtins.toJSON {
                inherit builds entries members;
                manifests = map taken manifests;
                directories = map taken directories;
              };
              passAsFile = [ "spec" ];
              passthru = {
                settings = settings // environment;
                inherit (crates) buildTools;
                useIn = ''
                  ${crates.prepare}
                  export HOP3_TREE=$out/app CARGO_TARGET_DIR=$out/app/target
                  rm -rf $CARGO_TARGET_DIR ${toString superseded}
                  cp -R --preserve=timestamps ${result} $CARGO_TARGET_DIR
                  chmod -R u+w $CARGO_TARGET_DIR
                '';
              };
            }
          )
          ''
            export HOME=$TMPDIR HOP3_TREE=$TMPDIR/tree CARGO_TARGET_DIR=$out
            ${crates.prepare}
            ${python} ${compile} ${tools}/bin/cargo "$specPath" $HOP3_TREE
          '';
    in
    result
    // {
      forShell = [
        interpreter
        cargo
      ];
      forShellEnvironment = { };
    };

  mkApp =
    arguments:
    mkTree (
      arguments
      // {
        tools = [
          interpreter
          cargo
        ];
        stepsPath = [ "${tools}/bin" ];
        # What crates were compiled with, the application is linked with.
        settings = arguments.deps.settings // {
          buildInputs = arguments.buildPackages or [ ];
        };
        before = arguments.deps.useIn;
        after = "${python} -B ${keep} $out/app/target";
        buildTools = [ arguments.deps ];
        make = pkgs.runCommandCC;
      }
    );
in
{
  inherit mkApp mkCrates mkDeps;
}
