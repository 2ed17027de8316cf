# The application's tree with its build steps applied, which is $out/app: what the mkApp of every
# language is made of.
{
  pkgs,
  joinPath,
  programs,
  safeName,
  setEnvironment,
}:
{
  name,
  src,
  deps ? { },
  # Packages that the application has on PATH at run time.
  packages ? [ ],
  # Packages that only the build steps have on PATH.
  buildPackages ? [ ],
  # Shell command lines, run in the tree, in order.
  buildSteps ? [ ],
  # app -> the run-time environment, for the steps; `app` is where the tree will be.
  environment ? (_app: { }),

  # The rest is what a language says. Packages of the package set that the steps have on PATH before
  # all others, and directories (in the shell's words) that come before even those. What a lockfile
  # has brought is among the latter: it is in no PATH of ours, and its setup hooks are none.
  tools ? [ ],
  stepsPath ? [ ],
  # Packages of which programs of the tree may be scripts, beside `packages`.
  runs ? [ ],
  # Whether scripts of the tree are told where their interpreters are; what is published stays as
  # it is.
  patches ? true,
  # Environment of the build.
  settings ? { },
  # What `before` and `after` run with: NAME is in the file $NAMEPath, as JSON unless it is text.
  specs ? { },
  # Shell, before the build steps, after them, and when all else is done.
  before ? "",
  after ? "",
  finish ? "",
  # What is not to be in the closure of the result, beside the build tools of `deps`.
  buildTools ? [ ],
  # pkgs.runCommandCC if something is compiled.
  make ? pkgs.runCommand,
}:
let
  inherit (programs)
    checkResult
    patchShebangs
    python3
    steps
    ;
  placed = if src.directory or "" == "" then "$out/app" else "$out/tree";
  check = "${checkResult} $out ${placed} ${src}";
  variables = setEnvironment packages // environment (placeholder "out");
  searched = map (package: "${package}/bin") (runs ++ packages);
  patch = if patches then "${patchShebangs} $out/app ${toString searched}" else "";
  inText = value: if builtins.isString value then value else builtins.toJSON value;
  files = builtins.mapAttrs (_: inText) specs // {
    # The names in an environment may be anything, so they are no attributes here.
    steps = builtins.toJSON {
      steps = buildSteps;
      environment = map (variable: [
        variable
        (joinPath variables.${variable})
      ]) (builtins.attrNames variables);
    };
  };
  runSteps = ''
    (
      export PATH=${builtins.concatStringsSep "" (map (directory: "${directory}:") stepsPath)}$PATH
      cd $out/app
      ${python3} ${steps}/run_steps.py "$stepsPath" ${pkgs.bash}/bin/bash
    )
    ${check}
  '';
in
make "${safeName 50 name}-app"
  (
    {
      LANG = "C.UTF-8";
      PYTHONDONTWRITEBYTECODE = "1";
      SOURCE_DATE_EPOCH = "315532800";
    }
    // settings
    // files
    // {
      nativeBuildInputs = tools ++ packages ++ buildPackages;
      passAsFile = builtins.attrNames files;
      passthru = {
        inherit packages;
        # Its files before any build.
        source = src.original or src;
        buildTools = deps.buildTools or [ ] ++ buildTools;
      }
      // (if deps == { } then { } else { inherit deps; });
    }
  )
  ''
    export HOME=$PWD
    ${import ./place-source.nix src}
    ${before}
    # The steps may run them, and there is no /usr/bin/env.
    ${patch}
    ${if buildSteps == [ ] then "" else runSteps}
    ${after}
    ${check}
    ${patch}
    ${finish}
  ''
