# What it writes is tested with real closures, in tests/nix/test_outputs.py.
{ hop3, pkgs }:
let
  info = hop3.mkClosureInfo { package = pkgs.coreutils; };
in
{
  isNamedAfterThePackage = {
    expr = info.name;
    expected = "coreutils-closure-info";
  };
  isToldTheSizesByNix = {
    expr = [
      info.__structuredAttrs
      info.exportReferencesGraph.closure
    ];
    expected = [
      true
      [ pkgs.coreutils ]
    ];
  };
}
