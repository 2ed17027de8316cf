# Wheels and what holds them: virtual environments made by an interpreter's own venv and pip.
{
  pkgs,
  common,
  safeName,
}:
interpreter:
let
  inherit (common) deterministic patchShebangs python3 scripts;
  pip = "${interpreter.pkgs.pip}/bin/pip";

  # A wheel for any Linux expects libstdc++, libgcc and zlib of the host. An interpreter of nixpkgs
  # has none to offer, so each library in the wheel is told where they are. An interpreter whose own
  # DT_RPATH reaches what it loads needs nothing, and rewriting would hide libraries that wheels
  # carry from one another.
  patchesWheels = !(interpreter.runsForeignWheels or false);
  forWheels =
    if patchesWheels then
      {
        nativeBuildInputs = [ pkgs.autoPatchelfHook ];
        buildInputs = [
          pkgs.stdenv.cc.cc.lib
          pkgs.zlib
        ];
        # Plug-ins for what the application does not use miss their libraries on every system.
        autoPatchelfIgnoreMissingDeps = [ "*" ];
      }
    else
      { nativeBuildInputs = [ pkgs.patchelf ]; };

  isWheel = file: builtins.match ".*\\.whl" file.filename != null;

  # What install_wheels.py reads: `wheels` are fetched, `built` are directories.
  installSpec =
    {
      python,
      wheels ? [ ],
      built ? [ ],
    }:
    builtins.toJSON {
      inherit pip python;
      wheels = map (file: {
        inherit (file) filename;
        path = "${file}";
      }) wheels;
      built = map toString built;
    };

  mkVenv =
    {
      name,
      wheels,
      built ? [ ],
    }:
    pkgs.runCommand name
      (
        deterministic
        // forWheels
        // {
          spec = installSpec {
            python = "${placeholder "out"}/bin/python3";
            inherit wheels built;
          };
          passAsFile = [ "spec" ];
          passthru = {
            inherit built interpreter wheels;
            buildTools = [ interpreter.pkgs.pip ] ++ builtins.concatMap (wheel: wheel.madeWith) built;
          };
        }
      )
      ''
        ${python3} -m venv --without-pip $out
        ${python3} ${scripts}/install_wheels.py "$specPath" $out
        ${patchShebangs} $out/bin $out/bin ${pkgs.bash}/bin
        ${
          if patchesWheels then
            "autoPatchelf $out"
          else
            # Programs that wheels bring, and libraries that would look nowhere else.
            "${python3} ${common.steps}/foreign.py ${interpreter.interpreter} $out"
        }
      '';

  # Shell that builds the wheel of `source` (a source distribution or a tree) into `out`.
  buildWheel =
    {
      source,
      buildEnv,
      crates,
      out,
    }:
    ''
      ${
        if crates.prepare == "" then
          ""
        else
          ''
            ${crates.prepare}
            export HOP3_TREE=$PWD CARGO_TARGET_DIR=$PWD/cargo-target
          ''
      }
      # Neither debugging information nor the build's directory may show in what a compiler makes.
      export NIX_CFLAGS_COMPILE="''${NIX_CFLAGS_COMPILE-} -g0 -ffile-prefix-map=$PWD=."
      # Backends and what they call are programs of that environment.
      PATH=${buildEnv}/bin:$PATH ${python3} ${scripts}/build_wheel.py ${pip} ${buildEnv}/bin/python3 ${source} ${out}
    '';

  buildSdist =
    {
      buildEnv,
      buildPackages,
      crates,
    }:
    sdist:
    pkgs.runCommandCC (safeName 100 "wheel-of-${sdist.filename}")
      (
        deterministic
        // crates.settings
        // {
          nativeBuildInputs = [ interpreter ] ++ crates.tools ++ buildPackages;
          buildInputs = buildPackages;
          passthru.madeWith = [ buildEnv ] ++ crates.buildTools;
        }
      )
      ''
        export HOME=$PWD
        ${buildWheel {
          source = sdist;
          inherit buildEnv crates;
          out = "$out";
        }}
      '';

  # The environment that wheels are built in: a build requirement that is itself a source
  # distribution is built with those that are wheels.
  mkBuildEnv =
    {
      name,
      buildFiles,
      buildPackages,
      crates,
    }:
    let
      wheels = builtins.filter isWheel buildFiles;
      sdists = builtins.filter (file: !isWheel file) buildFiles;
      first = mkVenv { inherit name wheels; };
      rest = buildSdist {
        buildEnv = first;
        inherit buildPackages crates;
      };
    in
    if sdists == [ ] then
      first
    else
      mkVenv {
        inherit name wheels;
        built = map rest sdists;
      };
in
{
  inherit
    buildSdist
    buildWheel
    installSpec
    isWheel
    mkBuildEnv
    mkVenv
    ;
}
