# What is left out of a tree is tested with real trees, in tests/nix/test_lib.py.
{ hop3 }:
{
  isCalledSourceWhereverItIs = {
    expr = builtins.match ".*-source" (hop3.cleanSource ./.) != null;
    expected = true;
  };
  isTheSameForTheSameFiles = {
    expr = hop3.cleanSource ./.;
    expected = hop3.cleanSource (./. + "/../tests");
  };
}
