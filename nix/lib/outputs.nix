# All that an expression gives, from the package that it has built.
{
  mkClosureInfo,
  mkImage,
  mkTests,
}:
{ package, env }:
{
  inherit env package;
  closureInfo = mkClosureInfo { inherit package; };
  devShell = env;
  image = mkImage { inherit package; };
  tests = mkTests { inherit package; };
}
