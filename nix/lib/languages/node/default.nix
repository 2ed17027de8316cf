# Node: a function of an interpreter (builder.nix), which has `runner` beside it: npm, pnpm, yarn and
# bun as far as the scripts of applications call them. It takes node from PATH.
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
let
  runner =
    pkgs.runCommand "node-script-runner"
      {
        inherit (pkgs) bash;
        call = ./runner/call.sh;
        program = programs.scriptsIn "node-runner" ".*\\.js" ./runner;
      }
      ''
        mkdir -p $out/bin
        {
          echo "#!$bash/bin/bash"
          cat $call
        } >$out/bin/npm
        substituteInPlace $out/bin/npm \
          --replace-fail @bash@ $bash/bin/bash \
          --replace-fail @program@ $program/main.js
        chmod +x $out/bin/npm
        for name in npx pnpm pnpx yarn yarnpkg bun bunx; do
          ln -s npm $out/bin/$name
        done
      '';
in
{
  __functor =
    _:
    import ./builder.nix {
      inherit
        mkTree
        pkgs
        programs
        runner
        safeName
        ;
    };
  inherit runner;
}
