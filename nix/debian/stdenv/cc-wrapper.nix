# gcc as the build environment calls it. A script per name; the linker and the rest are linked in.
{
  coreutils,
  runCommand,
  shell,
  gcc,
  glibc,
  stdcxx,
  platform,
}:
runCommand "gcc-wrapper"
  {
    inherit coreutils gcc shell;
    inherit (platform) triple;
    stdcxx = "${stdcxx}/${platform.libdir}";
    glibc = "${glibc}/${platform.libdir}";
    loader = "${glibc}/${platform.loader}";
    script = ./cc-wrapper.sh;
    passthru = {
      cc = gcc;
      isGNU = true;
    };
  }
  ''
    mkdir -p "$out/bin"
    for path in "$gcc"/bin/*; do
      name="''${path##*/}"
      case "$name" in
        # Any name of a compiler driver: gcc, g++-12, x86_64-linux-gnu-cpp, ...
        cc | c++ | gcc | gcc-[0-9]* | g++ | g++-[0-9]* | cpp | cpp-[0-9]*) wrap=yes ;;
        "$triple"-gcc | "$triple"-gcc-[0-9]* | "$triple"-g++ | "$triple"-g++-[0-9]*) wrap=yes ;;
        *) wrap=no ;;
      esac
      if [ "$wrap" = yes ]; then
        {
          echo "#!$shell"
          substitute "$script" /dev/stdout \
            --subst-var-by program "$name" \
            --subst-var coreutils \
            --subst-var-by sysroot "$gcc" \
            --subst-var-by loader "$loader" \
            --subst-var-by stdcxx "$stdcxx" \
            --subst-var-by glibc "$glibc" | cat
        } >"$out/bin/$name"
        chmod +x "$out/bin/$name"
      else
        ln -s "$path" "$out/bin/$name"
      fi
    done
    # Debug information and the build directory's name stay out of what is compiled.
    mkdir "$out/nix-support"
    echo "export NIX_CFLAGS_COMPILE=\"\''${NIX_CFLAGS_COMPILE-} -g0 -ffile-prefix-map=\$NIX_BUILD_TOP=.\"" \
      >"$out/nix-support/setup-hook"
  ''
