# All that an expression gives, from the package that it has built. If the files have changed that it
# was rendered from, whatever is asked for says so, once.
{
  mkClosureInfo,
  mkImage,
  mkTests,
}:
{
  package,
  env,
  # { src, digests }, as ./stale.nix takes them: what it was rendered from.
  rendered ? null,
}:
let
  stale = if rendered == null then [ ] else import ./stale.nix rendered;
  message =
    "hop3.nix was rendered from another ${builtins.concatStringsSep ", " stale}; "
    + "write it again: hop3-nix render -o hop3.nix";

  # One value for all outputs: it is traced when it is first asked for.
  said = if stale == [ ] then null else builtins.trace "warning: ${message}" null;
  saying = builtins.mapAttrs (_: builtins.seq said);
in
saying {
  inherit env package;
  closureInfo = mkClosureInfo { inherit package; };
  devShell = env;
  image = mkImage { inherit package; };
  # The same with arguments of mkImage, in JSON: --argstr imageOptions '{"tag": "nightly"}'.
  imageWith =
    {
      imageOptions ? "{}",
    }:
    mkImage ({ inherit package; } // builtins.fromJSON imageOptions);
  tests = mkTests { inherit package; };
}
// {
  # What a flake has to pass: nothing if the expression is current.
  current = if stale == [ ] then { } else { current = throw message; };
}
