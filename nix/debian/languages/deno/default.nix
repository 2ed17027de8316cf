# Deno's own builds, which npm's registry has; npm.json says which, and what their digests are.
{
  groups,
  pkgs,
  platform,
  wheels,
  ...
}:
let
  # Their names are known without the lock, which is there only where one of them was asked for.
  names = (builtins.fromJSON (builtins.readFile ./npm.json)).versions;
in
builtins.mapAttrs (
  name: _:
  let
    file = wheels.${name};
  in
  pkgs.runCommand "deno-${file.version}"
    {
      inherit (file) src version;
      pname = "deno";
      loader = "${groups.glibc}/${platform.loader}";
      libraries = "${groups.stdcxx}/${platform.libdir}:${groups.glibc}/${platform.libdir}";
      meta.mainProgram = "deno";
    }
    ''
      mkdir -p $out/bin
      tar -xzf $src -O package/deno >$out/bin/deno
      chmod 755 $out/bin/deno
      patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" $out/bin/deno
      # Compiled packages bring a DT_RUNPATH, which hides the path above. What they need of the C
      # library beyond what Deno needs is therefore loaded with it. Not in one go: patchelf cannot.
      patchelf --add-needed libresolv.so.2 --add-needed librt.so.1 --add-needed libutil.so.1 \
        $out/bin/deno
      HOME=$TMPDIR $out/bin/deno --version
    ''
) names
