# A program that npm's registry has whole, built by those who make it, in each version that the npm.json
# of its language lists.
{
  groups,
  pkgs,
  platform,
  wheels,
  ...
}:
{
  # What the program is called.
  pname,
  # The file that says which versions there are, and what their digests are.
  listed,
  # Where the program is in its package.
  path,
  # Other names of the program.
  alsoCalled ? [ ],
}:
let
  # The names are known without the lock, which is there only where one of them was asked for.
  names = (builtins.fromJSON (builtins.readFile listed)).versions;
in
builtins.mapAttrs (
  name: _:
  let
    file = wheels.${name};
  in
  pkgs.runCommand "${pname}-${file.version}"
    {
      inherit (file) src version;
      inherit alsoCalled path pname;
      loader = "${groups.glibc}/${platform.loader}";
      libraries = "${groups.stdcxx}/${platform.libdir}:${groups.glibc}/${platform.libdir}";
      meta.mainProgram = pname;
    }
    ''
      mkdir -p $out/bin
      program=$out/bin/$pname
      tar -xzf $src -O package/$path >$program
      chmod 755 $program
      patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" $program
      # Compiled packages bring a DT_RUNPATH, which hides the path above. What they need of the C
      # library beyond what the program needs is therefore loaded with it. Not in one go: patchelf
      # cannot.
      patchelf --add-needed libresolv.so.2 --add-needed librt.so.1 --add-needed libutil.so.1 \
        $program
      for other in $alsoCalled; do
        ln -s $pname $out/bin/$other
      done
      HOME=$TMPDIR $program --version
    ''
) names
