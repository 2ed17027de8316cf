# Static sites: `server`, which has bin/serve-static, and mkApp (the application's tree, with its
# build steps applied). Other languages take the server for the sites that they build.
{
  pkgs,
  joinPath,
  safeName,
  setEnvironment,
}:
let
  python3 = pkgs.python3.interpreter;
  steps = builtins.path {
    name = "hop3-scripts";
    path = ../../scripts;
    filter = file: _type: builtins.match ".*\\.py" file != null;
  };

  server =
    pkgs.runCommand "serve-static"
      {
        files = ./server;
        inherit (pkgs) bash nginx nss_wrapper;
        passthru.meta.mainProgram = "serve-static";
      }
      ''
        mkdir -p $out/bin $out/share/serve-static
        cp $files/*.conf $files/*.types $files/compressed $out/share/serve-static
        for wrapper in $nss_wrapper/lib/libnss_wrapper.so $nss_wrapper/lib/*/libnss_wrapper.so; do
          [ ! -e "$wrapper" ] || break
        done
        {
          echo "#!$bash/bin/bash"
          cat $files/serve-static.sh
        } >$out/bin/serve-static
        substituteInPlace $out/bin/serve-static \
          --replace-fail @modules@ $nginx/lib/nginx/modules \
          --replace-fail @nginx@ $nginx/bin/nginx \
          --replace-fail @store@ ${builtins.storeDir} \
          --replace-fail @wrapper@ "$wrapper"
        chmod +x $out/bin/serve-static
      '';

  mkApp =
    {
      name,
      src,
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
    in
    pkgs.runCommand "${safeName 50 name}-app"
      {
        nativeBuildInputs = packages ++ buildPackages;
        LANG = "C.UTF-8";
        SOURCE_DATE_EPOCH = "315532800";
        # The names in an environment may be anything, so they are no attributes here.
        steps = builtins.toJSON {
          steps = buildSteps;
          environment = map (variable: [
            variable
            (joinPath variables.${variable})
          ]) (builtins.attrNames variables);
        };
        passAsFile = [ "steps" ];
        passthru.buildTools = [ ];
      }
      ''
        export HOME=$PWD
        ${import ../../place-source.nix src}
        (cd $out/app && ${python3} -B ${steps}/run_steps.py "$stepsPath" ${pkgs.bash}/bin/bash)
      '';
in
{
  inherit mkApp server;
}
