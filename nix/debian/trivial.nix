# nixpkgs' trivial builders, as far as nix/lib uses them.
{
  stdenv,
  stdenvNoCC,
  shell,
}:
let
  runWith =
    env: name: attrs: command:
    env.mkDerivation (
      {
        inherit name;
        buildCommand = command;
        passAsFile = [ "buildCommand" ] ++ attrs.passAsFile or [ ];
      }
      // removeAttrs attrs [ "passAsFile" ]
    );

  runCommand = runWith stdenvNoCC;

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
    }:
    runCommand name
      {
        inherit text executable destination;
        passAsFile = [ "text" ];
      }
      ''
        target="$out$destination"
        mkdir -p "$(dirname "$target")"
        cp "$textPath" "$target"
        if [ -n "$executable" ]; then
          chmod +x "$target"
        fi
      '';
in
{
  inherit runCommand writeTextFile;
  runCommandLocal = runCommand;
  runCommandCC = runWith stdenv;

  writeText = name: text: writeTextFile { inherit name text; };
  writeScript =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
    };
  writeShellScript =
    name: text:
    writeTextFile {
      inherit name;
      text = "#!${shell}\n${text}";
      executable = true;
    };
  writeShellScriptBin =
    name: text:
    writeTextFile {
      inherit name;
      text = "#!${shell}\n${text}";
      executable = true;
      destination = "/bin/${name}";
    };

  symlinkJoin =
    {
      name,
      paths,
      postBuild ? "",
      ...
    }@attrs:
    runCommand name
      (
        removeAttrs attrs [
          "name"
          "postBuild"
        ]
        // {
          inherit paths;
          passAsFile = [ "paths" ];
        }
      )
      ''
        mkdir -p "$out"
        for path in $(<"$pathsPath"); do
          (cd "$path" && find . -type d -exec mkdir -p "$out/{}" \;)
          (cd "$path" && find . ! -type d -print0) | while IFS= read -r -d "" file; do
            if [ ! -e "$out/$file" ]; then
              ln -s "$path/''${file#./}" "$out/$file"
            fi
          done
        done
        ${postBuild}
      '';

  makeSetupHook =
    {
      name,
      substitutions ? { },
    }:
    script:
    runCommand name substitutions ''
      mkdir -p "$out/nix-support"
      substitute ${script} "$out/nix-support/setup-hook" ${
        builtins.concatStringsSep " " (
          map (variable: "--subst-var ${variable}") (builtins.attrNames substitutions)
        )
      }
    '';
}
