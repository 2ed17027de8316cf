# What is fetched, or is a package of the package set, and is only put in its place: mkDeps (bin/, and
# app/ or package/, whichever there is) and mkApp (the application's own files, over those of the
# deps layer if it runs in a copy of them).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
let
  inherit (programs) python3 scriptsIn;
  scripts = scriptsIn "prebuilt-scripts" ".*\\.py" ./.;
  phpFor =
    attribute:
    import ../php {
      inherit
        mkTree
        pkgs
        programs
        safeName
        ;
    } { interpreter = find attribute; };

  # The package of an attribute such as jdk17 or postgresql.lib.
  find =
    attribute:
    builtins.foldl' (
      set: part:
      set.${part}
        or (throw "the package set has no ${attribute}; another one may have it: --pkgs nixpkgs")
    ) pkgs (builtins.filter builtins.isString (builtins.split "\\." attribute));
in
{
  mkDeps =
    {
      name,
      # The file that is fetched, if there is one.
      files ? [ ],
      install ? { },
      package ? "",
      php ? "",
      extensions ? [ ],
      links ? [ ],
      buildPackages ? [ ],
    }:
    let
      interpreter = (phpFor php).mkDeps { inherit name extensions; };
      linked = map find links ++ (if php == "" then [ ] else [ interpreter ]);
      wrapped = if package == "" then [ ] else [ (find package) ];
    in
    pkgs.runCommand "${safeName 50 name}-deps"
      {
        nativeBuildInputs = [ pkgs.unzip ];
        spec = builtins.toJSON install;
        passAsFile = [ "spec" ];
        passthru = {
          buildTools = files;
          forShell = linked ++ wrapped;
          forShellEnvironment = { };
        };
      }
      ''
        mkdir -p $out/bin
        ${builtins.concatStringsSep "\n" (
          map (file: "${python3} ${scripts}/install.py \"$specPath\" ${file} $out") files
        )}
        for package in ${toString wrapped}; do
          ln -s $package $out/package
        done
        for package in ${toString (linked ++ wrapped)}; do
          for program in $package/bin/* $package/bin/.[!.]*; do
            [ ! -e "$program" ] || ln -sf "$program" $out/bin/
          done
        done
      '';

  mkApp =
    {
      overlay ? "",
      directories ? [ ],
      ...
    }@arguments:
    mkTree (
      removeAttrs arguments [
        "directories"
        "overlay"
      ]
      // {
        patches = false;
        specs = { inherit directories; };
        before =
          if overlay == "" then
            ""
          else
            ''
              ${python3} ${scripts}/overlay.py ${arguments.deps}/${overlay} $out/app "$directoriesPath"
            '';
      }
    );
}
