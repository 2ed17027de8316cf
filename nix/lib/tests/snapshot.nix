# What a snapshot keeps is tested with real trees, in tests/nix/test_lib.py.
{ hop3 }:
{
  isTheSameAsATreeWithoutLitter = {
    expr = hop3.cleanSource (hop3.snapshot ./.);
    expected = hop3.cleanSource ./.;
  };
}
