# The shell command that copies an application's files to where its build steps run: $out/app.
#
# The files of a stage may stand in a directory, from which others can be reached by `..`; $out/app
# is then a link to it.
src:
let
  shellWord = import ./shell-word.nix;
in
if src.directory or "" == "" then
  ''
    mkdir $out
    cp -R ${src} $out/app
    chmod -R u+w $out/app
  ''
else
  ''
    mkdir $out
    cp -R ${src} $out/tree
    chmod -R u+w $out/tree
    ln -s ${shellWord "tree/${src.directory}"} $out/app
  ''
