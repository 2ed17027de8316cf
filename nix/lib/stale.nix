# The names of the files that are not what an expression was rendered from: changed, gone or new.
#
# Looked at where they stand, so that nothing of it is in what is built.
{
  # The application's tree, as the expression takes it.
  src,
  # The digest of each file that was read, by its path; the name of the expression is not among them.
  digests,
}:
let
  # Those that are read wherever they are, so that one that is there now is new.
  looked = [
    "Procfile"
    "hop3.toml"
    "hop3/Procfile"
    "hop3/hop3.toml"
  ];
  isAnother =
    name: sha256:
    !(builtins.pathExists (src + "/${name}"))
    || builtins.hashFile "sha256" (src + "/${name}") != sha256;
  isNew = name: !(digests ? ${name}) && builtins.pathExists (src + "/${name}");
in
if src ? snapshot then
  [ ]
else
  builtins.filter (name: isAnother name digests.${name}) (builtins.attrNames digests)
  ++ builtins.filter isNew looked
