# One tree of packages. `modules` maps a path in the application's root to the name of a file, `links`
# a path to another such path; `base` is a tree that these are added to.
{
  pkgs,
  # What has bin/node.
  node,
  # Node with npm, node-gyp and the headers, if anything is compiled.
  tools,
  python3,
  # Where the programs are that builds run, and those that scripts of packages may call.
  scripts,
  steps,
  checkResult,
  programs,
  binOf,
  # Environment of every build.
  settings,
}:
{
  name,
  base ? "",
  files,
  modules,
  links,
  optional,
  allowScripts,
  compile,
  buildPackages,
}:
let
  byName = builtins.listToAttrs (
    map (file: {
      name = file.filename;
      value = "${file}";
    }) files
  );
  fileOf =
    path: filename:
    byName.${filename}
      or (throw "mkDeps: ${path} is to be unpacked from ${filename}, which is not among the files");
  # node-gyp before 10 is written for Python's distutils, which 3.12 has no more.
  isOld = file: builtins.match "node-gyp-[0-9][.].*" file.filename != null;
  pythonForGyp =
    if compile && builtins.any isOld files && pkgs ? python311 then
      pkgs.python311.interpreter
    else
      python3;
  make = if compile then pkgs.runCommandCC else pkgs.runCommand;
in
make name
  (
    settings
    // {
      nativeBuildInputs = [
        pkgs.patchelf
      ]
      ++ tools
      ++ [ node ]
      ++ buildPackages;
      buildInputs = if compile then buildPackages else [ ];
      spec = builtins.toJSON {
        modules = builtins.mapAttrs fileOf modules;
        base = "${base}";
        inherit
          allowScripts
          compile
          links
          optional
          ;
        shell = "${pkgs.bash}/bin/bash";
        foreign = [
          python3
          "${steps}/foreign.py"
          "${node}/bin/node"
        ];
        shebangs = [
          python3
          "${steps}/patch_shebangs.py"
          builtins.storeDir
        ];
        path = binOf programs;
      };
      passAsFile = [ "spec" ];
      # What is compiled must not remember the headers.
      disallowedReferences = tools;
    }
  )
  ''
    export HOME=$PWD
    # node-gyp is where npm has it, and a program of Python, whose headers nobody needs.
    export PATH=$PATH:${
      builtins.concatStringsSep "" (map (tool: "${tool}/lib/node_modules/npm/bin/node-gyp-bin:") tools)
    }${builtins.dirOf pythonForGyp}
    ${
      if compile then
        ''
          # Neither debugging information nor the build's directories may show in what is compiled.
          export NIX_CFLAGS_COMPILE="''${NIX_CFLAGS_COMPILE-} -g0 -ffile-prefix-map=$PWD=. ${
            builtins.concatStringsSep " " (map (tool: "-ffile-prefix-map=${tool}=/nodejs") tools)
          }"
        ''
      else
        ""
    }
    ${python3} ${scripts}/install_modules.py "$specPath" $out
    ${checkResult} $out
  ''
