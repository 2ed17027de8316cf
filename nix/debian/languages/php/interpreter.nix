# An interpreter of the set: Debian's layer with time zones from the closure, and a configuration of
# its own. What Debian has in /etc names files that are not there.
{
  base,
  cacert,
  composer,
  runCommand,
  runCommandCC,
  runtimeShell,
  tzdata,
}:
{
  # The layer of the interpreter.
  group,
  # Full version, such as 8.4.28.
  version,
  # Layers with more extensions, by their names.
  extensions,
}:
let
  parts = builtins.splitVersion version;
  release = "${builtins.elemAt parts 0}.${builtins.elemAt parts 1}";

  zones = runCommandCC "php-zones" { inherit tzdata; } ''
    mkdir -p "$out/lib"
    gcc -O2 -fPIC -shared -nostdlib -DZONEINFO="\"$tzdata/share/zoneinfo\"" ${./zones.c} \
      -o "$out/lib/libhop3zones.so"
    patchelf --remove-rpath "$out/lib/libhop3zones.so"
    strip -s "$out/lib/libhop3zones.so"
  '';

  zoned =
    runCommand "php-${version}-zoned"
      {
        inherit group zones;
        nativeBuildInputs = [ base ];
      }
      ''
        mkdir -p "$out/bin"
        for program in php php-fpm; do
          cp "$group/bin/''${program}${release}" "$out/bin/$program"
          chmod u+w "$out/bin/$program"
          patchelf --add-needed "$zones/lib/libhop3zones.so" "$out/bin/$program"
        done
        found="$("$out/bin/php" -n -r 'date_default_timezone_set("Europe/Paris"); echo date("T", 0);')"
        [ "$found" = CET ] || { echo "there are no time zones: $found" >&2 && exit 1; }
      '';

  # As nixpkgs has it: `extensions` is given those that are there in any case, and all by name.
  buildEnv =
    {
      extensions ? ({ enabled, ... }: enabled),
      extraConfig ? "",
    }:
    let
      layers = extensions {
        enabled = [ ];
        all = allExtensions;
      };
    in
    runCommand "php-${version}"
      {
        inherit
          extraConfig
          group
          layers
          zoned
          ;
        inherit cacert;
        # What others need when they are loaded.
        first = "mysqlnd opcache pdo xml igbinary msgpack";
        passAsFile = [ "extraConfig" ];
        passthru = {
          pname = "php";
          inherit buildEnv version;
          extensions = allExtensions;
          packages.composer = composerFor (buildEnv { extensions = { all, ... }: [ all.intl ]; });
        };
        meta.mainProgram = "php";
      }
      ''
        mkdir -p "$out/bin" "$out/etc/conf.d"
        for directory in "$group"/lib/php/20*; do
          echo "extension_dir = \"$directory\""
          api="''${directory##*/}"
        done >"$out/etc/conf.d/10-extensions.ini"
        for layer in "$group" $layers; do
          for library in "$layer/lib/php/$api"/*.so; do
            name="$(basename "$library" .so)"
            rank=2
            case " $first " in *" $name "*) rank=1 ;; esac
            kind=extension
            [ "$name" != opcache ] || kind=zend_extension
            echo "$rank $name $kind=$library"
          done
        done | sort -u -k1,2 | while read -r _ _ line; do echo "$line"; done \
          >>"$out/etc/conf.d/10-extensions.ini"
        cp "$group/lib/php/${release}/php.ini-production" "$out/etc/php.ini"
        cat >"$out/etc/conf.d/20-store.ini" <<EOF
        include_path = "."
        session.save_path =
        expose_php = Off
        variables_order = EGPCS
        openssl.cafile = $cacert/etc/ssl/certs/ca-bundle.crt
        curl.cainfo = $cacert/etc/ssl/certs/ca-bundle.crt
        opcache.validate_timestamps = 0
        EOF
        cp "$extraConfigPath" "$out/etc/conf.d/30-settings.ini"
        for program in php php-fpm; do
          printf '%s\n' "#!${runtimeShell}" \
            "export PHPRC=$out/etc PHP_INI_SCAN_DIR=$out/etc/conf.d\''${PHP_INI_SCAN_DIR:+:\$PHP_INI_SCAN_DIR}" \
            "exec $zoned/bin/$program \"\$@\"" >"$out/bin/$program"
          chmod +x "$out/bin/$program"
        done
        # A library that cannot be loaded is only a warning to PHP itself.
        "$out/bin/php" -d display_startup_errors=1 -m >modules 2>&1
        if grep -i -e warning -e error modules; then exit 1; fi
      '';

  allExtensions = builtins.mapAttrs (name: layer: layer // { extensionName = name; }) extensions;

  # Debian's composer names its libraries in /usr. What it prints goes through intl.
  composerFor =
    php:
    runCommand "composer"
      {
        inherit composer php;
        passthru.pname = "composer";
        meta.mainProgram = "composer";
      }
      ''
        mkdir -p "$out/bin" "$out/share"
        cp -R "$composer/share/php" "$out/share/php"
        chmod -R u+w "$out/share/php"
        for file in $(grep -rlF "'/usr/share/php/" "$out/share/php"); do
          sed -i "s#'/usr/share/php/#'$out/share/php/#g" "$file"
        done
        sed "s#'/usr/share/php/#'$out/share/php/#g; s#__DIR__ . '/../share/php#'$out/share/php#" \
          "$composer/bin/composer" >"$out/share/composer.php"
        printf '%s\n' "#!${runtimeShell}" \
          "exec \"\''${PHP:-$php/bin/php}\" -d include_path=$out/share/php $out/share/composer.php \"\$@\"" \
          >"$out/bin/composer"
        chmod +x "$out/bin/composer"
        HOME="$NIX_BUILD_TOP" "$out/bin/composer" --no-plugins --version
      '';
in
buildEnv { }
