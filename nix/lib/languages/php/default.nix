# PHP: an interpreter of the package set -> mkDeps (that interpreter with the extensions that the
# application asks for, and nginx in front of php-fpm) and mkApp (the application's tree, with what
# composer.lock has in vendor/, and its build steps applied).
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
{ interpreter }:
let
  inherit (programs) scriptsIn;
  server = builtins.path {
    name = "hop3-php-server";
    path = ./server;
  };
  scripts = scriptsIn "php-scripts" ".*\\.php" ./.;

  mkDeps =
    {
      name,
      # Archives of packages, as composer.lock has them.
      files ? [ ],
      # Extensions beside those that the interpreter has in any case.
      extensions ? [ ],
      # Lines of php.ini.
      settings ? [ ],
      # Programs of the build steps alone, which nothing here is made with.
      buildPackages ? [ ],
    }:
    let
      phpWith =
        names:
        interpreter.buildEnv {
          extensions = { enabled, all }: enabled ++ map (extension: all.${extension}) names;
          extraConfig = builtins.concatStringsSep "\n" settings;
        };
      php = phpWith extensions;
      dists = builtins.listToAttrs (
        map (file: {
          name = file.filename;
          value = "${file}";
        }) files
      );
    in
    pkgs.runCommand "${safeName 50 name}-deps"
      {
        inherit php server;
        inherit (pkgs)
          bash
          coreutils
          nginx
          nss_wrapper
          ;
        types = ../static/server/mime.types;
        passthru = {
          inherit dists php;
          # Composer itself needs intl for what it prints.
          composing = phpWith (extensions ++ (if builtins.elem "intl" extensions then [ ] else [ "intl" ]));
          buildTools = files;
          composer = interpreter.packages.composer;
          forShell = [ php ];
          forShellEnvironment = { };
        };
      }
      ''
        mkdir -p $out/bin $out/share/serve-php
        ln -s $php/bin/php $php/bin/php-fpm $out/bin
        cp $server/*.conf $out/share/serve-php
        cp $types $out/share/serve-php/mime.types
        for wrapper in $nss_wrapper/lib/libnss_wrapper.so $nss_wrapper/lib/*/libnss_wrapper.so; do
          [ ! -e "$wrapper" ] || break
        done
        {
          echo "#!$bash/bin/bash"
          echo "PATH=$coreutils/bin\''${PATH:+:\$PATH}"
          cat $server/serve-php.sh
        } >$out/bin/serve-php
        substituteInPlace $out/bin/serve-php \
          --replace-fail @fpm@ $php/bin/php-fpm \
          --replace-fail @nginx@ $nginx/bin/nginx \
          --replace-fail @php@ $php/bin/php \
          --replace-fail @wrapper@ "$wrapper"
        chmod +x $out/bin/serve-php
        ln -s serve-php $out/bin/heroku-php-nginx
        ln -s serve-php $out/bin/heroku-php-apache2
      '';

  mkApp =
    {
      # Whether composer installs what composer.lock has: with the plugins that the application
      # allows, and its scripts.
      install ? false,
      ...
    }@arguments:
    let
      inherit (arguments) deps;
      composed = [
        deps.composer
        pkgs.unzip
      ];
    in
    mkTree (
      removeAttrs arguments [ "install" ]
      // {
        tools = [ deps.php ] ++ (if install then composed else [ ]);
        runs = [ deps.php ];
        buildTools = if install then [ deps.composer ] else [ ];
        settings = {
          COMPOSER_ALLOW_SUPERUSER = "1";
          COMPOSER_CACHE_READ_ONLY = "1";
          COMPOSER_DISABLE_NETWORK = "1";
          COMPOSER_NO_INTERACTION = "1";
        };
        specs = if install then { inherit (deps) dists; } else { };
        before =
          if install then
            ''
              export COMPOSER_HOME=$PWD/composer COMPOSER_CACHE_DIR=$PWD/composer-cache
              mkdir -p "$COMPOSER_HOME"
              (
                cd $out/app
                export PHP=${deps.composing}/bin/php
                if [ -e composer.lock ]; then
                  "$PHP" -d include_path=${deps.composer}/share/php \
                    ${scripts}/fill_cache.php ${deps.composer}/share/php "$distsPath"
                  composer install --no-dev --no-progress
                else
                  composer dump-autoload --no-dev
                fi
              )
            ''
          else
            "";
      }
    );
in
{
  inherit mkApp mkDeps;
}
