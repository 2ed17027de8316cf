# Where a program finds the libraries of the packages that an application names, which it may load
# by their bare names: LD_LIBRARY_PATH, if there are any beside what every application has.
{ pkgs }:
packages:
let
  always = map toString [
    pkgs.bash
    pkgs.coreutils
  ];
  named = builtins.filter (package: !(builtins.elem (toString package) always)) packages;
  triple = builtins.head (builtins.split "-" pkgs.stdenv.hostPlatform.system) + "-linux-gnu";
  foldersOf =
    package:
    let
      lib = package.lib or package.out or package;
    in
    [ "${lib}/lib" ] ++ (if package.hasMultiarch or false then [ "${lib}/lib/${triple}" ] else [ ]);
in
if named == [ ] then { } else { LD_LIBRARY_PATH = builtins.concatMap foldersOf named; }
