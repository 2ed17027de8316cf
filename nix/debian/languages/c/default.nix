# Meson is a program in Python, which Debian has among the packages of its own Python.
{ groups, pkgs, ... }:
{
  meson =
    pkgs.runCommand "meson"
      {
        inherit (groups) meson;
        passthru.meta.mainProgram = "meson";
      }
      ''
        mkdir -p $out/bin
        {
          echo "#!${pkgs.python313.interpreter}"
          echo "import sys"
          echo "sys.path.insert(0, '$meson/lib/python3/dist-packages')"
          echo "from mesonbuild import mesonmain"
          echo "sys.exit(mesonmain.main())"
        } >$out/bin/meson
        chmod +x $out/bin/meson
        $out/bin/meson --version
      '';
}
