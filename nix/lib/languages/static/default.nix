# Static sites: `server`, which has bin/serve-static. Other languages take it for the sites that they
# build; of a site that is nothing else, it is all that stands in the place of dependencies.
{ mkTree, pkgs, ... }:
let
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
in
{
  inherit server;
  mkApp = arguments: mkTree (arguments // { patches = false; });
  mkDeps = _: server;
}
