# Rendered by hop3-nix 0.1.0 from the application's source and its lockfile.
#
#   build it         nix-build hop3.nix -A package
#   start and ask it nix-build hop3.nix -A tests
#   an OCI image     nix-build hop3.nix -A image
#   work on the app  nix-shell hop3.nix -A env
#   render it again  hop3-nix render -o hop3.nix   (changes made here by hand are lost)
{
  pkgs ? import ./hop3-nix/debian { },
  hop3 ? import ./hop3-nix/lib { inherit pkgs; },
  src ? ./.,
}:
let
  language = hop3.java {
    interpreter = pkgs.jdk21_headless;
  };

  deps = language.mkDeps {
    name = "hello-java";
    files = [ ];
  };

  app = language.mkApp {
    name = "hello-java";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
    buildSteps = [ "javac -d classes src/Web.java" ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    LANG = "C.UTF-8";
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
    FONTCONFIG_FILE = "${deps}/etc/fonts.conf";
    JAVA_HOME = "${deps}/jre";
  };

  package = hop3.mkBundle {
    name = "hello-java";
    description = "A web application in Java, built by hop3-nix";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${deps}/bin"
        "${pkgs.bash}/bin"
        "${pkgs.coreutils}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "java -cp classes Web";
      };
      healthcheck_path = "/";
    };
  };
in
hop3.mkOutputs {
  inherit package;

  # What this was rendered from: whoever builds it is told when that has changed.
  rendered = {
    inherit src;
    digests = {
      Procfile = "ff3c3535c3c419990831da197c15876cd27a716bd1d0b1f2ae5994e48a507aa0";
      "hop3.toml" = "01814516381a349d42cc617d3fd59f16ab9184e1b4c1f03a2a805f0a43fe9235";
    };
  };

  env = hop3.mkEnv {
    name = "hello-java";
    packages = [
      deps
      pkgs.bash
      pkgs.coreutils
    ];
    inherit environment;
  };
}
