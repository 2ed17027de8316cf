# Bun: node_modules are placed as Node's are, from the same kind of files (../node/builder.nix), and
# everything that asks for node is run by Bun. `runner` has the names by which it is asked for while an
# application runs: node, and npm, pnpm and yarn as far as scripts call them. It takes bun from PATH.
{
  mkTree,
  pkgs,
  programs,
  safeName,
}:
let
  ofNode = import ../node {
    inherit
      mkTree
      pkgs
      programs
      safeName
      ;
  };
  runner =
    pkgs.runCommand "bun-script-runner"
      {
        inherit (pkgs) bash;
        words = ofNode.runner;
      }
      ''
        mkdir -p $out/bin
        # A program called node is what Bun is told by that it is to behave as Node.
        printf '%s\n' "#!$bash/bin/bash" 'exec -a node bun "$@"' >$out/bin/node
        chmod +x $out/bin/node
        for name in npm npx pnpm pnpx yarn yarnpkg; do
          ln -s $words/bin/$name $out/bin/$name
        done
      '';
in
{
  __functor =
    _:
    {
      interpreter,
      # Node with npm, node-gyp and the headers, if anything is compiled.
      toolbox ? null,
    }:
    import ../node/builder.nix
      {
        inherit
          mkTree
          pkgs
          programs
          runner
          safeName
          ;
      }
      {
        inherit interpreter toolbox;
        node = pkgs.runCommand "bun-as-node" { inherit interpreter; } ''
          mkdir -p $out/bin
          ln -s $interpreter/bin/bun $out/bin/node
        '';
      };
  inherit runner;
}
