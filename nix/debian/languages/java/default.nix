# Debian's JDKs by the names of nixpkgs.
{
  groups,
  pkgs,
  platform,
  versions,
  ...
}:
let
  # The libraries that a run time made by jlink is to find: it takes Debian's files as they were.
  mend = builtins.path {
    name = "mend-runtime.sh";
    path = ./mend_runtime.sh;
  };
  layers = [
    groups.javalibs
    groups.libraries
    groups.stdcxx
    groups.glibc
  ];

  mkJdk =
    release:
    let
      version = versions."jdk${release}_headless";
      home = "${groups."openjdk${release}"}/lib/jvm/java-${release}-openjdk-${platform.arch}";
    in
    pkgs.runCommand "openjdk-${version}"
      {
        passthru = {
          pname = "openjdk";
          inherit home version;
          hop3Runtime = {
            tools = [ groups.base ];
            mend = ''
              search=${builtins.concatStringsSep ":" (map (layer: "${layer}/${platform.libdir}") layers)} \
              loader=${groups.glibc}/${platform.loader} \
                ${pkgs.runtimeShell} ${mend} "$out"
            '';
            fonts = "${groups.javalibs}/share/fonts";
          };
        };
        meta.mainProgram = "java";
      }
      ''
        mkdir -p $out/bin
        ln -s ${home}/bin/* $out/bin
        $out/bin/java -version
      '';
in
{
  jdk17_headless = mkJdk "17";
  jdk21_headless = mkJdk "21";
  jdk25_headless = mkJdk "25";
}
