# A package set of which only documented attributes can be asked for, and which says when one is.
#   set     the whole package set
#   names   dotted names; X and Y stand for numbers
{ set, names }:
let
  inherit (builtins)
    attrNames
    attrValues
    concatLists
    elemAt
    filter
    groupBy
    isString
    length
    listToAttrs
    mapAttrs
    match
    replaceStrings
    split
    trace
    ;

  # Each way to an attribute, a list of names, and the name in the documentation.
  ways = map (name: {
    inherit name;
    way = filter isString (split "\\." name);
  }) names;
  after =
    { name, way }:
    {
      inherit name;
      way = builtins.tail way;
    };
  first = { way, ... }: elemAt way 0;
  pattern = replaceStrings [ "XX" "X" "Y" ] [ "[0-9]+" "[0-9]+" "[0-9]+" ];

  only =
    shown: value: wayBelow:
    let
      ends = filter ({ way, ... }: way == [ ]) wayBelow;
      goesOn = groupBy first (filter ({ way, ... }: way != [ ]) wayBelow);
      matching = name: filter (known: match (pattern known) name != null) (attrNames goesOn);
      below =
        name:
        let
          known = concatLists (map (key: goesOn.${key}) (matching name));
        in
        if known == [ ] then
          throw "not documented: pkgs${shown}.${name}"
        else
          only "${shown}.${name}" value.${name} (map after known);
      named = filter (name: matching name != [ ]) (attrNames value);
      documented = listToAttrs (
        map (name: {
          inherit name;
          value = below name;
        }) named
      );
    in
    if ends == [ ] then
      mapAttrs (name: _: below name) value
    else
      trace "asked for: ${(elemAt ends 0).name}" (
        if length (attrValues goesOn) == 0 then value else value // documented
      );
in
only "" set ways
