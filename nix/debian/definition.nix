# What the set is made of: groups.json and attributes.json beside this, and those of every folder of
# languages/. The command line reads the same files in the same way.
let
  read =
    file: if builtins.pathExists file then builtins.fromJSON (builtins.readFile file) else { };

  languages = builtins.attrNames (builtins.readDir ./languages);

  # All folders together; a name that two of them have is a mistake of whoever added the second.
  merge =
    file: own:
    builtins.foldl' (
      all: language:
      let
        more = read (./languages + "/${language}/${file}");
        twice = builtins.attrNames (builtins.intersectAttrs all more);
      in
      if twice == [ ] then
        all // more
      else
        throw "languages/${language}/${file} has what is there already: ${toString twice}"
    ) own languages;

  base = read ./groups.json;
in
{
  inherit languages;
  # Folders that every group leaves out.
  inherit (base) named prune;
  groups = merge "groups.json" base.groups;
  # Names that nixpkgs has for Debian's packages.
  aliases = read ./aliases.json;
  # What a package of Debian's has compiled in as a place below / is told by a variable instead.
  environment = read ./environment.json;
  attributes = merge "attributes.json" (read ./attributes.json);
}
