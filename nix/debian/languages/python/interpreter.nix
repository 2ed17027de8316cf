# An interpreter of the set, with the attributes that nixpkgs gives its interpreters.
{
  cacert,
  platform,
  runCommand,
}:
{
  # The layer of the interpreter, of the same as a library, of its headers, and of the wheels that
  # Debian's ensurepip uses.
  group,
  library,
  headers,
  wheels,
  # Full version, such as 3.13.5.
  version,
}:
let
  parts = builtins.splitVersion version;
  pythonVersion = "${builtins.elemAt parts 0}.${builtins.elemAt parts 1}";
  libPrefix = "python${pythonVersion}";
  interpreter = "${group}/bin/${libPrefix}";

  # Apart from the interpreter, as only who compiles something needs it: headers, the interpreter as
  # a library to be embedded, and its sysconfig with the places of both instead of Debian's.
  dev =
    runCommand "${libPrefix}-headers"
      {
        inherit
          group
          headers
          libPrefix
          library
          ;
        inherit (platform) libdir triple;
        shortVersion = pythonVersion;
      }
      ''
        mkdir -p "$out/nix-support" "$out/$libdir"
        ln -s "$headers/include" "$out/include"
        for file in "$library/$libdir"/libpython*.so*; do
          ln -s "$file" "$out/$libdir"
        done
        ln -s "$library/$libdir/libpython$shortVersion.so.1.0" \
          "$out/$libdir/libpython$shortVersion.so"
        ln -s "$headers/$libdir/pkgconfig" "$out/$libdir"
        # The part that reads this file stays behind.
        sed "/^# What is for compiling/,\$d" "$group/lib/$libPrefix/_sysconfigdata__$triple.py" \
          >"$out/sysconfig.py"
        substituteInPlace "$out/sysconfig.py" \
          --replace-quiet "/usr/lib/$triple" "$out/$libdir" \
          --replace-quiet "/usr/lib/$libPrefix/config" "$headers/lib/$libPrefix/config" \
          --replace-quiet "'LIBDIR': '/usr/lib'" "'LIBDIR': '$out/$libdir'" \
          --replace-quiet /usr/include "$headers/include" \
          --replace-quiet "/usr/bin/" ""
        cat >"$out/nix-support/setup-hook" <<HOOK
        export NIX_CFLAGS_COMPILE="\''${NIX_CFLAGS_COMPILE-} -isystem $headers/include/$libPrefix"
        export NIX_SYSCONFIG_${builtins.replaceStrings [ "." ] [ "_" ] "PYTHON${pythonVersion}"}="$out/sysconfig.py"
        HOOK
      '';

  pip =
    runCommand "${libPrefix}-pip"
      {
        inherit cacert interpreter wheels;
        sitePackages = "lib/${libPrefix}/site-packages";
      }
      ''
        mkdir -p "$out/bin" "$out/$sitePackages"
        for wheel in "$wheels"/share/python-wheels/pip-*.whl; do
          unzip -q "$wheel" -d "$out/$sitePackages"
        done
        # Debian's looks for the host's certificates as soon as it starts.
        substituteInPlace "$out/$sitePackages/pip/_vendor/certifi/core.py" \
          --replace-fail /etc/ssl/certs/ca-certificates.crt "$cacert/etc/ssl/certs/ca-bundle.crt"
        # Whoever runs it as root would write these into the store.
        "$interpreter" -m compileall -q --invalidation-mode unchecked-hash "$out/$sitePackages"
        {
          echo "#!$interpreter -IB"
          substitute ${./pip.py} /dev/stdout --subst-var-by site "$out/$sitePackages" | cat
        } >"$out/bin/pip"
        chmod +x "$out/bin/pip"
        ln -s pip "$out/bin/pip3"
      '';
in
group
// {
  pname = "python3";
  inherit
    dev
    interpreter
    libPrefix
    pythonVersion
    version
    ;
  executable = libPrefix;
  sitePackages = "lib/${libPrefix}/site-packages";
  implementation = "cpython";
  # Its DT_RPATH holds for what it loads, so that compiled wheels find their libraries unpatched.
  runsForeignWheels = true;
  isPy3 = true;
  meta.mainProgram = libPrefix;
  pkgs = { inherit pip; };
}
