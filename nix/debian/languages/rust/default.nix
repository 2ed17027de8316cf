# Debian's compilers by the names of nixpkgs, each with its own cargo beside it.
{ groups, versions, ... }:
let
  mkCompiler =
    attribute: group:
    group
    // {
      pname = "rustc";
      version = versions.${attribute};
      meta.mainProgram = "rustc";
      cargo = group;
    };

  rustc = mkCompiler "rustc" groups.rust;
in
{
  inherit rustc;
  inherit (rustc) cargo;
  rustc_1_85 = mkCompiler "rustc_1_85" groups.rust185;
}
