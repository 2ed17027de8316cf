# Deno: an interpreter of the package set -> mkDeps (Deno's own cache, made of locked files) and mkApp
# (the application's tree, with its build steps, for which Deno installs from that cache).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{ interpreter }:
let
  inherit (programs)
    checkResult
    python3
    scriptsIn
    steps
    ;
  fill = "${scriptsIn "deno-scripts" ".*\\.py" ./.}/fill_cache.py";

  mkDeps =
    {
      name,
      files ? [ ],
      # What Deno asks for -> the name of its file: by name@version, by path in JSR, by address.
      npm ? { },
      jsr ? { },
      remote ? { },
      # Address -> address.
      redirects ? { },
      buildPackages ? [ ],
    }:
    let
      byName = builtins.listToAttrs (
        map (file: {
          name = file.filename;
          value = "${file}";
        }) files
      );
      pathOf = _: filename: byName.${filename} or (throw "mkDeps: ${filename} is not among the files");
      result =
        pkgs.runCommand "${safeName 50 name}-deps"
          {
            nativeBuildInputs = [ pkgs.patchelf ];
            spec = builtins.toJSON {
              npm = builtins.mapAttrs pathOf npm;
              jsr = builtins.mapAttrs pathOf jsr;
              remote = builtins.mapAttrs pathOf remote;
              inherit redirects;
            };
            passAsFile = [ "spec" ];
            PYTHONDONTWRITEBYTECODE = "1";
          }
          ''
            ${python3} ${fill} "$specPath" ${interpreter}/bin/deno $out/deno
            ${python3} ${steps}/foreign.py ${interpreter}/bin/deno $out
            ${checkResult} $out
          '';
    in
    builtins.seq buildPackages (
      result
      // {
        forShell = [ interpreter ];
        forShellEnvironment.DENO_DIR = "${result}/deno";
      }
    );

  mkApp =
    arguments:
    mkTree (
      arguments
      // {
        tools = [ interpreter ];
        settings = {
          CI = "1";
          DENO_DIR = "${arguments.deps}/deno";
          DENO_NO_UPDATE_CHECK = "1";
          DENO_NO_PROMPT = "1";
          NO_COLOR = "1";
        };
        # Installed once: Deno would see to it, and write, whenever it starts.
        after = ''
          for config in deno.json deno.jsonc; do
            if [ -f $out/app/$config ]; then
              sed -i -E 's/("nodeModulesDir"[[:space:]]*:[[:space:]]*)("auto"|true)/\1"manual"/' \
                $out/app/$config
            fi
          done
          rm -f $out/app/node_modules/.deno/.deno.lock
        '';
      }
    );
in
{
  inherit mkApp mkDeps;
}
