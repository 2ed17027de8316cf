# Shell scripts: the tree as it is, whose scripts are told where bash is.
{ mkTree, pkgs, ... }:
{
  mkApp = arguments: mkTree (removeAttrs arguments [ "deps" ]);
  # There is nothing to lock.
  mkDeps = _: pkgs.runCommand "no-deps" { } "mkdir $out";
}
